// Goal: whatever comes between two rounds, each e-mail that came in is told, once under one key; and nothing else is.
// Method: a tenant in a few lines, which takes the question apart, and can be told to misbehave.

import assert from "node:assert/strict";
import test from "node:test";
import type { ServiceId } from "#domain/ids.ts";
import type { ChannelEvent, MessageEvent } from "#domain/messages.ts";
import type { HttpAnswer, HttpCall, StoredService, Tools, UpkeepState } from "../contract.ts";
import { parse } from "./form.ts";
import { round } from "./polling.ts";

const startMs = Date.parse("2026-11-24T12:00:00.000Z");
const minuteMs = 60_000;

const service: StoredService = {
	id: "1" as ServiceId,
	serviceConnection: "https://my123456.crm.ondemand.com",
	authenticationUrl: null,
	authenticationScope: null,
	settings: { mailbox: "Service@example.com" },
	authentications: [{ authenticationId: "_PARLEY", secrets: ["a secret word"] }],
};

type Email = Record<string, unknown>;
type Answer = { status?: number; body?: unknown; kind?: "too large" | "reset"; headers?: Record<string, string> };

function idOf(number: number): string {
	return number.toString(16).toUpperCase().padStart(32, "0");
}

function email(number: number, changedMs: number, over: Email = {}): Email {
	return {
		ObjectID: idOf(number),
		ID: String(number),
		InitiatorCode: "2",
		Subject: `Subject ${number}`,
		FromEMailURI: "kim@example.com",
		EntityLastChangedOn: `/Date(${changedMs})/`,
		EMailNotes: { results: [{ TypeCode: "10002", Text: `<p>Text ${number}</p>` }] },
		...over,
	};
}

class Tenant {
	nowMs = startMs;
	emails: Email[] = [];
	calls: HttpCall[] = [];
	/** Answers for collections other than e-mails; undefined: there is none. */
	beside: Record<string, Answer> = {};
	/** Stands in for the next answers about e-mails. */
	answer: ((query: URLSearchParams) => Answer | undefined) | undefined;
	state: UpkeepState = {};
	events: ChannelEvent[] = [];
	config = parse(service);

	get messages(): MessageEvent[] {
		return this.events.filter((event) => event.kind === "message");
	}

	/** One round, and the state goes on. */
	async round() {
		const tools: Tools = {
			http: (call) => Promise.resolve(this.#answer(call)),
			token: () => assert.fail("no tokens here"),
			dropToken: () => undefined,
			now: () => new Date(this.nowMs),
		};
		const before = structuredClone(this.state);
		const told = await round(this.state, this.config, { webhookUrl: "" }, tools);
		assert.deepEqual(this.state, before, "the state that was handed in");
		this.state = JSON.parse(JSON.stringify(told.state)) as UpkeepState;
		this.events.push(...told.findings.flatMap(({ events }) => events));
		return told;
	}

	#answer(call: HttpCall): HttpAnswer {
		this.calls.push(call);
		const { pathname, searchParams } = new URL(call.url);
		const collection = pathname.split("/").at(-1) ?? "";
		const given =
			collection === "EMailCollection"
				? (this.answer?.(searchParams) ?? this.#page(searchParams))
				: (this.beside[collection] ?? { body: { d: { results: [] } } });
		if (given.kind !== undefined) {
			return { kind: "unclear", why: given.kind };
		}
		const headers = new Headers({ date: new Date(this.nowMs).toUTCString(), ...given.headers });
		const body = new TextEncoder().encode(JSON.stringify(given.body ?? {}));
		return { kind: "answered", status: given.status ?? 200, headers, body };
	}

	#page(query: URLSearchParams): Answer {
		const from = /^EntityLastChangedOn ge datetimeoffset'(.{23})0000Z'$/.exec(query.get("$filter") ?? "")?.[1];
		const fromMs = Date.parse(`${from ?? ""}Z`);
		const changed = (one: Email) => Number(/\d+/.exec(String(one["EntityLastChangedOn"]))?.[0]);
		const found = this.emails
			.filter((one) => changed(one) >= fromMs)
			.toSorted((one, other) => changed(one) - changed(other));
		const skip = Number(query.get("$skip") ?? 0);
		return { body: { d: { results: found.slice(skip, skip + Number(query.get("$top"))) } } };
	}
}

