// A customer on a simulated provider and an agent at a socket: what the customer writes becomes a chat, what the agent says
// goes out once, and what becomes of it is told with its cause.

import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import type { Simulator } from "#simulators/simulator.ts";
import { claimMedia, endMediaClaim, servicesWithWork } from "#storage/attachments.ts";
import { readIntake, saveIntake } from "#storage/chat-intake.ts";
import { findLine } from "#storage/chat-lines.ts";
import { findChat } from "#storage/chats.ts";
import type { EventType } from "#storage/events.ts";
import { openStorage } from "#storage/storage.ts";
import { providerStage } from "#test/chat-provider.ts";
import {
	appears,
	type ChatStage,
	idIn,
	leaf,
	logInAgent,
	openPeer,
	type Peer,
	type Transaction,
} from "#test/chat-scene.ts";
import { png } from "#test/file-scene.ts";
import { administrator, until } from "#test/parley.ts";

const administratorHeader = `Basic ${btoa(`${administrator.login}:${administrator.password}`)}`;

async function readyAgent(t: TestContext, stage: ChatStage): Promise<Peer> {
	const mia = await openPeer(t, stage.origin, await logInAgent(stage.origin, await stage.agent("mia")));
	await mia.demand("PUT", "/properties", { work_status: "ready" });
	return mia;
}

async function customerWrites(simulator: Simulator, text: string): Promise<void> {
	const { status, body } = await simulator.contactWrites({ from: simulator.somebody, text });
	assert.ok(status >= 200 && status <= 299, body);
}

/** A line of the transcript as it first came. */
const line = (fits: (message: Record<string, unknown>) => boolean) => (one: Transaction) =>
	one.method === "POST" &&
	one.uri.includes("/transcript/messages/") &&
	fits(one.subscribed_resource as Record<string, unknown>);

test("what fails at the provider is told with its cause, and goes out again when the agent wants it", async (t) => {
	const { stage, simulator } = await providerStage(t, "whatsapp");
	const mia = await readyAgent(t, stage);
	await customerWrites(simulator, "Where is my parcel?");
	const offered = await mia.hear(appears("incoming"), "the offer");
	const id = idIn(offered);
	const { window_until: until_ = "", attached_data: attached } = offered.subscribed_resource as {
		window_until?: string;
		attached_data: unknown;
	};
	assert.match(until_, /^\d\d\/\d\d\/\d{4} /);
	assert.deepEqual(attached, { channel: "whatsapp" });
	await mia.demand("PUT", `/interactions/${id}`, { status: "accepted" });

	simulator.manners = { ...simulator.manners, receipts: ["sent", "failed"] };
	const said = { message: "I will check.", client_message_id: "c1" };
	await mia.demand("POST", `/interactions/${id}/transcript/messages`, said);
	await mia.demand("POST", `/interactions/${id}/transcript/messages`, said);
	const ours = await mia.hear(line(({ message }) => message === "I will check."));
	const { id: lineId, client_message_id } = ours.subscribed_resource as { id: string; client_message_id: string };
	assert.equal(client_message_id, "c1");
	await mia.hear(leaf("delivery_status", "failed"), "that it failed");
	const told = await mia.hear(line(({ type }) => type === "error"));
	const error = JSON.parse((told.subscribed_resource as { message: string }).message) as Record<string, unknown>;
	assert.equal(error["message_id"], lineId);
	assert.equal(typeof error["error_description"], "string");
	assert.equal(simulator.taken.length, 1);
	const storage = await openStorage(stage.settings.database, () => undefined);
	t.after(() => storage.close());
	const [chat, spoken] = [await findChat(storage.db, id), await findLine(storage.db, lineId)];
	assert.ok(chat && spoken);
	assert.equal(chat.lastLineAt, spoken.at, "a failure is nobody's word: the clock of silence goes on");

	simulator.manners = { ...simulator.manners, receipts: ["sent", "delivered", "read"] };
	await mia.demand("POST", `/interactions/${id}/transcript/messages/${lineId}/retry`);
	await mia.hear(leaf("delivery_status", "read"), "that it was read");
	assert.deepEqual(
		simulator.taken.map(({ text }) => text),
		["I will check.", "I will check."],
	);
	assert.deepEqual(simulator.refusals, []);
});

