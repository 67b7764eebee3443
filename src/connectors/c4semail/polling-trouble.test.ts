// Goal: trouble at the tenant loses nothing, and what stands beside an e-mail is asked for without holding it up.
// Method: the tenant of test/c4semail-tenant.ts, round after round.

import assert from "node:assert/strict";
import test from "node:test";
import { startMs, minuteMs, type Answer, idOf, email, Tenant, keys } from "#test/c4semail-tenant.ts";

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
