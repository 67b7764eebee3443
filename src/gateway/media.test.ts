import assert from "node:assert/strict";
import test, { type TestContext } from "node:test";
import type { MediaAnswer, Tools } from "#connectors/contract.ts";
import { fetchPlainly } from "#connectors/kit/media.ts";
import { commonSettingsDefaults } from "#domain/service-settings.ts";
import { type Log, silentLog } from "#platform/log.ts";
import type { OutgoingAnswer, OutgoingCall } from "#platform/safe-request.ts";
import { recordArrivals } from "#storage/arrivals.ts";
import { claimMedia, endMediaClaim } from "#storage/attachments.ts";
import { readContent } from "#storage/files.ts";
import { findMessage } from "#storage/messages.ts";
import { localSignals, noSignals } from "#storage/signals.ts";
import type { Storage } from "#storage/storage.ts";
import { traceOf } from "#storage/trace.ts";
import { fileSettings, page, png, pngOf } from "#test/file-scene.ts";
import { arrivalOf, messageEvent, setStage, type Stage } from "#test/scene.ts";
import { onBothDialects, openTemporarySqlite } from "#test/storage-on-both.ts";
import { settleMedia, startMedia, triesMax } from "./media.ts";
import type { OpenService } from "./open-service.ts";
import { tokenShelf } from "./tools.ts";

const now = new Date("2026-01-02T12:00:00.000Z");
const limits = fileSettings.attachments;
const given = { attempts: 1, attachment: { url: "https://media.example/1.png", contentType: "image/png" } };
const fetched = (body: Uint8Array, contentType?: string): MediaAnswer => ({
	kind: "fetched",
	body,
	...(contentType === undefined ? {} : { contentType }),
});

test("what follows from an answer", () => {
	const rows: [answer: MediaAnswer, state: string, reason: string | undefined][] = [
		[fetched(png, "image/png"), "kept", undefined],
		[fetched(png, "text/html"), "kept", undefined], // It is a picture whatever the store says.
		[fetched(pngOf(50_000), "image/png"), "failed", "TOOLARGE"],
		[fetched(page, "text/html"), "failed", "NOTALLOWED"],
		[fetched(page, "image/png"), "failed", "NOTALLOWED"],
		[fetched(page), "failed", "NOTALLOWED"], // Announced as a picture by the webhook.
		[fetched(page, "application/octet-stream"), "failed", "NOTALLOWED"],
		[fetched(new Uint8Array()), "failed", "DOWNLOADFAILED"],
		[fetched(new Uint8Array(limits.bytesMax + 1)), "failed", "TOOLARGE"],
		[{ kind: "failed", why: "too large", detail: "d" }, "failed", "TOOLARGE"],
		[{ kind: "failed", why: "not allowed", detail: "d" }, "failed", "NOTALLOWED"],
		[{ kind: "failed", why: "gone", detail: "d" }, "failed", "DOWNLOADFAILED"],
		[{ kind: "retry", detail: "d" }, "waiting", "DOWNLOADFAILED"],
	];
	for (const [answer, state, reason] of rows) {
		const end = settleMedia(given, answer, { limits, now });
		assert.deepEqual([end.state, "reason" in end ? end.reason : undefined], [state, reason], JSON.stringify(answer));
	}
});

test("it is asked for again later and later, not before the provider wants it, and not for ever", () => {
	const waits = Array.from({ length: triesMax + 1 }, (_, index) => {
		const end = settleMedia({ ...given, attempts: index + 1 }, { kind: "retry", detail: "d" }, { limits, now });
		return end.state === "waiting" ? end.notBefore.getTime() - now.getTime() : end.state;
	});
	assert.deepEqual(waits.slice(-2), ["failed", "failed"]);
	const times = waits.slice(0, -2).map(Number);
	assert.deepEqual(
		times,
		times.toSorted((a, b) => a - b),
	);
	const notBefore = new Date(now.getTime() + 77_000);
	const end = settleMedia(given, { kind: "retry", detail: "d", notBefore }, { limits, now });
	assert.deepEqual(end.state === "waiting" ? end.notBefore : undefined, notBefore);
});

type Scene = { stage: Stage; asked: OutgoingCall[]; services: OpenService[]; answers: OutgoingAnswer[] };

