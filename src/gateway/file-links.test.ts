import assert from "node:assert/strict";
import test from "node:test";
import { SecretsLocked } from "#platform/secret-box.ts";
import { fileSettings, testLinks, testMac } from "#test/file-scene.ts";
import { fileLinks } from "./file-links.ts";

const fileId = "0197F3A2B4C57E6F8091A0B1C2D3E4F7";
const file = { fileId, contentType: "image/png", filename: "Grüße an/alle.png", size: 3 };
const now = new Date("2026-01-02T12:20:00.000Z");
const dayMs = 86_400_000;

function addressAt(at: Date, over: Partial<typeof file> = {}): string {
	const [given] = testLinks.given([{ ...file, ...over }], at) ?? [];
	return given?.url ?? "";
}

function partsOf(address: string): [token: string, name: string] {
	const [, token = "", name = ""] =
		/^https:\/\/parley\.example\/sms\/richcontent\/([\w-]+)\/([\w.-]+)$/.exec(address) ?? [];
	return [token, name];
}

test("an address opens its file, for as long as the setting says, and a repeated attempt names the same one", () => {
	const [token, name] = partsOf(addressAt(now));
	assert.equal(testLinks.fileAt(token, name, now), fileId);
	assert.equal(testLinks.fileAt(token, name, new Date(now.getTime() + 7 * dayMs)), fileId);
	assert.equal(testLinks.fileAt(token, name, new Date(now.getTime() + 7 * dayMs + 3_600_000)), undefined);
	assert.equal(addressAt(now), addressAt(new Date(now.getTime() + 1_800_000)));
	assert.notEqual(addressAt(now), addressAt(new Date(now.getTime() + 3_600_000)));
});

test("no changed bit, no other name and no other spelling opens anything", () => {
	const [token, name] = partsOf(addressAt(now));
	const bytes = Buffer.from(token, "base64url");
	for (let bit = 0; bit < bytes.length * 8; bit++) {
		const changed = Buffer.from(bytes);
		changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
		assert.equal(testLinks.fileAt(changed.toString("base64url"), name, now), undefined, `bit ${bit}`);
	}
	for (const other of [
		`${token}=`,
		` ${token}`,
		`${token}A`,
		token.slice(0, -1),
		bytes.toString("base64"),
		"",
		"..",
		fileId,
	]) {
		assert.equal(other === token ? undefined : testLinks.fileAt(other, name, now), undefined, other);
	}
	assert.equal(testLinks.fileAt(token, `${name}.html`, now), undefined);
	const foreign = fileLinks((_purpose, ...pieces) => testMac("another", ...pieces), {
		publicBaseUrl: "",
		basePath: "",
		...fileSettings,
	});
	assert.equal(foreign.fileAt(token, name, now), undefined);
});

test("other attachments stay as they are; without the key ring there is no address", () => {
	const elsewhere = { url: "https://files.example/1.png" };
	const [first, second] = testLinks.given([elsewhere, file], now) ?? [];
	assert.equal(first, elsewhere);
	assert.deepEqual(second, { url: addressAt(now), contentType: "image/png", filename: file.filename });
	const locked = fileLinks(
		() => {
			throw new SecretsLocked();
		},
		{ publicBaseUrl: "", basePath: "", ...fileSettings },
	);
	assert.equal(locked.given([file], now), undefined);
	assert.deepEqual(locked.given([elsewhere], now), [elsewhere]);
});

test("names in addresses are plain, whatever the file is called", () => {
	for (const filename of ["💣", "../..", "a b?c#d%2f.pdf", "x".repeat(500), "…"]) {
		const [token, name] = partsOf(addressAt(now, { filename }));
		assert.ok(name.length > 0 && name.length <= 80 && !name.startsWith("."), filename);
		assert.equal(testLinks.fileAt(token, name, now), fileId);
	}
});
