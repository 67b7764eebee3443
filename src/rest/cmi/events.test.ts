// Goal: a reader of the stream loses nothing, gets nothing twice and sees nothing that is not for them. Method: a real
// connection; time moves only while the server waits for it, so a waited second is exactly one turn of its loop.

import assert from "node:assert/strict";
import { EventEmitter } from "node:events";
import type { ServerResponse } from "node:http";
import test, { type TestContext } from "node:test";
import { type CmiStage, grantOn, openCmi } from "#test/cmi-stage.ts";
import { addService } from "#test/scene.ts";
import { countWaiting, listenLocally, passTime, readStream } from "#test/stream-reader.ts";
import { appendEvents } from "#storage/events.ts";
import { serveStream } from "../event-stream.ts";
import { ledgerSource } from "./event-source.ts";

type Live = CmiStage & { base: string; waiting(): number };

async function listen(t: TestContext): Promise<Live> {
	const stage = await openCmi(t);
	const { waiting } = countWaiting(stage.clock);
	return { ...stage, base: `${await listenLocally(stage.app)}/RI/cmi/events`, waiting };
}

/** Appends an event to the ledger; `tell` also nudges. */
async function happen(
	stage: CmiStage,
	reason: string,
	options: { serviceId?: string; tell?: boolean } = {},
): Promise<void> {
	const { serviceId = stage.serviceId, tell = true } = options;
	const event = {
		at: stage.clock.now(),
		type: "message.state" as const,
		serviceId,
		messageId: "M",
		conversationId: "C",
	};
	await stage.storage.write((tx) => appendEvents(tx, [{ ...event, data: { reason } }]));
	if (tell) {
		stage.deps.signals.nudge("events");
	}
}

type Told = { id: string; detail: { reason: string } };

async function connect(
	t: TestContext,
	live: Live,
	options: { who?: string; query?: string; lastEventId?: string } = {},
) {
	const { who = "agent", query = "", lastEventId } = options;
	const { response, next, leave } = await readStream<Told>(t, `${live.base}${query}`, {
		authorization: `Bearer ${who}`,
		...(lastEventId === undefined ? {} : { "last-event-id": lastEventId }),
	});
	async function reasons(count: number): Promise<(string | undefined)[]> {
		const found: (string | undefined)[] = [];
		while (found.length < count) {
			const block = await next();
			assert.ok(block, "the stream has not ended");
			if (block.event !== undefined) {
				found.push(block.data?.detail.reason);
			}
		}
		return found;
	}
	return { response, next, reasons, leave };
}

test("the stream begins now, tells what happens next, and carries ids and reasons", async (t) => {
	const live = await listen(t);
	await happen(live, "before");
	const { response, next } = await connect(t, live);
	assert.equal(response.status, 200);
	assert.equal(response.headers.get("content-type"), "text/event-stream; charset=utf-8");
	assert.equal(response.headers.get("x-content-type-options"), "nosniff");
	assert.deepEqual((await next())?.text, "retry: 2000\nid: 0.1");
	await happen(live, "after");
	const block = await next();
	assert.deepEqual([block?.id, block?.event], ["0.2", "message.state"]);
	assert.deepEqual(block?.data, {
		id: "0.2",
		type: "message.state",
		at: "2026-01-02T12:00:00.000Z",
		service: live.serviceId,
		message: "M",
		conversation: "C",
		detail: { reason: "after" },
	});
});

test("who comes back with Last-Event-ID misses nothing and gets nothing twice", async (t) => {
	const live = await listen(t);
	for (const reason of ["1", "2", "3"]) {
		await happen(live, reason);
	}
	const first = await connect(t, live, { query: "?since=begin" });
	await first.next();
	assert.deepEqual(await first.reasons(1), ["1"]);
	const last = await first.next();
	assert.equal(last?.data?.detail.reason, "2");
	first.leave();
	await happen(live, "4");
	const second = await connect(t, live, { query: "?since=begin", lastEventId: last.id ?? "" });
	assert.deepEqual(await second.reasons(2), ["3", "4"], "the header counts more than the query");
	await happen(live, "5");
	assert.deepEqual(await second.reasons(1), ["5"]);
});

test("who is cut off before the first event resumes where the stream began", async (t) => {
	const live = await listen(t);
	await happen(live, "before");
	const first = await connect(t, live);
	const start = await first.next();
	first.leave();
	await happen(live, "meanwhile");
	const second = await connect(t, live, { lastEventId: start?.id ?? "" });
	assert.deepEqual(await second.reasons(1), ["meanwhile"]);
});

test("a long past comes whole and in order", async (t) => {
	const live = await listen(t);
	const event = { at: live.clock.now(), type: "message.state" as const, messageId: null, conversationId: null };
	const all = Array.from({ length: 450 }, (_, index) => String(index));
	await live.storage.write((tx) =>
		appendEvents(
			tx,
			all.map((reason) => ({ ...event, serviceId: live.serviceId, data: { reason } })),
		),
	);
	const { reasons } = await connect(t, live, { query: "?since=begin" });
	assert.deepEqual(await reasons(450), all);
});

test("only services that may be read are told of, and a right that is new counts", async (t) => {
	const live = await listen(t);
	const other: string = live.ids.next();
	await addService(live.storage, other, live.clock.now());
	const { reasons } = await connect(t, live, { query: "?since=begin" });
	await happen(live, "hidden", { serviceId: other });
	await happen(live, "seen");
	assert.deepEqual(await reasons(1), ["seen"]);
	live.grants.set("agent", [grantOn(other, "manageContactHistory")]);
	await happen(live, "other", { serviceId: other });
	const { value, seconds } = await passTime(live, reasons(1));
	assert.deepEqual(value, ["other"]);
	assert.ok(seconds <= 15, `${seconds} s`);
});