test("what goes out again while the chat ends does not open the conversation anew", async (t) => {
	const { stage, simulator } = await providerStage(t, "whatsapp");
	const mia = await readyAgent(t, stage);
	const beside = await openPeer(t, stage.origin, mia);
	await customerWrites(simulator, "Hello");
	const id = idIn(await mia.hear(appears("incoming"), "the offer"));
	await mia.demand("PUT", `/interactions/${id}`, { status: "accepted" });
	simulator.manners = { ...simulator.manners, receipts: ["sent", "failed"] };
	await mia.demand("POST", `/interactions/${id}/transcript/messages`, { message: "I will check." });
	const { uri } = await mia.hear(leaf("delivery_status", "failed"), "that it failed");
	const again = `/interactions/${id}/transcript/messages/${uri.split("/")[7]}/retry`;
	const [ended, retried] = await Promise.all([
		beside.ask("PUT", `/interactions/${id}`, { status: "ended" }),
		mia.ask("POST", again),
	]);
	assert.equal(ended.status_code, 200);
	assert.ok([200, 404].includes(retried.status_code ?? 0), JSON.stringify(retried));
	const [conversation] = await stage.call<{ state: string }[]>("GET", "/RI/cmi/conversations");
	assert.equal(conversation?.state, "closed");
});

test("a file that failed goes out again as the file", async (t) => {
	const { stage, simulator } = await providerStage(t, "whatsapp");
	const mia = await readyAgent(t, stage);
	await customerWrites(simulator, "Send me the bill.");
	const id = idIn(await mia.hear(appears("incoming"), "the offer"));
	await mia.demand("PUT", `/interactions/${id}`, { status: "accepted" });
	simulator.manners = { ...simulator.manners, receipts: ["sent", "failed"] };
	const bytes = Buffer.from("%PDF-1.7 a bill");
	const file = { filename: "bill.pdf", size: bytes.length, mime_type: "application/pdf" };
	const { body } = await mia.demand("POST", `/interactions/${id}/attachments`, file);
	const headers = { cookie: mia.cookie, "content-type": "application/pdf" };
	const media = `${stage.origin}/ecfs/media/${String(body?.["id"])}`;
	assert.equal((await fetch(media, { method: "PUT", headers, body: bytes })).status, 200);
	await mia.hear(leaf("delivery_status", "failed"), "that it failed");
	const sent = await mia.hear(line(({ type }) => type === "attachment"));
	const lineId = (sent.subscribed_resource as { id: string }).id;
	simulator.manners = { ...simulator.manners, receipts: ["sent", "delivered"] };
	await mia.demand("POST", `/interactions/${id}/transcript/messages/${lineId}/retry`);
	await mia.hear(leaf("delivery_status", "delivered"), "that it arrived");
	assert.equal(simulator.taken.length, 2);
	const ours = await stage.call<{ text: string; attachments: { id: string }[] }[]>(
		"GET",
		"/RI/cmi/messages?direction=out",
	);
	const [again, first] = ours.map(({ text, attachments }) => [text, attachments.map((one) => one.id)]);
	assert.deepEqual(again, first);
	assert.equal(first?.[0], "");
});

test("a conversation in which a chat goes on is not closed by the CMI; a good-bye after the end does not open it again", async (t) => {
	const { stage, simulator } = await providerStage(t, "twilio");
	const prompt = { name: "Bye", type: "disconnection", texts: { en: "Good bye." } };
	const { id: promptId } = await stage.call<{ id: string }>("POST", "/RI/rci/prompts", prompt);
	await stage.call("POST", "/RI/rci/schedules", { kind: "chatPrompts", promptType: "disconnection", promptId });
	const mia = await readyAgent(t, stage);
	await customerWrites(simulator, "Hello");
	const id = idIn(await mia.hear(appears("incoming"), "the offer"));
	await mia.demand("PUT", `/interactions/${id}`, { status: "accepted" });
	type Shown = { id: string; state: string };
	const [conversation] = await stage.call<Shown[]>("GET", "/RI/cmi/conversations");
	const refused = await stage.ask("PATCH", `/RI/cmi/conversations/${conversation?.id}`, { state: "closed" });
	assert.equal(refused.status, 409);
	assert.match(((await refused.json()) as { detail: string }).detail, /end the chat first/);
	await mia.demand("PUT", `/interactions/${id}`, { status: "ended" });
	await until(() => simulator.taken.find(({ text }) => text === "Good bye.") ?? undefined, "the customer is told");
	assert.deepEqual(
		(await stage.call<Shown[]>("GET", "/RI/cmi/conversations")).map(({ state }) => state),
		["closed"],
	);
	const storage = await openStorage(stage.settings.database, () => undefined);
	t.after(() => storage.close());
	const told = await storage.db.selectFrom("events").select("type").where("type", "like", "conversation.%").execute();
	assert.deepEqual(
		told.map(({ type }) => type),
		["conversation.started", "conversation.closed"],
	);
	const again = await stage.ask("PATCH", `/RI/cmi/conversations/${conversation?.id}`, { state: "closed" });
	assert.equal(again.status, 200);
});

