import assert from "node:assert/strict";
import test, { type TestContext } from "node:test";
import { deleteOld } from "#storage/retention.ts";
import { type CmiStage, claimSends, openCmi } from "#test/cmi-stage.ts";
import { fileSettings, gif, page, pdf, png, pngOf } from "#test/file-scene.ts";
import { onBothDialects } from "#test/storage-on-both.ts";

type File = {
	id: string;
	contentType: string;
	filename: string;
	size: number;
	sha256: string;
	expiresAt: string | null;
};
const dayMs = 86_400_000;
const retention = { requestDays: 30, messageDays: 365, quarantineDays: 7, eventDays: 30 };

type Upload = { bytes?: Uint8Array; type?: string | undefined; query?: string; headers?: Record<string, string> };

async function upload({ app }: CmiStage, who: string, given: Upload = {}) {
	const { bytes = png, query = "", headers = {} } = given;
	const type = "type" in given ? given.type : "image/png";
	const answer = await app.inject({
		method: "POST",
		url: `/RI/cmi/attachments${query}`,
		headers: { authorization: `Bearer ${who}`, ...(type === undefined ? {} : { "content-type": type }), ...headers },
		payload: Buffer.from(bytes),
	});
	return {
		status: answer.statusCode,
		headers: answer.headers,
		body: JSON.parse(answer.body) as File & { code?: string },
	};
}

function download({ app }: CmiStage, who: string, id: string) {
	return app.inject({ url: `/RI/cmi/attachments/${id}`, headers: { authorization: `Bearer ${who}` } });
}

function send(stage: CmiStage, attachments: object[], over: object = {}) {
	const body = { service: stage.serviceId, to: "+4915112345", attachments, ...over };
	return stage.call("agent", { method: "POST", api: "/messages", body });
}

test("a file is uploaded as it is, and its own again only for who made it, as long as no message has it", async (t) => {
	const stage = await openCmi(t);
	stage.grants.set("colleague", stage.grants.get("agent") ?? []);
	const { status, body, headers } = await upload(stage, "agent", { query: "?filename=..%2FGr%C3%BC%C3%9Fe.png" });
	assert.equal(status, 201);
	assert.deepEqual([body.contentType, body.filename, body.size], ["image/png", "_Grüße.png", png.length]);
	assert.equal(headers["location"], `/RI/cmi/attachments/${body.id}`);
	const mine = await download(stage, "agent", body.id);
	assert.deepEqual([mine.statusCode, mine.rawPayload], [200, png]);
	assert.equal(
		mine.headers["content-disposition"],
		`inline; filename="_Gr__e.png"; filename*=UTF-8''_Gr%C3%BC%C3%9Fe.png`,
	);
	for (const who of ["colleague", "historian"]) {
		assert.equal((await download(stage, who, body.id)).statusCode, 404, who);
	}
	assert.equal((await download(stage, "nobody", body.id)).statusCode, 403);
	assert.equal((await send(stage, [{ id: body.id }])).status, 202);
	for (const who of ["colleague", "historian"]) {
		assert.equal((await download(stage, who, body.id)).statusCode, 200, who);
	}
});

const refused: [what: string, given: Upload, status: number, code: string][] = [
	["nothing", { bytes: new Uint8Array() }, 400, "invalid_body"],
	["no type", { type: undefined }, 415, "wrong_content_type"],
	["no media type", { type: "picture" }, 415, "wrong_content_type"],
	["a type that is not taken", { type: "text/html", bytes: page }, 422, "file_not_allowed"],
	["a script", { type: "text/javascript", bytes: page }, 422, "file_not_allowed"],
	["a picture of 2,500 megapixels", { bytes: pngOf(50_000) }, 422, "file_not_allowed"],
	["a page that is said to be a picture", { bytes: page }, 422, "file_not_allowed"],
	["a picture that is said to be another", { bytes: gif }, 422, "file_not_allowed"],
	["a picture that is said to be a text", { type: "text/plain" }, 422, "file_not_allowed"],
	["a byte too many", { bytes: new Uint8Array(fileSettings.attachments.bytesMax + 1) }, 413, "body_too_large"],
	["a name with a line break", { query: "?filename=a%0Ab" }, 400, "invalid_query"],
	["two names", { query: "?filename=a&filename=b" }, 400, "invalid_query"],
	["something unknown", { query: "?folder=a" }, 400, "invalid_query"],
	["something compressed", { headers: { "content-encoding": "gzip" } }, 415, "content_encoding_refused"],
];
for (const [what, given, status, code] of refused) {
	test(`${what} is refused, and nothing is kept`, async (t) => {
		const stage = await openCmi(t);
		const answer = await upload(stage, "agent", given);
		assert.deepEqual([answer.status, answer.body.code], [status, code]);
		assert.deepEqual(await stage.storage.db.selectFrom("files").select("id").execute(), []);
	});
}

test("uploading needs the right to send; JSON routes take no files, and this one takes JSON as a file that is not taken", async (t) => {
	const stage = await openCmi(t);
	assert.equal((await upload(stage, "historian")).status, 403);
	assert.equal((await upload(stage, "nobody")).status, 403);
	assert.equal((await upload(stage, "agent", { type: "application/json", bytes: Buffer.from("{}") })).status, 422);
	const asMessage = await stage.app.inject({
		method: "POST",
		url: "/RI/cmi/messages",
		headers: { authorization: "Bearer agent", "content-type": "image/png" },
		payload: png,
	});
	assert.equal(asMessage.statusCode, 415);
});