test("who guards the door hears of the quarantine, who reads messages of messages, and both without content", async (t) => {
	const live = await listen(t);
	const other: string = live.ids.next();
	await addService(live.storage, other, live.clock.now());
	live.grants.set("configurator", [grantOn(live.serviceId, "modify")]);
	live.grants.set("agent", [grantOn(live.serviceId, "messaging"), grantOn(other, "modify")]);
	const configurator = await connect(t, live, { who: "configurator", query: "?since=begin" });
	const agent = await connect(t, live, { query: "?since=begin" });
	const refused = { at: live.clock.now(), type: "request.quarantined", messageId: null, conversationId: null } as const;
	const requests = (serviceId: string, reason: string) => [{ ...refused, serviceId, data: { reason } }];
	await happen(live, "message");
	await happen(live, "message elsewhere", { serviceId: other });
	await live.storage.write((tx) => appendEvents(tx, requests(live.serviceId, "request")));
	await live.storage.write((tx) => appendEvents(tx, requests(other, "request elsewhere")));
	await happen(live, "last");
	live.grants.set("configurator", [grantOn(live.serviceId, "modify"), grantOn(live.serviceId, "messaging")]);
	assert.deepEqual(await configurator.reasons(1), ["request"]);
	assert.deepEqual(await agent.reasons(3), ["message", "request elsewhere", "last"]);
});

test("events come within a second although nobody gives a hint", async (t) => {
	const live = await listen(t);
	const { next, reasons } = await connect(t, live);
	await next();
	await happen(live, "quiet", { tell: false });
	const { value, seconds } = await passTime(live, reasons(1));
	assert.deepEqual(value, ["quiet"]);
	assert.ok(seconds <= 1, `${seconds} s`);
});

test("a silent stream shows every 15 s that it lives", async (t) => {
	const live = await listen(t);
	const { next } = await connect(t, live);
	await next();
	for (let beat = 0; beat < 2; beat++) {
		const { value, seconds } = await passTime(live, next());
		assert.equal(value?.text, ":");
		assert.ok(seconds <= 16, `${seconds} s`);
	}
});

for (const [name, revoke] of [
	["the right is taken away", (live: Live) => live.grants.set("agent", [])],
	["the session or token has ended", (live: Live) => live.grants.delete("agent")],
] as const) {
	test(`the stream ends within 15 s after ${name}`, async (t) => {
		const live = await listen(t);
		const { next } = await connect(t, live);
		await next();
		revoke(live);
		const { value, seconds } = await passTime(live, next());
		assert.equal(value, undefined);
		assert.ok(seconds <= 15, `${seconds} s`);
	});
}

test("an open stream does not hold up the end of the server", async (t) => {
	const live = await listen(t);
	const { next, response } = await connect(t, live);
	await next();
	assert.equal(response.headers.get("connection"), "close", "or the idle connection would");
	const [end] = await Promise.all([next(), live.app.close()]);
	assert.equal(end, undefined);
});

test("a user has at most 20 streams; one that is left makes room", async (t) => {
	const live = await listen(t);
	const streams = [];
	for (let count = 0; count < 20; count++) {
		const stream = await connect(t, live);
		await stream.next();
		streams.push(stream);
	}
	const refused = await connect(t, live);
	assert.equal(refused.response.status, 503);
	assert.equal(refused.response.headers.get("retry-after"), "15");
	assert.equal((await connect(t, live, { who: "historian" })).response.status, 200, "others have their own");
	streams[0]?.leave();
	await passTime(
		live,
		(async () => {
			while ((await connect(t, live)).response.status !== 200) {
				await new Promise(setImmediate);
			}
		})(),
	);
});

test("who holds no right to read, or names no event, gets no stream", async (t) => {
	const live = await listen(t);
	assert.equal((await connect(t, live, { who: "nobody" })).response.status, 403);
	assert.equal((await connect(t, live, { who: "stranger" })).response.status, 401);
	assert.equal((await connect(t, live, { lastEventId: "x" })).response.status, 400);
	assert.equal((await connect(t, live, { query: "?since=x" })).response.status, 400);
});

/** A connection that takes nothing until it is told to. */
class StuckResponse extends EventEmitter {
	readonly written: string[] = [];
	destroyed = false;
	write(text: string): boolean {
		this.written.push(text);
		return false;
	}
	destroy(): void {
		this.destroyed = true;
		this.emit("close");
	}
}

test("nothing is read for a reader that takes nothing, and after a minute they are cut off", async (t) => {
	const live = await listen(t);
	await happen(live, "1");
	const response = new StuckResponse();
	const open = {
		response: response as unknown as ServerResponse,
		closing: new AbortController().signal,
		callerNow: () => Promise.resolve(undefined),
	};
	let isOver = false;
	const running = serveStream(
		live.deps,
		open,
		ledgerSource(live.deps, {
			cursor: { tx: 0, seq: 0 },
			sight: { messages: "every", quarantine: "every", chats: "every" },
		}),
	).then(() => {
		isOver = true;
	});
	assert.equal(response.written.length, 1);
	live.clock.advance(5000);
	assert.equal(response.written.length, 1);
	response.emit("drain");
	await passTime(live, live.storage.ping());
	await happen(live, "2");
	await passTime(live, Promise.all([live.storage.ping(), live.storage.ping()]));
	assert.equal(response.written.length, 2, "the next event waits in the database, not in memory");
	assert.match(response.written[1] ?? "", /"reason":"1"/);
	assert.equal(isOver, false);
	live.clock.advance(60_000);
	await running;
	assert.equal(response.destroyed, true);
});