test("files that come after the end belong to the chat that their message came into, each with a line of its own", async (t) => {
	const { stage, simulator } = await providerStage(t, "wavy");
	const mia = await readyAgent(t, stage);
	// At a host that nobody declared: they wait until somebody does.
	const mediaUrls = ["a", "b", "c"].map((name) => `https://media.elsewhere.example/${name}`);
	await simulator.contactWrites({ from: simulator.somebody, text: "", mediaUrls });
	const first = idIn(await mia.hear(appears("incoming"), "the offer"));
	await mia.demand("PUT", `/interactions/${first}`, { status: "accepted" });
	await mia.demand("PUT", `/interactions/${first}`, { status: "ended" });
	await customerWrites(simulator, "And another thing");
	const next = await until(() => mia.told.find((one) => appears("incoming")(one) && idIn(one) !== first), "the next");
	const storage = await openStorage(stage.settings.database, () => undefined);
	t.after(() => storage.close());
	const now = new Date(Date.now() + 86_400_000);
	const [serviceId = ""] = await until(async () => {
		const found = await servicesWithWork(storage.db, now);
		return found.length === 0 ? undefined : found;
	}, "the files wait");
	await storage.write(async (tx) => {
		const claims = await claimMedia(tx, { serviceId, limit: 10, now, leaseMs: 1000 });
		assert.equal(claims.length, 3);
		for (const [index, claim] of claims.entries()) {
			const file = { contentType: "image/png", filename: "a.png", content: png };
			const dropped = { state: "failed", reason: "NOTALLOWED", detail: "No." } as const;
			assert.ok(await endMediaClaim(tx, claim, index === 0 ? { state: "kept", file } : dropped, new Date()));
		}
	});
	const filesIn = async (chat: string): Promise<string[]> => {
		const lines = await stage.call<{ type: string; text: string }[]>("GET", `/RI/cmi/chatMessages?chat=${chat}`);
		return lines.filter(({ type }) => type === "attachment").map(({ text }) => text);
	};
	const shown = await until(async () => {
		const found = await filesIn(first);
		return found.length < 3 ? undefined : found;
	}, "they are in the first chat");
	assert.match(shown[0] ?? "", /"filename":"a.png","mime_type":"image\/png","width":1,"height":1/);
	assert.equal(shown.filter((text) => text.includes("NOTALLOWED")).length, 2);
	assert.deepEqual(await filesIn(idIn(next)), []);
});

type Told = { id: string; type: string; message: string; delivery_status: string };