const keys = (tenant: Tenant) => tenant.messages.map(({ remoteId }) => Number.parseInt(remoteId, 16));

test("an e-mail that came in becomes one message, however often it is seen and changed", async () => {
	const tenant = new Tenant();
	tenant.emails = [email(1, startMs - 10 * minuteMs, { FromName: "Kim Doe", ToEMailURI: "service@example.com" })];
	const { findings, nextAt } = await tenant.round();
	assert.equal(nextAt.getTime(), startMs + minuteMs);
	assert.equal(new URL(findings[0]?.url ?? "").pathname, "/sap/c4c/odata/v1/c4codataapi/EMailCollection");
	assert.deepEqual(tenant.messages, [
		{
			kind: "message",
			dedupKey: `email:${idOf(1)}:in`,
			remoteId: idOf(1),
			channel: "email",
			ourAddress: "service@example.com",
			contact: { address: "kim@example.com", name: "Kim Doe" },
			text: "Text 1",
			attachments: [],
			at: new Date(startMs - 10 * minuteMs),
			metadata: { subject: "Subject 1", emailId: "1", to: "service@example.com" },
		},
	]);
	tenant.nowMs += minuteMs;
	assert.deepEqual((await tenant.round()).findings, [], "seen already");
	tenant.emails = [email(1, startMs + 30_000, { Subject: "Solved" })];
	await tenant.round();
	assert.equal(new Set(tenant.messages.map(({ dedupKey }) => dedupKey)).size, 1);
});

const created = (timeMs: number) => ({ CreationDateTime: `/Date(${timeMs})/` });
const dayMs = 24 * 60 * minuteMs;

test("an e-mail from before the service is none that just came, whatever changes in it", async () => {
	const tenant = new Tenant();
	await tenant.round();
	tenant.nowMs += 10 * minuteMs;
	tenant.emails = [
		email(1, tenant.nowMs - 1000, created(startMs - 400 * dayMs)),
		email(2, tenant.nowMs - 900, { ...created(startMs - 400 * dayMs), FromEMailURI: "nobody" }),
		email(3, tenant.nowMs - 800, { CreatedOn: `/Date(${startMs - 16 * minuteMs})/` }),
		email(4, tenant.nowMs - 700, created(startMs - 14 * minuteMs)),
		email(5, tenant.nowMs - 600, { ...created(startMs - 400 * dayMs), CreatedOn: `/Date(${tenant.nowMs})/` }),
	];
	await tenant.round();
	assert.deepEqual([keys(tenant), tenant.events.length], [[4, 5], 2]);
	assert.equal(tenant.calls.filter(({ url }) => url.includes("Attachment")).length, 1, "nothing is looked up for them");
});

test("a message is told once, even when its key is forgotten before the e-mail changes again", async () => {
	for (const restMs of [minuteMs, dayMs, 400 * dayMs]) {
		const tenant = new Tenant();
		tenant.emails = [email(1, startMs + 1000, created(startMs + 1000))];
		tenant.nowMs = startMs + 2000;
		await tenant.round();
		for (const isAnotherThere of [false, true]) {
			tenant.nowMs += restMs + 60 * minuteMs;
			const { nowMs } = tenant;
			const others = isAnotherThere ? [email(2, nowMs - 1000, created(nowMs - 1000))] : [];
			tenant.emails = [...others, email(1, nowMs, created(startMs + 1000))];
			await tenant.round();
			await tenant.round();
		}
		assert.deepEqual(keys(tenant), [1, 2], String(restMs));
	}
});

test("one that could not be read becomes a message once it can", async () => {
	const tenant = new Tenant();
	tenant.emails = [email(1, startMs, { ...created(startMs), FromEMailURI: "" })];
	await tenant.round();
	tenant.emails = [email(1, startMs + 1000, created(startMs))];
	await tenant.round();
	assert.deepEqual(
		tenant.events.map(({ kind }) => kind),
		["unreadable", "message"],
	);
});

