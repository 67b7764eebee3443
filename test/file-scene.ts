// What tests need about files: limits, addresses under a key of the test's own, and small files that are what they say.

import { createHmac } from "node:crypto";
import { fileLinks, type Mac } from "#gateway/file-links.ts";

/** As the key ring's: each piece with its length before it. */
export const testMac: Mac = (purpose, ...pieces) => {
	const mac = createHmac("sha256", `key of ${purpose}`);
	for (const piece of pieces) {
		mac.update(`${Buffer.byteLength(piece)} `).update(piece);
	}
	return mac.digest();
};

export const fileSettings = {
	attachments: { bytesMax: 100_000, types: ["image/*", "application/pdf", "text/plain"] },
	retention: { publicAttachmentDays: 7 },
};

export const testLinks = fileLinks(testMac, {
	publicBaseUrl: "https://parley.example",
	basePath: "",
	...fileSettings,
});

/** A picture of one point. */
export const png = Buffer.from(
	"iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
	"base64",
);
/** The header of one, with as many points on each side. */
export const pngOf = (side: number): Buffer => {
	const file = Buffer.from(png);
	file.writeUInt32BE(side, 16);
	file.writeUInt32BE(side, 20);
	return file;
};
export const gif = Buffer.from("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7", "base64");
export const pdf = Buffer.from("%PDF-1.4\n%%EOF\n", "latin1");
export const page = Buffer.from("<!doctype html><script>alert(1)</script>", "utf8");
