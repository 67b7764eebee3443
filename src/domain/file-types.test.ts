import assert from "node:assert/strict";
import test from "node:test";
import { gif, page, pdf, png } from "#test/file-scene.ts";
import {
	essenceOf,
	isAsNamed,
	isCovered,
	isHonest,
	isShownInPlace,
	plainFilename,
	typeOfFile,
	typeOfName,
	typeShownBy,
} from "./file-types.ts";

const jpeg = Buffer.from([0xff, 0xd8, 0xff, 0xe0, 0, 16]);
const webp = Buffer.from("RIFF\x10\0\0\0WEBPVP8 ", "latin1");

test("bytes show what they are, and only that", () => {
	const shown = [png, jpeg, gif, webp, pdf].map(typeShownBy);
	assert.deepEqual(shown, ["image/png", "image/jpeg", "image/gif", "image/webp", "application/pdf"]);
	for (const bytes of [page, Buffer.alloc(0), png.subarray(0, 7), png.subarray(1), Buffer.from("RIFF....WAVE")]) {
		assert.equal(typeShownBy(bytes), undefined);
	}
});

test("what a file shows outranks what is said of it, and nothing passes for an image that shows none", () => {
	const rows: [claimed: string | undefined, bytes: Buffer, type: string][] = [
		["image/jpeg", png, "image/png"],
		["text/html", gif, "image/gif"],
		[undefined, pdf, "application/pdf"],
		["image/png", page, "application/octet-stream"],
		["IMAGE/JPG; q=1", page, "application/octet-stream"],
		["text/plain; charset=utf-8", page, "text/plain"],
		["audio/mp3", Buffer.from("ID3"), "audio/mpeg"],
		["no type", page, "application/octet-stream"],
		[undefined, page, "application/octet-stream"],
	];
	for (const [claimed, bytes, type] of rows) {
		assert.equal(typeOfFile(claimed, bytes), type, claimed);
	}
	assert.deepEqual(
		[isHonest("image/png", png), isHonest("image/png", jpeg), isHonest("text/plain", pdf)],
		[true, false, false],
	);
});

test("the ending says what a file is, and what is claimed may not contradict it", () => {
	const rows: [filename: string, claimed: string | undefined, type: string | undefined][] = [
		["invoice.pdf", "application/octet-stream", "application/pdf"],
		["a.PNG", "", "image/png"],
		["a.png", "image/svg+xml", undefined],
		["a.jpg", "image/png", undefined],
		["a.jpeg", "image/jpg", "image/jpeg"],
		["a.txt", "text/html", undefined],
		["a.csv", "application/vnd.ms-excel", "text/csv"],
		[
			"a.docx",
			"application/wps-office.docx",
			`application/vnd.openxmlformats-officedocument.wordprocessingml.document`,
		],
		["a.stl", "model/stl", "model/stl"],
		["a.stl", undefined, "application/octet-stream"],
		["constructor", undefined, "application/octet-stream"],
	];
	for (const [filename, claimed, type] of rows) {
		assert.equal(typeOfName(filename, claimed), type, filename);
	}
	const program = Buffer.from("MZ\x90\0", "latin1");
	for (const filename of ["a.pdf", "a.png", "a.docx", "a.zip"]) {
		assert.ok(!isAsNamed(filename, typeOfName(filename, undefined) ?? "", program), filename);
	}
	assert.ok(isAsNamed("a.pdf", "application/pdf", pdf));
	assert.ok(isAsNamed("a.zip", "application/zip", Buffer.from("PK\x03\x04")));
	assert.ok(isAsNamed("a.stl", "application/octet-stream", program), "nothing is known of such files");
	assert.ok(!isAsNamed("a.txt", "text/plain", pdf));
});

test("a media type is read strictly", () => {
	assert.equal(essenceOf(" Text/Plain ; charset=x"), "text/plain");
	for (const wrong of [
		undefined,
		"",
		"text",
		"text/",
		"/plain",
		"text/pl ain",
		"text/plain\r\nx: y",
		"a/b/c",
		`a/${"b".repeat(200)}`,
	]) {
		assert.equal(essenceOf(wrong), undefined, wrong);
	}
});

test("a star covers its kind, and not its neighbours", () => {
	assert.ok(isCovered("image/png", ["image/*"]));
	assert.ok(isCovered("Application/PDF", ["application/pdf"]));
	assert.ok(isCovered("a/b", ["*/*"]));
	assert.ok(!isCovered("imagery/png", ["image/*"]));
	assert.ok(!isCovered("image/png", []));
});

test("no page, script or document is shown in place", () => {
	for (const type of [
		"text/html",
		"image/svg+xml",
		"application/pdf",
		"text/xml",
		"application/xhtml+xml",
		"text/plain",
	]) {
		assert.ok(!isShownInPlace(type), type);
	}
	assert.ok(isShownInPlace("image/png"));
});

test("a file name is nothing but a name", () => {
	const rows: [given: string | undefined, type: string, name: string][] = [
		["../../etc/passwd", "text/plain", "_.._etc_passwd"],
		["C:\\temp\\a.exe", "image/png", "C_temp_a.exe"],
		[".htaccess", "image/png", "htaccess"],
		["a\r\nSet-Cookie: x.png", "image/png", "aSet-Cookie_ x.png"],
		["gpj.\u202eexe", "image/png", "gpj.exe"],
		["Grüße 👋.pdf", "application/pdf", "Grüße 👋.pdf"],
		["\ud800", "image/png", "file.png"],
		["", "image/jpeg", "file.jpg"],
		[undefined, "application/zip", "file"],
		["\0", "application/pdf", "file.pdf"],
	];
	for (const [given, type, name] of rows) {
		assert.equal(plainFilename(given, type), name, given);
	}
	const long = plainFilename(`${"👋".repeat(300)}.jpeg`, "image/jpeg");
	assert.equal(Array.from(long).length, 120);
	assert.ok(long.endsWith("👋.jpeg"));
});