const picture: OutgoingAnswer = { kind: "answered", status: 200, headers: new Headers(), body: png };
const later: OutgoingAnswer = { kind: "answered", status: 503, headers: new Headers(), body: new Uint8Array() };

function serviceOf(stage: Stage, over: Partial<OpenService> = {}): OpenService {
	return {
		id: stage.serviceId,
		type: "wavy",
		enabled: true,
		isLocked: false,
		settings: commonSettingsDefaults,
		stored: {
			serviceConnection: "https://api.example",
			authentications: [{ authenticationId: "a", secrets: ["s3cret"] }],
		},
		media: { hosts: ["media.example"], fetch: (attachment, tools) => fetchPlainly(attachment, undefined, tools) },
		...over,
	} as OpenService;
}

async function fetching(
	t: TestContext | undefined,
	storage: Storage,
	over: Partial<OpenService> = {},
	log: Log = silentLog,
) {
	const stage = await setStage(storage);
	const scene: Scene = { stage, asked: [], services: [serviceOf(stage, over)], answers: [] };
	const worker = startMedia({
		...stage,
		log,
		signals: noSignals,
		services: {
			all: () => scene.services,
			sending: () => scene.services,
			byId: (id) => scene.services.find((one) => one.id === id),
			ofType: () => scene.services,
			refresh: () => Promise.resolve(),
		},
		tokens: tokenShelf(stage.clock),
		limits,
		wayOut: {
			request: (call) => {
				scene.asked.push(call);
				return Promise.resolve(scene.answers.shift() ?? picture);
			},
			close: () => Promise.resolve(),
		},
	});
	const stop = async (): Promise<void> => {
		const stopping = worker.stop();
		stage.clock.advance(1000);
		await stopping;
	};
	t?.after(stop);
	return { ...scene, stop };
}

async function arrive({ stage }: { stage: Stage }, urls: readonly string[], id = "m1"): Promise<string> {
	const attachments = urls.map((url) => ({ url, contentType: "image/jpeg", filename: "holiday.jpg" }));
	const arrival = arrivalOf(stage, [messageEvent(id, { attachments })]);
	await stage.storage.write((tx) => recordArrivals(tx, [arrival]));
	return arrival.events[0]?.id ?? "";
}

/** Until it is so; time passes in steps in which whatever is due is done. */
async function passUntil<T>(
	{ stage }: { stage: Stage },
	look: () => Promise<T | undefined>,
	stepMs = 1000,
): Promise<T> {
	for (let step = 0; step < 400; step++) {
		const found = await look();
		if (found !== undefined) {
			return found;
		}
		stage.clock.advance(stepMs);
		for (let turn = 0; turn < 20; turn++) {
			await new Promise((resolve) => setImmediate(resolve));
		}
		for (let turn = 0; turn < 5; turn++) {
			await stage.storage.ping(); // PostgreSQL answers from another process: what was asked before is answered by now.
		}
	}
	throw new Error("It never came to be so.");
}

async function tryEnded({ stage }: { stage: Stage }, messageId: string): Promise<void> {
	const asked = stage.storage.db.selectFrom("attachments").select("lease_until").where("message_id", "=", messageId);
	while ((await asked.execute()).some((row) => Number(row.lease_until) > 0)) {
		await new Promise((resolve) => setImmediate(resolve));
	}
}

async function shown({ stage }: { stage: Stage }, messageId: string) {
	return (await findMessage(stage.storage.db, messageId))?.attachments ?? [];
}

