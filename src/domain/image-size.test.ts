import assert from "node:assert/strict";
import test from "node:test";
import fc from "fast-check";
import { gif, pdf, png, pngOf } from "#test/file-scene.ts";
import { imageSizeOf, tooManyPoints } from "./image-size.ts";

const bytes = (...parts: readonly (string | readonly number[])[]) =>
	Buffer.concat(parts.map((part) => (typeof part === "string" ? Buffer.from(part, "latin1") : Buffer.from(part))));

const app = bytes([0xff, 0xe1, 0, 6], "Exif");
const jpeg = (...before: Buffer[]) =>
	Buffer.concat([bytes([0xff, 0xd8]), ...before, bytes([0xff, 0xc2, 0, 17, 8, 0x01, 0x02, 0x03, 0x04, 3])]);
const riff = (...parts: readonly (string | readonly number[])[]) => bytes("RIFF\0\0\0\0WEBP", ...parts);
const images: readonly [name: string, file: Buffer, size: [number, number] | undefined][] = [
	["PNG", png, [1, 1]],
	["GIF", gif, [1, 1]],
	["JPEG", jpeg(), [0x0304, 0x0102]],
	["JPEG behind segments and fill bytes", jpeg(app, app, bytes([0xff, 0xff])), [0x0304, 0x0102]],
	["JPEG with tables of Huffman before", jpeg(bytes([0xff, 0xc4, 0, 2])), [0x0304, 0x0102]],
	["lossy WebP", riff("VP8 ", [0, 0, 0, 0, 0, 0, 0, 0x9d, 0x01, 0x2a, 0x90, 0x41, 0x2c, 0x01]), [400, 300]],
	["lossless WebP", riff("VP8L", [0, 0, 0, 0, 0x2f, 0x8f, 0xc1, 0x4a, 0]), [400, 300]],
	["extended WebP", riff("VP8X", [0, 0, 0, 0, 0, 0, 0, 0, 0x8f, 1, 0, 0x2b, 1, 0]), [400, 300]],
	["PDF", pdf, undefined],
	["nothing", Buffer.alloc(0), undefined],
	["PNG without a size", pngOf(0), undefined],
	["PNG that is cut", png.subarray(0, 18), undefined],
	["JPEG that is cut", jpeg(app).subarray(0, 12), undefined],
	["JPEG with rubbish between segments", jpeg(bytes([0, 0])), undefined],
];
for (const [name, file, size] of images) {
	test(`${name}: ${size?.join(" × ") ?? "no size"}`, () => {
		const found = imageSizeOf(file);
		assert.deepEqual(found === undefined ? undefined : [found.width, found.height], size);
	});
}

test("50,000 × 50,000 points are too many, in whatever few bytes", () => {
	assert.match(tooManyPoints(pngOf(50_000)) ?? "", /50 megapixels; this one has 50000 × 50000/);
	assert.equal(tooManyPoints(pngOf(7071)), undefined);
	assert.match(tooManyPoints(pngOf(7072)) ?? "", /megapixels/);
	assert.equal(tooManyPoints(pdf), undefined);
});

test("any bytes behind any mark have a size or none, and never throw", () => {
	const starts = images.map(([, file]) => file.subarray(0, 16));
	fc.assert(
		fc.property(fc.constantFrom(...starts), fc.uint8Array({ maxLength: 200 }), (start, rest) => {
			const size = imageSizeOf(Buffer.concat([start, rest]));
			assert.ok(size === undefined || (size.width > 0 && size.height > 0));
		}),
	);
});
