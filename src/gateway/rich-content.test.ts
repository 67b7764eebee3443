import assert from "node:assert/strict";
import test, { type TestContext } from "node:test";
import { insertFile } from "#storage/files.ts";
import { openDoors } from "#test/doors.ts";
import { gif, page, pdf, png, testLinks } from "#test/file-scene.ts";

const fileId = "0197F3A2B4C57E6F8091A0B1C2D3E4F7";
const dayMs = 86_400_000;

async function withFile(t: TestContext, contentType: string, content: Uint8Array) {
	const doors = await openDoors(t);
	const { storage, clock, app } = doors;
	const file = { id: fileId, contentType, filename: "a b.png", content, createdBy: null, expiresAt: null };
	await storage.write((tx) => insertFile(tx, { ...file, createdAt: clock.now() }));
	const kept = { fileId, contentType, filename: "a b.png", size: content.length };
	const [given] = testLinks.given([kept], clock.now()) ?? [];
	const path = new URL(given?.url ?? "").pathname;
	const call = (url: string, method: "GET" | "HEAD" | "POST" = "GET") => app.inject({ method, url });
	return { ...doors, path, call };
}

test("a provider fetches the file by its address alone, with headers under which nothing in it can run", async (t) => {
	const { path, call } = await withFile(t, "image/png", png);
	const answer = await call(path);
	assert.equal(answer.statusCode, 200);
	assert.deepEqual(answer.rawPayload, png);
	const { headers } = answer;
	assert.deepEqual(
		[headers["content-type"], headers["content-length"], headers["content-disposition"]],
		["image/png", String(png.length), 'inline; filename="a_b.png"'],
	);
	assert.match(String(headers["content-security-policy"]), /^sandbox; default-src 'none';/);
	assert.deepEqual(
		[headers["x-content-type-options"], headers["cache-control"], headers["set-cookie"]],
		["nosniff", "private, no-store", undefined],
	);
	const head = await call(path, "HEAD");
	assert.deepEqual(
		[head.statusCode, head.headers["content-length"], head.rawPayload.length],
		[200, String(png.length), 0],
	);
	assert.equal((await call(`${path}?x=1&x=2`)).statusCode, 200, "what a provider adds changes nothing");
});

for (const [what, contentType, content] of [
	["a page", "text/html", page],
	["an SVG", "image/svg+xml", Buffer.from("<svg xmlns='http://www.w3.org/2000/svg' onload='x()'/>")],
	["a PDF", "application/pdf", pdf],
	["a page that is kept as a picture", "image/png", page],
	["a picture kept as another", "image/png", gif],
] as const) {
	test(`${what} is never shown in place`, async (t) => {
		const { path, call } = await withFile(t, contentType, content);
		const { headers } = await call(path);
		assert.match(String(headers["content-disposition"]), /^attachment;/);
		assert.match(String(headers["content-security-policy"]), /^sandbox; default-src 'none'/);
	});
}

test("whatever is not there is answered alike: wrong, changed, over, deleted", async (t) => {
	const { path, call, clock, storage } = await withFile(t, "image/png", png);
	const [, , , token = "", name = ""] = path.split("/");
	const changed = `${token.slice(0, -2)}${token.endsWith("A") ? "B" : "A"}${token.at(-1)}`;
	const answers = [
		await call(`/sms/richcontent/x/${name}`),
		await call(`/sms/richcontent/${changed}/${name}`),
		await call(`/sms/richcontent/${token}/other.png`),
		await call(`/sms/richcontent/${token}/..%2f..%2fetc%2fpasswd`),
		await call(`/sms/richcontent/${"A".repeat(54)}/${name}`),
	];
	clock.advance(7 * dayMs + 3_600_000);
	answers.push(await call(path));
	clock.advance(-7 * dayMs - 3_600_000);
	assert.equal((await call(path)).statusCode, 200);
	await storage.db.deleteFrom("files").execute();
	answers.push(await call(path));
	const seen = answers.map(({ statusCode, body }) => {
		const { correlationId: _id, ...problem } = JSON.parse(body) as Record<string, unknown>;
		return JSON.stringify([statusCode, problem]);
	});
	assert.equal(new Set(seen).size, 1, seen.join("\n"));
	assert.match(seen[0] ?? "", /^\[404,/);
	assert.equal((await call(path, "POST")).statusCode, 405);
});

test("an upload that ran out is not given, though nobody deleted it yet", async (t) => {
	const { path, call, clock, storage } = await withFile(t, "image/png", png);
	await storage.db.updateTable("files").set({ expires_at: clock.now().getTime() }).execute();
	assert.equal((await call(path)).statusCode, 404);
});