test("what came and changed during an outage is new, on whatever page it stands", async () => {
	const tenant = new Tenant();
	await tenant.round();
	const laterMs = startMs + 5 * dayMs;
	tenant.emails = Array.from({ length: 200 }, (_, index) =>
		email(index + 1, laterMs + index * 2000, created(startMs + (200 - index) * 1000)),
	);
	tenant.nowMs = laterMs + 60 * minuteMs;
	let pages = 0;
	tenant.answer = () => (++pages === 4 ? { status: 503, body: {} } : undefined);
	for (let rounds = 0; rounds < 4; rounds++) {
		await tenant.round();
	}
	assert.deepEqual(
		keys(tenant),
		Array.from({ length: 200 }, (_, index) => index + 1),
	);
});

test("an e-mail from the future hides none of those that come before it", async () => {
	const tenant = new Tenant();
	tenant.emails = [email(1, startMs - 1000, created(startMs - 1000))];
	tenant.emails.push(email(2, startMs + 30_000 * dayMs, created(startMs)));
	await tenant.round();
	const { state } = tenant;
	for (const number of [3, 4, 5]) {
		tenant.nowMs += 20 * minuteMs;
		await tenant.round();
		assert.deepEqual(tenant.state, number === 3 ? state : tenant.state);
		// Stored after the question, though its time is before it.
		tenant.emails.push(email(number, tenant.nowMs - 1000, created(tenant.nowMs - 1000)));
		await tenant.round();
	}
	assert.deepEqual(keys(tenant), [1, 2, 3, 4, 5]);
});

test("a place in the future that was believed once is left again", async () => {
	const tenant = new Tenant();
	tenant.state = { newest: "2099-01-01T00:00:00.000Z" };
	await tenant.round();
	tenant.emails = [email(1, startMs + 1000, created(startMs + 1000))];
	tenant.nowMs += minuteMs;
	await tenant.round();
	assert.deepEqual(keys(tenant), [1]);
});

test("nothing new leaves the state as it is, so that nothing has to be read again", async () => {
	const tenant = new Tenant();
	tenant.emails = [email(1, startMs)];
	await tenant.round();
	const { state } = tenant;
	tenant.nowMs += 60 * minuteMs;
	await tenant.round();
	assert.deepEqual(tenant.state, state);
});

test("what is stored late is found within the overlap, and at a first start what came just before", async () => {
	const tenant = new Tenant();
	tenant.emails = [email(1, startMs - 14 * minuteMs), email(2, startMs - 16 * minuteMs)];
	await tenant.round();
	assert.deepEqual(keys(tenant), [1]);
	tenant.emails.push(email(3, startMs + minuteMs));
	tenant.nowMs += 2 * minuteMs;
	await tenant.round();
	tenant.emails.push(email(4, startMs - 13 * minuteMs));
	await tenant.round();
	assert.deepEqual(keys(tenant), [1, 3, 4]);
});

test("many e-mails come in pages, a handful a round, the rest at once, none twice and none missing", async () => {
	const tenant = new Tenant();
	tenant.emails = Array.from({ length: 300 }, (_, index) => email(index + 1, startMs + index * 700));
	tenant.nowMs += 5 * minuteMs;
	const waits: number[] = [];
	for (let rounds = 0; rounds < 3; rounds++) {
		waits.push((await tenant.round()).nextAt.getTime() - tenant.nowMs);
	}
	assert.deepEqual(
		keys(tenant),
		Array.from({ length: 300 }, (_, index) => index + 1),
	);
	assert.deepEqual(waits, [2000, 2000, minuteMs]);
});

test("more e-mails of one moment than a page holds are all found", async () => {
	const tenant = new Tenant();
	tenant.emails = Array.from({ length: 120 }, (_, index) => email(index + 1, startMs));
	await tenant.round();
	await tenant.round();
	assert.deepEqual(
		keys(tenant).toSorted((one, other) => one - other),
		Array.from({ length: 120 }, (_, index) => index + 1),
	);
});