onBothDialects(
	"files are fetched once, kept with what they are, and told in the trace; other messages have no rows",
	async (open) => {
		const scene = await fetching(undefined, await open());
		const { storage } = scene.stage;
		await arrive(scene, [], "plain");
		const id = await arrive(scene, ["https://media.example/1", "https://media.example/2"]);
		await arrive(scene, ["https://media.example/1", "https://media.example/2"]); // The provider repeats it.
		const kept = await passUntil(scene, async () => {
			const all = await shown(scene, id);
			return all.every((one) => "state" in one && one.state === "kept") ? all : undefined;
		});
		for (const one of kept) {
			assert.ok(one.id !== null);
			assert.deepEqual(one, {
				id: one.id,
				state: "kept",
				contentType: "image/png",
				filename: "holiday.jpg",
				size: png.length,
			});
			assert.deepEqual(Buffer.from((await readContent(storage.db, one.id)) ?? []), png);
		}
		assert.deepEqual(scene.asked.map(({ url }) => url).toSorted(), [
			"https://media.example/1",
			"https://media.example/2",
		]);
		assert.ok(
			scene.asked.every(({ answerBytesMax, lane }) => answerBytesMax === limits.bytesMax && lane?.endsWith(" media")),
		);
		const rows = await storage.db.selectFrom("attachments").select(["message_id", "attempts"]).execute();
		assert.deepEqual(
			rows.map((row) => [row.message_id, row.attempts]),
			[
				[id, 1],
				[id, 1],
			],
		);
		const message = await findMessage(storage.db, id);
		assert.ok(message);
		const told = (await traceOf(storage.db, message)).filter(({ what }) => what === "attachment.state");
		assert.deepEqual(
			told.map(({ who, detail }) => [who, detail["to"]]),
			[
				["SMS Server", "kept"],
				["SMS Server", "kept"],
			],
		);
		await scene.stop();
	},
);

onBothDialects("trouble is waited for, then given up with the reason; nothing of a secret is told", async (open) => {
	const fetch = () => Promise.resolve<MediaAnswer>({ kind: "retry", detail: "It said s3cret." });
	let tries = 0;
	const media = { hosts: ["media.example"], fetch: () => ((tries += 1), fetch()) };
	const scene = await fetching(undefined, await open(), { media });
	const id = await arrive(scene, ["https://media.example/1"]);
	// The clock moves on by less than a lease, and only when no try is on its way: a slow commit is not overtaken.
	const failed = await passUntil(
		scene,
		async () => {
			await tryEnded(scene, id);
			return (await shown(scene, id)).find((one) => "state" in one && one.state === "failed");
		},
		100_000,
	);
	assert.deepEqual(
		{ ...failed, id: undefined },
		{
			id: undefined,
			state: "failed",
			contentType: "image/jpeg",
			filename: "holiday.jpg",
			reason: "DOWNLOADFAILED",
			detail: "It said •••.",
		},
	);
	assert.equal(tries, triesMax);
	await scene.stop();
});

test("a service that is off, locked or gone asks for nothing; when it is back, the file is fetched", async (t) => {
	const scene = await fetching(t, await openTemporarySqlite(t), { enabled: false });
	const id = await arrive(scene, ["https://media.example/1"]);
	for (const over of [{ enabled: false }, { isLocked: true }]) {
		scene.services.splice(0, 1, serviceOf(scene.stage, over));
		for (let step = 0; step < 5; step++) {
			scene.stage.clock.advance(1000);
			await new Promise(setImmediate);
		}
		assert.equal(scene.asked.length, 0);
	}
	scene.services.splice(0, 1, serviceOf(scene.stage));
	await passUntil(scene, async () => (await shown(scene, id)).find((one) => "state" in one && one.state === "kept"));
});

test("a host that is not declared is never asked; an administrator may still declare it, and only names", async (t) => {
	const scene = await fetching(t, await openTemporarySqlite(t));
	const id = await arrive(scene, ["https://cdn.other.example/1", "https://169.254.169.254/1"]);
	const [first, second] = await passUntil(scene, async () => {
		const all = await shown(scene, id);
		return all.every((one) => "reason" in one && one.reason !== undefined) ? all : undefined;
	});
	assert.ok(first !== undefined && "state" in first && second !== undefined && "state" in second);
	assert.deepEqual(
		[first.state, first.reason, second.state, second.reason],
		["waiting", "NOTALLOWED", "failed", "NOTALLOWED"],
	);
	assert.match(first.detail ?? "", /cdn\.other\.example/);
	assert.equal(scene.asked.length, 0);
	const settings = { ...commonSettingsDefaults, mediaHosts: "*.other.example" };
	scene.services.splice(0, 1, serviceOf(scene.stage, { settings }));
	await passUntil(scene, async () => (await shown(scene, id)).find((one) => "state" in one && one.state === "kept"));
	assert.deepEqual(
		scene.asked.map(({ url }) => url),
		["https://cdn.other.example/1"],
	);
});