test("an upload is repeated under its Idempotency-Key, and another file under the same key is refused", async (t) => {
	const stage = await openCmi(t);
	const headers = { "idempotency-key": "k1" };
	const first = await upload(stage, "agent", { headers });
	const again = await upload(stage, "agent", { headers });
	assert.deepEqual([again.status, again.body.id], [201, first.body.id]);
	assert.equal((await upload(stage, "agent", { headers, bytes: pdf, type: "application/pdf" })).status, 422);
	assert.equal((await stage.storage.db.selectFrom("files").select("id").execute()).length, 1);
});

test("size and type that the service cannot take are told at once, by the rule", async (t) => {
	const stage = await openCmi(t);
	const large = await upload(stage, "agent", { bytes: Buffer.concat([png, Buffer.alloc(1000)]) });
	const text = await upload(stage, "agent", { bytes: Buffer.from("hello"), type: "text/plain" });
	const answer = await send(stage, [{ id: large.body.id }, { id: text.body.id }]);
	assert.equal(answer.status, 422);
	assert.deepEqual((answer.body as { code: string; errors: unknown }).errors, [
		{
			pointer: "/attachments/0/id",
			message: `has ${png.length + 1000} bytes; this type of service takes at most 1000`,
		},
		{
			pointer: "/attachments/1/id",
			message: "is of the type text/plain; this type of service takes image/*, application/pdf",
		},
	]);
	assert.equal((answer.body as { code: string }).code, "file_not_allowed");
});

test("an id that is nobody's, another's or over is no file; id and url exclude each other", async (t) => {
	const stage = await openCmi(t);
	stage.grants.set("colleague", stage.grants.get("agent") ?? []);
	const theirs = await upload(stage, "colleague");
	const over = await upload(stage, "agent");
	stage.clock.advance(dayMs);
	const mine = await upload(stage, "agent");
	const wrong: [object, string][] = [
		[{ id: "0197F3A2B4C57E6F8091A0B1C2D3E4F7" }, "/attachments/0/id"],
		[{ id: theirs.body.id }, "/attachments/0/id"],
		[{ id: over.body.id }, "/attachments/0/id"],
		[{ id: mine.body.id, url: "https://files.example/1" }, "/attachments/0"],
		[{ filename: "a" }, "/attachments/0"],
		[{ id: mine.body.id, contentType: "image/png" }, "/attachments/0/contentType"],
	];
	for (const [attachment, pointer] of wrong) {
		const answer = await send(stage, [attachment]);
		const { errors } = answer.body as { errors: { pointer: string }[] };
		assert.deepEqual(
			[answer.status, errors.map((error) => error.pointer)],
			[400, [pointer]],
			JSON.stringify(attachment),
		);
	}
	assert.equal((await download(stage, "agent", over.body.id)).statusCode, 404);
});

onBothDialects("a file is sent with several messages, shows in each, and goes with the last of them", async (open) => {
	const stage = await openCmi({ after: () => undefined }, await open());
	const { storage, clock } = stage;
	const { body: file } = await upload(stage, "agent", { query: "?filename=a.png" });
	const first = await send(stage, [{ id: file.id }]);
	assert.equal(first.status, 202, first.text);
	const shown = { id: file.id, state: "kept", contentType: "image/png", filename: "a.png", size: png.length };
	assert.deepEqual((first.body as { attachments: unknown }).attachments, [shown]);
	const { id } = first.body as { id: string };
	const read = await stage.call("agent", { api: `/messages/${id}` });
	assert.deepEqual((read.body as { attachments: unknown }).attachments, [shown]);
	const [claim] = await claimSends(stage);
	assert.deepEqual(claim?.attachments, [
		{ fileId: file.id, contentType: "image/png", filename: "a.png", size: png.length },
	]);
	await storage.db.updateTable("outbox").set({ state: 0 }).execute();
	clock.advance(200 * dayMs);
	const second = await send(stage, [{ id: file.id, filename: "b.png" }, { url: "https://files.example/1.png" }]);
	assert.deepEqual((second.body as { attachments: unknown }).attachments, [
		{ ...shown, filename: "b.png" },
		{ id: null, url: "https://files.example/1.png" },
	]);
	await storage.db.updateTable("outbox").set({ state: 0 }).execute();
	const files = async () => (await storage.db.selectFrom("files").select("id").execute()).length;
	clock.advance(200 * dayMs);
	await deleteOld(storage, retention, clock.now());
	assert.equal((await download(stage, "agent", file.id)).statusCode, 200, "another message has it still");
	clock.advance(200 * dayMs);
	await deleteOld(storage, retention, clock.now());
	assert.equal(await files(), 0);
	await stage.app.close();
});

onBothDialects("an upload that no message has goes after a day", async (open) => {
	const stage = await openCmi({ after: () => undefined }, await open());
	const { storage, clock } = stage;
	await upload(stage, "agent");
	clock.advance(dayMs - 1);
	await deleteOld(storage, retention, clock.now());
	assert.equal((await storage.db.selectFrom("files").select("id").execute()).length, 1);
	clock.advance(2);
	await deleteOld(storage, retention, clock.now());
	assert.equal((await storage.db.selectFrom("files").select("id").execute()).length, 0);
	await stage.app.close();
});

test("what a stranger to the service asks for is not there", async (t: TestContext) => {
	const stage = await openCmi(t);
	stage.grants.set("stranger", [{ objectType: "messagingService", objectId: "0".repeat(32), access: ["messaging"] }]);
	const { body } = await upload(stage, "agent");
	await send(stage, [{ id: body.id }]);
	assert.equal((await download(stage, "stranger", body.id)).statusCode, 404);
	for (const id of ["x", "..%2f", body.id.toLowerCase()]) {
		assert.ok([400, 404].includes((await download(stage, "agent", id)).statusCode), id);
	}
});
