// Goal: whatever comes between two rounds, each e-mail that came in is told, once under one key; and nothing else is.
// Method: the tenant of test/c4semail-tenant.ts, round after round.

import assert from "node:assert/strict";
import test from "node:test";
import { startMs, minuteMs, idOf, email, Tenant, keys } from "#test/c4semail-tenant.ts";

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