test("a connector gets nothing but GET, declared hosts, and four calls; one that fails spoils nothing else", async (t) => {
	const told: string[] = [];
	const calls = ["http://127.0.0.1/", "https://evil.example/", "https://api.example/x", "https://media.example/2"];
	async function fetch(_attachment: unknown, tools: Tools): Promise<MediaAnswer> {
		const posted = await tools.http({ method: "POST", url: "https://media.example/", headers: {} });
		told.push(posted.kind);
		for (const url of calls) {
			told.push((await tools.http({ method: "GET", url, headers: {} })).kind);
		}
		throw new Error("a bug");
	}
	const logged: string[] = [];
	const log = { ...silentLog, error: (text: string) => void logged.push(text) };
	const scene = await fetching(t, await openTemporarySqlite(t), { media: { hosts: ["media.example"], fetch } }, log);
	const id = await arrive(scene, ["https://media.example/1"]);
	await passUntil(scene, async () => (await shown(scene, id)).find((one) => "state" in one && one.state === "failed"));
	// The POST and the three calls after it were the four; the last one was one too many.
	assert.deepEqual(told, ["notSent", "notSent", "notSent", "answered", "notSent"]);
	assert.deepEqual(
		scene.asked.map(({ url }) => url),
		["https://api.example/x"],
	);
	assert.deepEqual(logged, ["A connector failed while it fetched a file."]);
});

test("a token for a file is had where the administrator said, and opens no other way", async (t) => {
	const told: string[] = [];
	async function fetch({ url }: { url: string }, tools: Tools): Promise<MediaAnswer> {
		await tools.token("key", async () => {
			const answer = await tools.http({ method: "POST", url: "https://login.example/token", headers: {} });
			told.push(answer.kind);
			return { ok: false, outcome: { kind: "retry", code: "credentials", detail: "none" } };
		});
		told.push((await tools.http({ method: "GET", url: "https://login.example/token", headers: {} })).kind);
		return fetchPlainly({ url }, undefined, tools);
	}
	const scene = await fetching(t, await openTemporarySqlite(t), { media: { hosts: ["media.example"], fetch } });
	const id = await arrive(scene, ["https://media.example/1"]);
	await passUntil(scene, async () => (await shown(scene, id)).find((one) => "state" in one && one.state === "kept"));
	assert.deepEqual(told, ["answered", "notSent"]);
});

test("a temporary failure is followed by the file", async (t) => {
	const scene = await fetching(t, await openTemporarySqlite(t));
	scene.answers.push(later, { kind: "unclear", why: "reset" }, { kind: "notSent", why: "dns" });
	const id = await arrive(scene, ["https://media.example/1"]);
	await passUntil(
		scene,
		async () => (await shown(scene, id)).find((one) => "state" in one && one.state === "kept"),
		30_000,
	);
	assert.equal(scene.asked.length, 4);
});

onBothDialects("one node has a file at a time, and one that was thought dead changes nothing", async (open) => {
	const stage = await setStage(await open());
	const { storage, clock, serviceId } = stage;
	const id = await arrive({ stage }, ["https://media.example/1"]);
	const claim = () => storage.write((tx) => claimMedia(tx, { serviceId, limit: 5, now: clock.now(), leaseMs: 10_000 }));
	const both = await Promise.all([claim(), claim()]);
	const [[first] = [], [none] = []] = both.toSorted((one, other) => other.length - one.length);
	assert.ok(first !== undefined && none === undefined);
	assert.deepEqual(first.attachment?.url, "https://media.example/1");
	clock.advance(10_001);
	const [second] = await claim();
	assert.ok(second !== undefined && second.attempts === 2);
	const file = { contentType: "image/png", filename: "a.png", content: png };
	const end = (late: typeof first) =>
		storage.write((tx) => endMediaClaim(tx, late, { state: "kept", file }, clock.now()));
	assert.deepEqual([await end(first), await end(second), await end(second)], [false, true, false]);
	const rows = await storage.db.selectFrom("files").select("size").execute();
	assert.deepEqual(
		rows.map(({ size }) => size),
		[png.length],
	);
	assert.equal((await shown({ stage }, id)).length, 1);
});

test("who is waiting is woken by a signal", async (t) => {
	const signals = localSignals();
	let woken = 0;
	t.after(signals.listen("media", () => (woken += 1)));
	const { nudge } = await import("./receive.ts");
	nudge([messageEvent("1")], signals);
	assert.equal(woken, 0);
	nudge([messageEvent("2", { attachments: [{ url: "https://media.example/1" }] })], signals);
	assert.equal(woken, 1);
});