test("what the CMI sends stands in the chat that goes on: texts, files and templates, each once", async (t) => {
	const { stage, simulator } = await providerStage(t, "whatsapp");
	const who = await logInAgent(stage.origin, await stage.agent("mia"));
	const mia = await openPeer(t, stage.origin, who);
	await mia.demand("PUT", "/properties", { work_status: "ready" });
	await customerWrites(simulator, "Where is my parcel?");
	const id = idIn(await mia.hear(appears("incoming"), "the offer"));
	await mia.demand("PUT", `/interactions/${id}`, { status: "accepted" });
	const [chat] = await stage.call<{ conversation: string }[]>("GET", "/RI/cmi/chats");
	const [service] = await stage.call<{ id: string }[]>("GET", "/RI/rci/messagingServices");
	const upload = { method: "POST", headers: { authorization: administratorHeader, "content-type": "image/png" } };
	const answer = await fetch(`${stage.origin}/RI/cmi/attachments?filename=a.png`, { ...upload, body: png });
	const file = (await answer.json()) as { id: string };
	const template = { id: "parcel_update", language: "en", parameters: { "1": "Ann" } };
	simulator.manners = { ...simulator.manners, receipts: ["sent", "failed"] };
	for (const said of [
		{ text: "Here it is.", attachments: [{ id: file.id }] },
		{ attachments: [{ id: file.id, filename: "b.png" }] },
		{ template },
		{ attachments: [{ url: "https://files.elsewhere.example/c.png", contentType: "image/png" }] },
	]) {
		await stage.call("POST", "/RI/cmi/messages", { service: service?.id, conversation: chat?.conversation, ...said });
	}

	const transcript = async (): Promise<Told[]> => {
		const { body } = await mia.demand("GET", `/interactions/${id}/transcript/messages`);
		return (body as unknown as Told[]).filter(({ type }) => type !== "state" && type !== "error");
	};
	const told = await until(async () => {
		const lines = await transcript();
		return lines.filter(({ delivery_status: status }) => status === "failed").length < 5 ? undefined : lines;
	}, "what became of all of them");
	const files = told.filter(({ type }) => type === "attachment").map(({ message }) => fileIn(message));
	const entry = { size: String(png.length), mime_type: "image/png", width: 1, height: 1 };
	assert.deepEqual(
		told.map(({ type, message }) => [type, type === "text" ? message : (JSON.parse(message) as unknown)]),
		[
			["text", "Where is my parcel?"],
			["text", "Here it is."],
			["attachment", { text: "", attachments: [{ id: files[0], ...entry, filename: "a.png" }] }],
			["attachment", { text: "", attachments: [{ id: files[1], ...entry, filename: "b.png" }] }],
			["template", template],
			["text", "https://files.elsewhere.example/c.png"],
		],
	);
	assert.equal(new Set(files).size, 2);
	for (const one of files) {
		const media = await fetch(`${stage.origin}/ecfs/media/${one}`, { headers: { cookie: who.cookie } });
		assert.deepEqual(Buffer.from(await media.arrayBuffer()), png);
	}

	await replay(t, stage, "message.queued");
	assert.deepEqual(await transcript(), told);

	simulator.manners = { ...simulator.manners, receipts: ["sent"] };
	const before = simulator.taken.length;
	for (const { id: failed } of told.slice(1)) {
		await mia.demand("POST", `/interactions/${id}/transcript/messages/${failed}/retry`);
	}
	await until(() => simulator.taken.length === before + 5 || undefined, "each goes out again");
});

/** Takes the ledger in once more, from its first entry of the type on. */
async function replay(t: TestContext, { settings }: ChatStage, type: EventType): Promise<void> {
	const storage = await openStorage(settings.database, () => undefined);
	t.after(() => storage.close());
	const entries = await storage.db.selectFrom("events").select("seq").where("type", "=", type).orderBy("seq").execute();
	const seqs = entries.map(({ seq }) => seq);
	await storage.write((tx) => saveIntake(tx, { tx: 0, seq: Math.min(...seqs) - 1 }));
	await until(async () => {
		const { seq } = await readIntake(storage.db);
		return seq >= Math.max(...seqs) || undefined;
	}, "it is taken in");
}

function fileIn(message: string): string | undefined {
	return (JSON.parse(message) as { attachments: { id: string }[] }).attachments[0]?.id;
}

test("an agent writes first: outside the window with a template only, and an answer comes into the same chat", async (t) => {
	const { stage, simulator } = await providerStage(t, "whatsapp");
	const mia = await readyAgent(t, stage);
	const start = {
		channel_type: "chat",
		destination: simulator.somebody,
		from_queue: { id: stage.queueId },
		attached_data: { channel: "whatsapp" },
	};
	const refused = await mia.ask("POST", "/interactions", { ...start, message: "Hello!" });
	assert.equal(refused.status_code, 403);
	assert.equal(refused.body?.["error"], "WINDOWCLOSED");
	const template = { id: "parcel_update", language: "en", parameters: { "1": "Ann" } };
	const { body } = await mia.demand("POST", "/interactions", { ...start, template });
	const { id } = body as { id: string };
	await mia.hear(appears("accepted"), "the chat");
	await until(() => simulator.taken.length === 1 || undefined, "the template is taken");
	const storage = await openStorage(stage.settings.database, () => undefined);
	t.after(() => storage.close());
	const told = await storage.db.selectFrom("events").select("data").where("type", "=", "chat.message").execute();
	assert.deepEqual(
		told.map(({ data }) => (JSON.parse(data) as { chat: string }).chat),
		[id],
	);
	await customerWrites(simulator, "Thank you!");
	await mia.hear(line(({ message }) => message === "Thank you!"));
	assert.deepEqual(new Set(mia.told.filter(({ uri }) => uri.includes("/transcript/")).map(idIn)), new Set([id]));
	const window = await mia.hear(({ uri }) => uri === `/users/me/interactions/${id}/window_until`, "the open window");
	assert.match(String(window.subscribed_resource), /^\d\d\/\d\d\/\d{4} /);
});
