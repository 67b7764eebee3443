// How many points an image will have when a browser draws it, by its header alone: a file of some kilobytes can ask for
// gigabytes. Pure. Undefined: it is no image that is known here, or its header is not where it belongs.

export type ImageSize = { width: number; height: number };

/** Safari on iOS draws no more than 16.7 million points, cameras of telephones give up to 50: nobody sends more to chat. */
export const imagePointsMax = 50_000_000;
/** The size lies within these bytes, or is taken for unknown. Segments before a JPEG's have up to 64 KiB each. */
export const imageHeaderBytes = 512 * 1024;

/** Why the file is not taken; undefined: it is no image, or a small enough one. */
export function tooManyPoints(bytes: Uint8Array): string | undefined {
	const size = imageSizeOf(bytes);
	return size === undefined || size.width * size.height <= imagePointsMax
		? undefined
		: `An image may have ${imagePointsMax / 1_000_000} megapixels; this one has ${size.width} × ${size.height} points.`;
}

/** @param bytes all of the file, or its beginning */
export function imageSizeOf(bytes: Uint8Array): ImageSize | undefined {
	const view = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.byteLength, imageHeaderBytes));
	try {
		const { width, height } = sizeIn(view) ?? { width: 0, height: 0 };
		return width > 0 && height > 0 ? { width, height } : undefined;
	} catch (error) {
		if (error instanceof RangeError) {
			return undefined; // It ends before its header does.
		}
		throw error;
	}
}

function sizeIn(file: Buffer): ImageSize | undefined {
	const is = (at: number, mark: string): boolean => file.toString("latin1", at, at + mark.length) === mark;
	if (is(0, "\x89PNG\r\n\x1a\n") && is(12, "IHDR")) {
		return { width: file.readUInt32BE(16), height: file.readUInt32BE(20) }; // PNG specification, section 11.2.1.
	}
	if (is(0, "GIF87a") || is(0, "GIF89a")) {
		return { width: file.readUInt16LE(6), height: file.readUInt16LE(8) }; // GIF89a, section 18.
	}
	if (is(0, "RIFF") && is(8, "WEBP")) {
		return webpSize(file, file.toString("latin1", 12, 16));
	}
	return is(0, "\xff\xd8\xff") ? jpegSize(file) : undefined;
}

/** RFC 9649: section 2.7.1 for extended files, RFC 6386 section 9.1 for lossy ones, section 3.4 for lossless ones. */
function webpSize(file: Buffer, chunk: string): ImageSize | undefined {
	switch (chunk) {
		case "VP8X":
			return { width: file.readUIntLE(24, 3) + 1, height: file.readUIntLE(27, 3) + 1 };
		case "VP8 ":
			return { width: file.readUInt16LE(26) & 0x3fff, height: file.readUInt16LE(28) & 0x3fff };
		case "VP8L": {
			const bits = file.readUInt32LE(21);
			return { width: (bits & 0x3fff) + 1, height: ((bits >>> 14) & 0x3fff) + 1 };
		}
		default:
			return undefined;
	}
}

/** The first frame header, SOF0 to SOF15 without DHT, JPG and DAC (ITU-T T.81, table B.1 and section B.2.2). */
function jpegSize(file: Buffer): ImageSize | undefined {
	let at = 2;
	while (file.readUInt8(at) === 0xff) {
		const marker = file.readUInt8(at + 1);
		if (marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc) {
			return { width: file.readUInt16BE(at + 7), height: file.readUInt16BE(at + 5) };
		}
		// 0xFF before a marker fills; every other segment tells its length.
		at += marker === 0xff ? 1 : 2 + file.readUInt16BE(at + 2);
	}
	return undefined;
}