test("an e-mail that changes between two pages moves to the end, and no other is passed over", async () => {
	const tenant = new Tenant();
	tenant.emails = Array.from({ length: 60 }, (_, index) => email(index + 1, startMs + index * 2000));
	let pages = 0;
	tenant.answer = () => {
		if (++pages === 2) {
			tenant.emails = [...tenant.emails.slice(1), email(1, startMs + 200_000)];
		}
		return undefined;
	};
	await tenant.round();
	assert.deepEqual(
		[...new Set(keys(tenant))].toSorted((one, other) => one - other),
		Array.from({ length: 60 }, (_, index) => index + 1),
	);
});

test("trouble on a later page keeps what was read, and the next round goes on behind it", async () => {
	const tenant = new Tenant();
	tenant.emails = Array.from({ length: 40 }, (_, index) => email(index + 1, startMs + index * 2000));
	let pages = 0;
	tenant.answer = () => (++pages === 2 ? { status: 503, body: {} } : undefined);
	const { trouble } = await tenant.round();
	assert.equal(trouble?.code, "unreachable");
	assert.equal(keys(tenant).length, 25);
	await tenant.round();
	assert.equal(new Set(keys(tenant)).size, 40);
});

test("an outage at the very first start loses nothing", async () => {
	const tenant = new Tenant();
	tenant.answer = () => ({ kind: "reset" });
	await tenant.round();
	tenant.emails = [email(1, startMs + minuteMs)];
	tenant.nowMs += 300 * minuteMs;
	tenant.answer = undefined;
	await tenant.round();
	assert.deepEqual(keys(tenant), [1]);
});

test("a clock of ours that is ahead hides nothing that comes", async () => {
	const tenant = new Tenant();
	tenant.answer = () => ({
		body: { d: { results: [] } },
		headers: { date: new Date(startMs - 120 * minuteMs).toUTCString() },
	});
	await tenant.round();
	tenant.answer = undefined;
	tenant.emails = [email(1, startMs - 119 * minuteMs)];
	await tenant.round();
	assert.deepEqual(keys(tenant), [1]);
});

test("an answer that is too large is asked for in smaller pieces, and one e-mail without its text", async () => {
	const tenant = new Tenant();
	tenant.emails = [1, 2, 3].map((number) => email(number, startMs + number * 5000));
	tenant.answer = (query) => {
		const from = query.get("$filter") ?? "";
		const isAtSecond = from.includes("12:00:04") || from.includes("12:00:09") || from.includes("11:45");
		return query.has("$expand") && (Number(query.get("$top")) > 1 || !isAtSecond) ? { kind: "too large" } : undefined;
	};
	for (let rounds = 0; rounds < 4; rounds++) {
		await tenant.round();
	}
	assert.deepEqual([...new Set(keys(tenant))], [1, 2, 3]);
	tenant.answer = (query) => (query.has("$expand") ? { kind: "too large" } : undefined);
	tenant.emails.push(email(4, startMs + 60_000));
	await tenant.round();
	await tenant.round();
	assert.match(tenant.messages.find(({ remoteId }) => remoteId === idOf(4))?.text ?? "", /^This e-mail is too long/);
	tenant.answer = () => ({ kind: "too large" });
	assert.equal((await tenant.round()).trouble?.code, "protocol");
});

test("an answer in another order is refused whole, and so are e-mails without a time", async () => {
	const tenant = new Tenant();
	tenant.answer = () => ({ body: { d: { results: [email(1, startMs), email(2, startMs - 1)] } } });
	assert.match((await tenant.round()).trouble?.detail ?? "", /does not keep the order/);
	tenant.answer = () => ({ body: { d: { results: [email(1, startMs, { EntityLastChangedOn: null })] } } });
	assert.match((await tenant.round()).trouble?.detail ?? "", /no EntityLastChangedOn that can be read/);
	assert.deepEqual(tenant.events, []);
});

test("the ticket and the attachments of a page are asked for at once", async () => {
	const tenant = new Tenant();
	tenant.emails = [email(1, startMs), email(2, startMs)];
	const folder = "EMailAttachmentFolderCollection";
	tenant.beside = {
		ServiceRequestBusinessTransactionDocumentReferenceCollection: {
			body: {
				d: {
					results: [
						{ ID: "1", TypeCode: "39", ParentObjectID: idOf(70) },
						{ ID: "2", TypeCode: "86", ParentObjectID: idOf(71) },
					],
				},
			},
		},
		ServiceRequestCollection: { body: { d: { results: [{ ObjectID: idOf(70), ID: "5197" }] } } },
		[folder]: {
			body: {
				d: {
					results: [
						{ ObjectID: idOf(80), ParentObjectID: idOf(2), Name: "a.pdf", MimeType: "application/pdf" },
						{ ObjectID: "'/../x", ParentObjectID: idOf(2) },
					],
				},
			},
		},
	};
	await tenant.round();
	assert.deepEqual(
		tenant.messages.map(({ metadata, attachments }) => [metadata?.["ticket"], attachments]),
		[
			["5197", []],
			[
				undefined,
				[
					{
						url: `https://my123456.crm.ondemand.com/sap/c4c/odata/v1/c4codataapi/${folder}('${idOf(80)}')/Binary/$value`,
						contentType: "application/pdf",
						filename: "a.pdf",
					},
				],
			],
		],
	);
	assert.equal(tenant.calls.length, 4);
	const asked = tenant.calls.map(({ url }) => new URL(url).searchParams.get("$filter"));
	assert.deepEqual(asked.slice(1), [
		"ID eq '1' or ID eq '2'",
		`ObjectID eq '${idOf(70)}'`,
		`ParentObjectID eq '${idOf(1)}' or ParentObjectID eq '${idOf(2)}'`,
	]);
});

test("what may not be read beside is left out; trouble that passes makes the round wait", async () => {
	for (const status of [400, 403, 404, 501]) {
		const tenant = new Tenant();
		tenant.emails = [email(1, startMs)];
		tenant.beside["ServiceRequestBusinessTransactionDocumentReferenceCollection"] = { status };
		assert.equal((await tenant.round()).trouble, undefined);
		assert.deepEqual(keys(tenant), [1]);
	}
	for (const answer of [{ status: 429 }, { status: 500 }, { status: 401 }, { kind: "reset" as const }]) {
		const tenant = new Tenant();
		tenant.emails = [email(1, startMs)];
		tenant.beside["EMailAttachmentFolderCollection"] = answer;
		assert.notEqual((await tenant.round()).trouble, undefined);
		assert.deepEqual(keys(tenant), []);
		tenant.beside = {};
		await tenant.round();
		assert.deepEqual(keys(tenant), [1]);
	}
});

test("trouble says what is wrong, and when to come again", async () => {
	const rows: readonly [Answer, string, number][] = [
		[{ status: 401 }, "credentials", 5 * minuteMs],
		[{ status: 403 }, "credentials", 5 * minuteMs],
		[{ status: 404 }, "config", 5 * minuteMs],
		[
			{ status: 400, body: { error: { code: "", message: { lang: "en", value: "Property X is a secret word" } } } },
			"config",
			5 * minuteMs,
		],
		[{ status: 429, headers: { "retry-after": "600" } }, "throttled", 10 * minuteMs],
		[{ status: 502 }, "unreachable", minuteMs],
		[{ body: { d: {} } }, "protocol", minuteMs],
		[{ kind: "reset" }, "unreachable", minuteMs],
	];
	for (const [answer, code, waitMs] of rows) {
		const tenant = new Tenant();
		tenant.answer = () => answer;
		const { trouble, nextAt, findings } = await tenant.round();
		assert.deepEqual([trouble?.code, nextAt.getTime() - startMs, findings.length], [code, waitMs, 0]);
		assert.ok(trouble?.detail.includes("a secret word") === false);
	}
});

test("a state from anywhere is borne", async () => {
	for (const state of [{ newest: 7 }, { newest: "soon", seen: [], skip: -1.5 }, { seen: { x: "y" }, from: null }]) {
		const tenant = new Tenant();
		tenant.emails = [email(1, startMs)];
		tenant.state = state;
		await tenant.round();
		assert.deepEqual(keys(tenant), [1]);
	}
});
