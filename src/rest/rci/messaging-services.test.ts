// The routes on a real database with the real connectors.

import assert from "node:assert/strict";
import test from "node:test";
import type { Grant } from "#domain/rights.ts";
import { lockedSecretBox } from "#platform/secret-box.ts";
import { replaceGrants } from "#storage/grants.ts";
import { insertUser } from "#storage/people.ts";
import { openServices } from "#storage/service-secrets.ts";
import { stopService } from "#storage/services.ts";
import { enqueue } from "#test/scene.ts";
import { type RciStage, everyRight, grantOf, openRciStage } from "#test/rci-stage.ts";
import { messagingServiceRoutes } from "./messaging-services.ts";
import type { ServiceView } from "./service-view.ts";

const open = (t: Parameters<typeof openRciStage>[0]) => openRciStage(t, messagingServiceRoutes);
const base = "/messagingServices";
const page = "104857600000001";
const facebook = (changes: object = {}) => ({
	type: "facebook",
	name: "Shop page",
	authentications: [
		{ authenticationId: page, password: "canary-page-token" },
		{ authenticationId: "webhook", password: "canary-app-secret" },
		{ authenticationId: "verify", password: "canary-verify-token" },
	],
	...changes,
});
const create = async (stage: RciStage, body: object = facebook()) => {
	const answer = await stage.call<ServiceView>("POST", base, { body });
	assert.equal(answer.status, 201, answer.text);
	return answer.body;
};
const read = async (stage: RciStage, id: string) => (await stage.call<ServiceView>("GET", `${base}/${id}`)).body;
const secrets = async ({ storage, deps, clock }: RciStage, id: string) => {
	const services = await openServices(storage.db, deps.secretBox, clock.now());
	const entries = services.find((service) => service.id === id)?.authentications ?? [];
	return Object.fromEntries(entries.map((entry) => [entry.authenticationId, entry.broken ? "broken" : entry.secrets]));
};
const audit = async ({ storage }: RciStage) =>
	(await storage.db.selectFrom("audit_log").selectAll().orderBy("seq").execute()).map((row) => ({
		action: row.action,
		name: row.object_name,
		changes: JSON.parse(row.changes) as Record<string, { before?: unknown; after?: unknown }>,
	}));

test("a service is made with everything filled in, and read back the same", async (t) => {
	const stage = await open(t);
	const answer = await stage.call<ServiceView>("POST", base, { body: facebook() });
	assert.equal(answer.status, 201);
	assert.equal(answer.headers["location"], `/acme/RI/rci${base}/${answer.body.id}`);
	assert.equal(answer.headers["etag"], '"1"');
	const { authentications, notes, settings, ...others } = answer.body;
	assert.deepEqual(others, {
		id: answer.body.id,
		type: "facebook",
		name: "Shop page",
		enabled: true,
		serviceConnection: "https://graph.facebook.com/v25.0",
		authenticationUrl: null,
		authenticationScope: null,
		incomingMode: "enforce",
		webhookUrl: `https://parley.example/acme/sms/facebook/${answer.body.id}`,
		state: "ready",
		cannotSendBecause: null,
		openDoorBecause: null,
		allowed: ["view", "create", "modify", "delete", "use", "manageRights", "messaging", "manageContactHistory"],
		createdAt: stage.clock.now().toISOString(),
		updatedAt: stage.clock.now().toISOString(),
	});
	assert.match(notes.join("\n"), /Service Connection was left empty and is now https:\/\/graph\.facebook/);
	assert.equal((settings as { timeToLiveMinutes: number }).timeToLiveMinutes, 1440);
	assert.equal((settings as { humanAgentTag: boolean }).humanAgentTag, false);
	assert.deepEqual(
		authentications.map(({ authenticationId, passwordSet, direction, role }) => [
			authenticationId,
			passwordSet,
			direction,
			role,
		]),
		[
			[page, true, "outgoing", "page"],
			["webhook", true, "incoming", "webhook"],
			["verify", true, "incoming", "verify"],
		],
	);
	assert.match(authentications[0]?.fingerprint ?? "", /^[0-9a-f]{4}$/);
	const again = await stage.call<ServiceView>("GET", `${base}/${answer.body.id}`);
	assert.deepEqual(again.body, { ...answer.body, notes: [] });
	assert.equal(again.headers["etag"], '"1"');
	assert.deepEqual(await secrets(stage, answer.body.id), {
		[page]: ["canary-page-token"],
		webhook: ["canary-app-secret"],
		verify: ["canary-verify-token"],
	});
});

test("with Accept: text/html the answer is the bare id", async (t) => {
	const stage = await open(t);
	const answer = await stage.call("POST", base, { body: facebook(), headers: { accept: "text/html" } });
	assert.match(answer.text, /^[A-F0-9]{32}$/);
});

test("no answer, no stored row and no audit entry has a secret in clear", async (t) => {
	const stage = await open(t);
	const made = await create(stage);
	const path = `${base}/${made.id}`;
	const answers = [
		JSON.stringify(made),
		...(await Promise.all([
			stage.call("GET", base),
			stage.call("GET", path),
			stage.call("GET", `${path}/authentications`),
			stage.call("GET", `${path}/authentications/${made.authentications[0]?.id}`),
			stage.call("PATCH", path, { body: { authentications: [{ authenticationId: "webhook", password: "canary-2" }] } }),
			stage.call("PATCH", path, {
				body: { authentications: [{ authenticationId: "canary id", password: "canary-3" }] },
			}),
			stage.call("POST", `${path}/authentications`, { body: { authenticationId: "2", password: "canary-4\u0007" } }),
		]).then((all) => all.map(({ text }) => text))),
	];
	const rows = await Promise.all(
		(["authentications", "messaging_services", "audit_log"] as const).map((table) =>
			stage.storage.db.selectFrom(table).selectAll().execute(),
		),
	);
	const stored = JSON.stringify(rows, (_key, value: unknown) =>
		value instanceof Uint8Array ? Buffer.from(value).toString("latin1") : value,
	);
	for (const text of [...answers, stored]) {
		assert.doesNotMatch(text, /canary/);
	}
	assert.ok(stored.includes("webhook"), "the rows are really looked at");
});

test("a service without credentials is a draft that says what it lacks", async (t) => {
	const stage = await open(t);
	const made = await create(stage, { type: "facebook", name: "Draft" });
	assert.equal(made.state, "draft");
	assert.match(made.cannotSendBecause ?? "", /^Add an authentication named after the Page ID/);
	assert.match(made.notes.join("\n"), /No App Secret is set; add an authentication/);
	const sinch = await create(stage, { type: "sinchconversation", name: "Draft" });
	assert.match(sinch.cannotSendBecause ?? "", /^Enter the Service Connection, for example https:/);
});

test("states: switched off, stopped by the provider, draft and ready", async (t) => {
	const stage = await open(t);
	const { id } = await create(stage);
	await stage.storage.write((tx) => stopService(tx, id, "Twilio says 410.", stage.clock.now()));
	const stopped = await read(stage, id);
	assert.deepEqual([stopped.state, stopped.cannotSendBecause], ["stopped", "Twilio says 410."]);
	await stage.call("PATCH", `${base}/${id}`, { body: { enabled: false } });
	const paused = await read(stage, id);
	assert.deepEqual([paused.state, paused.cannotSendBecause], ["paused", "The service is switched off."]);
	await stage.call("PATCH", `${base}/${id}`, { body: { enabled: true } });
	assert.equal((await read(stage, id)).state, "ready", "a change opens a stopped service again");
});

test("an App ID in small letters is mended with a note", async (t) => {
	const stage = await open(t);
	const made = await create(stage, {
		type: "sinchconversation",
		name: "Sinch",
		serviceConnection: "https://eu.conversation.api.sinch.com/v1/projects/p1/messages:send",
		authentications: [
			{ authenticationId: "key1@01abc", password: "x" },
			{ authenticationId: " webhook", password: "y" },
		],
	});
	assert.deepEqual(
		made.authentications.map(({ authenticationId }) => authenticationId),
		["key1@01ABC", "webhook"],
	);
	assert.match(made.notes.join("\n"), /capital/);
});

test("an open door is named", async (t) => {
	const stage = await open(t);
	const made = await create(stage, facebook({ incomingMode: "observe" }));
	assert.match(made.openDoorBecause ?? "", /^Incoming mode is observe: calls that prove nothing are let in/);
});

const account = `AC${"1".repeat(32)}`;
const twilio = (changes: object = {}) => ({
	type: "twilio",
	name: "Twilio",
	serviceConnection: "https://api.twilio.com",
	authentications: [{ authenticationId: account, password: "first" }],
	...changes,
});

test("a missing HTTP user is told until an external user holds Use, directly or by the type", async (t) => {
	const stage = await open(t);
	const { id } = await create(stage, twilio());
	const told = async () =>
		(await read(stage, id)).notes.some((note) => note.includes("no external user holds the right Use"));
	assert.equal(await told(), true);
	assert.doesNotMatch((await create(stage)).notes.join(), /external user/, "facebook is exempt");
	const user = async (login: string, externalUser: boolean, grants: readonly Grant[]) => {
		const userId = stage.deps.ids.next<never>();
		await stage.storage.write(async (tx) => {
			const texts = { email: null, title: null, location: null, phone: null };
			const more = { uiLanguage: null, timeZone: null, externalId: null };
			const fields = { firstName: "F", surname: "S", login, externalUser, enabled: true, ...texts, ...more };
			await insertUser(tx, { id: userId, fields, password: { kind: "none" }, at: stage.clock.now() });
			await replaceGrants(tx, { kind: "user", id: userId }, grants, () => stage.deps.ids.next());
		});
	};
	await user("person", false, [grantOf("messagingService", ["use"])]);
	assert.equal(await told(), true, "a person does not count");
	await user("other", true, [grantOf("messagingService", ["use"], "F".repeat(32))]);
	assert.equal(await told(), true, "another service does not count");
	await user("twilio", true, [grantOf("messagingService", ["use"], id)]);
	assert.equal(await told(), false);
});

// One row for each class of bad input. `code` is the problem, `pointer` where it is.
const bad: readonly [string, object, number, string, string][] = [
	["an unknown type", { type: "pigeon" }, 422, "invalid_configuration", "/type"],
	["a missing type", { type: undefined }, 400, "invalid_body", "/type"],
	["a missing name", { name: undefined }, 400, "invalid_body", "/name"],
	["an empty name", { name: "" }, 400, "invalid_body", "/name"],
	["a name of spaces", { name: "  " }, 422, "invalid_configuration", "/name"],
	["a name with a control character", { name: "a\u0000b" }, 400, "invalid_body", "/name"],
	["a name too long", { name: "x".repeat(401) }, 400, "invalid_body", "/name"],
	["an unknown field", { password: "x" }, 400, "invalid_body", "/password"],
	["a computed field in a POST", { state: "ready" }, 400, "invalid_body", "/state"],
	["a field of the wrong type", { enabled: "true" }, 400, "invalid_body", "/enabled"],
	["a mode that does not exist", { incomingMode: "off" }, 400, "invalid_body", "/incomingMode"],
	["settings that are a list", { settings: [] }, 422, "invalid_configuration", "/settings"],
	["settings that are null", { settings: null }, 422, "invalid_configuration", "/settings"],
	["an unknown setting", { settings: { humanTag: true } }, 422, "invalid_configuration", "/settings/humanTag"],
	[
		"a setting of the wrong type",
		{ settings: { humanAgentTag: "yes" } },
		422,
		"invalid_configuration",
		"/settings/humanAgentTag",
	],
	[
		"a common setting out of range",
		{ settings: { timeToLiveMinutes: 0 } },
		422,
		"invalid_configuration",
		"/settings/timeToLiveMinutes",
	],
	[
		"an address that is none",
		{ serviceConnection: "graph.facebook.com" },
		422,
		"invalid_configuration",
		"/serviceConnection",
	],
	[
		"an address with credentials",
		{ serviceConnection: "https://u:p@graph.facebook.com" },
		422,
		"invalid_configuration",
		"/serviceConnection",
	],
	[
		"an Authentication URL with a fragment",
		{ authenticationUrl: "https://a.example/#x" },
		422,
		"invalid_configuration",
		"/authenticationUrl",
	],
	["authentications that are no list", { authentications: {} }, 400, "invalid_body", "/authentications"],
	[
		"an entry without an Authentication ID",
		{ authentications: [{}] },
		400,
		"invalid_body",
		"/authentications/0/authenticationId",
	],
	[
		"an unknown field of an entry",
		{ authentications: [{ authenticationId: page, secret: "x" }] },
		400,
		"invalid_body",
		"/authentications/0/secret",
	],
	[
		"an entry of an unknown shape",
		{ authentications: [{ authenticationId: "my page" }] },
		422,
		"invalid_configuration",
		"/authentications/0/authenticationId",
	],
	[
		"two webhook entries",
		{ authentications: [{ authenticationId: "webhook" }, { authenticationId: "webhook" }] },
		422,
		"invalid_configuration",
		"/authentications/1/authenticationId",
	],
	[
		"an empty password",
		{ authentications: [{ authenticationId: page, password: "" }] },
		400,
		"invalid_body",
		"/authentications/0/password",
	],
	[
		"a password too long",
		{ authentications: [{ authenticationId: page, password: "x".repeat(4097) }] },
		400,
		"invalid_body",
		"/authentications/0/password",
	],
	[
		"a password that is a number",
		{ authentications: [{ authenticationId: page, password: 5 }] },
		400,
		"invalid_body",
		"/authentications/0/password",
	],
	[
		"a password that the connector refuses",
		{ authentications: [{ authenticationId: page, password: "a b" }] },
		422,
		"invalid_configuration",
		"/authentications/0/password",
	],
	[
		"an entry's id in a new service",
		{ authentications: [{ id: "A".repeat(32), authenticationId: page }] },
		422,
		"invalid_configuration",
		"/authentications/0/id",
	],
	[
		"a rotation of an outgoing secret",
		{ authentications: [{ authenticationId: page, password: "x", previousValidUntil: "2026-01-03T00:00:00Z" }] },
		422,
		"invalid_configuration",
		"/authentications/0/previousValidUntil",
	],
	[
		"a time without an offset",
		{ authentications: [{ authenticationId: "webhook", password: "x", previousValidUntil: "2026-01-03T00:00:00" }] },
		400,
		"invalid_body",
		"/authentications/0/previousValidUntil",
	],
];
for (const [what, changes, status, code, pointer] of bad) {
	test(`${what} is refused at ${pointer}, and nothing is stored`, async (t) => {
		const stage = await open(t);
		const { problem, ...answer } = await stage.call("POST", base, { body: facebook(changes) });
		assert.deepEqual([answer.status, problem.code], [status, code], answer.text);
		assert.ok(
			problem.errors?.some((error) => error.pointer === pointer),
			answer.text,
		);
		assert.deepEqual(await stage.storage.db.selectFrom("messaging_services").select("id").execute(), []);
		assert.deepEqual(await audit(stage), []);
	});
}

test("bodies that are no plain JSON object are refused before anything looks at them", async (t) => {
	const stage = await open(t);
	const bodies: readonly [string, string][] = [
		["{", "malformed_json"],
		["[]", "invalid_body"],
		["null", "invalid_body"],
		['{"type":"facebook","name":"a","name":"b"}', "duplicate_key"],
		[`{"type":"facebook","name":"a","settings":${'{"a":'.repeat(80)}1${"}".repeat(80)}}`, "json_too_deep"],
	];
	for (const [raw, code] of bodies) {
		assert.equal((await stage.call("POST", base, { raw })).problem.code, code, raw.slice(0, 40));
	}
	const deep = `{"type":"facebook","name":"a","settings":{"humanAgentTag":${"[".repeat(50)}${"]".repeat(50)}}}`;
	assert.equal((await stage.call("POST", base, { raw: deep })).problem.code, "invalid_configuration");
});

test("every broken rule is told at once, with its next step", async (t) => {
	const stage = await open(t);
	const authentications = [{ authenticationId: "?" }, { authenticationId: "webhook" }, { authenticationId: "webhook" }];
	const { problem } = await stage.call("POST", base, {
		body: facebook({ serviceConnection: "x", settings: { a: 1 }, authentications }),
	});
	assert.deepEqual(
		problem.errors?.map(({ pointer }) => pointer),
		["/serviceConnection", "/settings/a", "/authentications/0/authenticationId", "/authentications/2/authenticationId"],
	);
	assert.match(
		problem.errors?.[2]?.message ?? "",
		/must be .*the digits of the Page ID \(for example 104857600000001\)/,
	);
});

test("a name is unique within its type, without regard to case", async (t) => {
	const stage = await open(t);
	await create(stage);
	const { problem, status } = await stage.call("POST", base, { body: facebook({ name: "SHOP PAGE" }) });
	assert.deepEqual([status, problem.code], [409, "duplicate_name"]);
	await create(stage, twilio({ name: "Shop page" }));
	const other = await create(stage, facebook({ name: "Other" }));
	const renamed = await stage.call("PATCH", `${base}/${other.id}`, { body: { name: "shop page" } });
	assert.equal(renamed.problem.code, "duplicate_name");
});

test("PUT replaces: what is not given gets its default, passwords that are not given stay", async (t) => {
	const stage = await open(t);
	const { id } = await create(
		stage,
		facebook({ settings: { humanAgentTag: true }, incomingMode: "warn", enabled: false }),
	);
	const put = await stage.call("PUT", `${base}/${id}`, {
		body: {
			name: "New name",
			authentications: [{ authenticationId: page }, { authenticationId: "webhook", password: null }],
		},
	});
	assert.deepEqual([put.status, put.text, put.headers["etag"]], [204, "", '"2"']);
	const view = await read(stage, id);
	assert.deepEqual([view.name, view.enabled, view.incomingMode], ["New name", true, "enforce"]);
	assert.equal((view.settings as { humanAgentTag: boolean }).humanAgentTag, false);
	assert.deepEqual(await secrets(stage, id), { [page]: ["canary-page-token"], webhook: [] });
});

test("what a GET gave can be changed and sent back by PUT", async (t) => {
	const stage = await open(t);
	const { id } = await create(stage);
	const view = await read(stage, id);
	const put = await stage.call("PUT", `${base}/${id}`, { body: { ...view, name: "Changed" } });
	assert.equal(put.status, 204, put.text);
	assert.deepEqual(await read(stage, id), { ...view, name: "Changed" });
	assert.equal(Object.keys(await secrets(stage, id)).length, 3);
});

test("PUT demands the list of authentications, so that forgetting it removes nothing", async (t) => {
	const stage = await open(t);
	const { id } = await create(stage);
	const { status, problem } = await stage.call("PUT", `${base}/${id}`, { body: { name: "x" } });
	assert.deepEqual([status, problem.errors?.[0]?.pointer], [400, "/authentications"]);
});

test("PATCH changes what is given; null takes a setting back to its default", async (t) => {
	const stage = await open(t);
	const { id } = await create(stage, facebook({ settings: { humanAgentTag: true, timeToLiveMinutes: 5 } }));
	const patched = await stage.call<ServiceView>("PATCH", `${base}/${id}`, {
		body: { settings: { humanAgentTag: null, sendsAtOnce: 2 } },
		headers: { "content-type": "application/merge-patch+json" },
	});
	assert.equal(patched.status, 200, patched.text);
	const { humanAgentTag, timeToLiveMinutes, sendsAtOnce } = patched.body.settings;
	assert.deepEqual(
		{ humanAgentTag, timeToLiveMinutes, sendsAtOnce },
		{ humanAgentTag: false, timeToLiveMinutes: 5, sendsAtOnce: 2 },
	);
	assert.equal(patched.body.authentications.length, 3);
	assert.equal(patched.body.name, "Shop page");
	const nulls = await stage.call("PATCH", `${base}/${id}`, { body: { settings: null } });
	assert.equal(nulls.problem.errors?.[0]?.pointer, "/settings");
});

test("the type cannot be changed", async (t) => {
	const stage = await open(t);
	const { id } = await create(stage);
	for (const [method, body] of [
		["PUT", twilio()],
		["PATCH", { type: "twilio" }],
	] as const) {
		const { problem } = await stage.call(method, `${base}/${id}`, { body });
		assert.deepEqual([problem.code, problem.errors?.[0]?.pointer], ["invalid_configuration", "/type"]);
	}
	assert.equal((await stage.call("PATCH", `${base}/${id}`, { body: { type: "facebook" } })).status, 200);
});

test("If-Match: a change from an old version is refused by every method", async (t) => {
	const stage = await open(t);
	const { id } = await create(stage);
	await stage.call("PATCH", `${base}/${id}`, { body: { name: "Two" } });
	const headers = { "if-match": '"1"' };
	for (const [method, body] of [
		["PUT", facebook()],
		["PATCH", { name: "x" }],
		["DELETE", undefined],
	] as const) {
		const { status } = await stage.call(method, `${base}/${id}`, { headers, ...(body === undefined ? {} : { body }) });
		assert.equal(status, 412, method);
	}
	assert.equal(
		(await stage.call("PATCH", `${base}/${id}`, { body: { name: "Three" }, headers: { "if-match": '"2"' } })).status,
		200,
	);
});

const elsewhere: readonly [string, object, RegExp][] = [
	["another host", { serviceConnection: "https://evil.example" }, /because Service Connection changed/],
	[
		"another port",
		{ serviceConnection: "https://graph.facebook.com:8443/v25.0" },
		/because Service Connection changed/,
	],
	["no encryption", { serviceConnection: "http://graph.facebook.com/v25.0" }, /because Service Connection changed/],
	["another Authentication URL", { authenticationUrl: "https://evil.example" }, /because Authentication URL changed/],
];
for (const [what, change, said] of elsewhere) {
	test(`${what} clears the secrets that would be sent there, and says so`, async (t) => {
		const stage = await open(t);
		const { id } = await create(stage);
		const { body } = await stage.call<ServiceView>("PATCH", `${base}/${id}`, { body: change });
		assert.match(body.notes.join("\n"), said);
		assert.equal(body.state, "draft");
		assert.deepEqual(await secrets(stage, id), {
			[page]: [],
			webhook: ["canary-app-secret"],
			verify: ["canary-verify-token"],
		});
		assert.deepEqual((await audit(stage)).at(-1)?.changes[`password of ${page}`], { after: "not set" });
	});
}

test("another path keeps the secrets, and a new secret may come with the new host", async (t) => {
	const stage = await open(t);
	const { id } = await create(stage);
	await stage.call("PATCH", `${base}/${id}`, { body: { serviceConnection: "https://graph.facebook.com/v26.0" } });
	assert.deepEqual((await secrets(stage, id))[page], ["canary-page-token"]);
	const body = {
		serviceConnection: "https://other.example",
		authentications: [{ authenticationId: page, password: "new" }, { authenticationId: "webhook" }],
	};
	const answer = await stage.call<ServiceView>("PATCH", `${base}/${id}`, { body });
	assert.doesNotMatch(answer.body.notes.join(), /cleared/);
	assert.deepEqual(await secrets(stage, id), { [page]: ["new"], webhook: ["canary-app-secret"] });
});

test("a host changed in the database opens nothing", async (t) => {
	const stage = await open(t);
	const { id } = await create(stage);
	await stage.storage.db
		.updateTable("messaging_services")
		.set({ service_connection: "https://evil.example" })
		.execute();
	assert.equal((await secrets(stage, id))[page], "broken");
	const view = await read(stage, id);
	assert.deepEqual([view.state, view.authentications[0]?.passwordSet], ["draft", true]);
	assert.match(view.cannotSendBecause ?? "", /^The stored secret of 104857600000001 does not open/);
});

test("a rotation keeps the old secret until its time, and never three", async (t) => {
	const stage = await open(t);
	const { id } = await create(stage, twilio());
	const until = new Date(stage.clock.now().getTime() + 3_600_000).toISOString();
	const rotate = (password: string) =>
		stage.call<ServiceView>("PATCH", `${base}/${id}`, {
			body: { authentications: [{ authenticationId: account, password, previousValidUntil: until }] },
		});
	const second = await rotate("second");
	assert.equal(second.body.authentications[0]?.previousValidUntil, until);
	assert.deepEqual((await secrets(stage, id))[account], ["second", "first"]);
	await stage.call("PATCH", `${base}/${id}`, { body: { name: "Renamed" } });
	assert.deepEqual((await secrets(stage, id))[account], ["second", "first"], "another change leaves it alone");
	const third = await rotate("third");
	assert.match(third.body.notes.join(), /the oldest was dropped/);
	assert.deepEqual((await secrets(stage, id))[account], ["third", "second"]);
	stage.clock.advance(3_600_000);
	assert.deepEqual((await secrets(stage, id))[account], ["third"]);
	assert.equal((await read(stage, id)).authentications[0]?.previousValidUntil, null);
	const moved = await stage.call<ServiceView>("PATCH", `${base}/${id}`, {
		body: {
			serviceConnection: "http://127.0.0.1:9000",
			authentications: [
				{
					authenticationId: account,
					password: "fourth",
					previousValidUntil: new Date(stage.clock.now().getTime() + 1000).toISOString(),
				},
			],
		},
	});
	assert.match(
		moved.body.notes.join("\n"),
		/No earlier secret of AC1+ stays valid, because Service Connection changed/,
	);
	assert.deepEqual((await secrets(stage, id))[account], ["fourth"]);
});

test("a renamed entry keeps its secret within its kind and loses it when the kind changes", async (t) => {
	const stage = await open(t);
	const made = await create(stage);
	const [first, second, third] = made.authentications;
	const rename = (entries: readonly object[]) =>
		stage.call<ServiceView>("PATCH", `${base}/${made.id}`, { body: { authentications: entries } });
	await rename([
		{ id: first?.id, authenticationId: "999" },
		{ id: second?.id, authenticationId: "webhook" },
	]);
	assert.deepEqual(await secrets(stage, made.id), { "999": ["canary-page-token"], webhook: ["canary-app-secret"] });
	const turned = await rename([{ id: second?.id, authenticationId: "888" }]);
	assert.match(turned.body.notes.join(), /secret of 888 was cleared because its entry is of another kind now/);
	assert.deepEqual(await secrets(stage, made.id), { "888": [] });
	const gone = await rename([{ id: third?.id, authenticationId: "verify" }]);
	assert.equal(gone.problem.errors?.[0]?.pointer, "/authentications/0/id");
});

test("while the key ring is away nothing is lost: secrets cannot be set, the rest is told", async (t) => {
	const stage = await open(t);
	const { id } = await create(stage);
	const box = stage.deps.secretBox;
	stage.deps.secretBox = lockedSecretBox();
	const view = await read(stage, id);
	assert.equal(view.state, "draft");
	assert.equal(view.authentications[0]?.passwordSet, true);
	const set = await stage.call("PATCH", `${base}/${id}`, {
		body: { authentications: [{ authenticationId: page, password: "x" }] },
	});
	assert.deepEqual([set.status, set.problem.code], [503, "secrets_locked"]);
	assert.equal((await stage.call("PATCH", `${base}/${id}`, { body: { name: "Kept" } })).status, 200);
	stage.deps.secretBox = box;
	assert.deepEqual((await secrets(stage, id))[page], ["canary-page-token"]);
});

test("the list shows what the caller may view, filtered, sorted and cut", async (t) => {
	const stage = await open(t);
	const one = await create(stage);
	const two = await create(stage, twilio({ enabled: false }));
	await create(stage, { type: "facebook", name: "Zoo" });
	const names = async (query: string) => {
		const answer = await stage.call<ServiceView[]>("GET", `${base}${query}`);
		assert.equal(answer.status, 200, answer.text);
		return answer.body.map(({ name }) => name);
	};
	assert.deepEqual(await names(""), ["Shop page", "Twilio", "Zoo"]);
	assert.deepEqual(await names("?sort=-name&limit=2"), ["Zoo", "Twilio"]);
	assert.deepEqual(await names("?sort=type,-name&offset=1"), ["Shop page", "Twilio"]);
	assert.deepEqual(await names("?type=facebook"), ["Shop page", "Zoo"]);
	assert.deepEqual(await names("?name=*o*"), ["Shop page", "Twilio", "Zoo"]);
	assert.deepEqual(await names("?name=%3Foo"), ["Zoo"]);
	assert.deepEqual(await names("?state=draft"), ["Zoo"]);
	assert.deepEqual(await names("?state=paused"), ["Twilio"]);
	assert.deepEqual(await names("?enabled=false"), ["Twilio"]);
	for (const query of ["?sort=password", "?password=x", "?limit=0", "?limit=1001", "?name=a&name=b"]) {
		assert.equal((await stage.call("GET", base + query)).problem.code, "invalid_query", query);
	}
	await stage.grant(grantOf("messagingService", ["view"], two.id), grantOf("messagingService", ["use"], one.id));
	assert.deepEqual(await names(""), ["Twilio"]);
	const [view] = (await stage.call<ServiceView[]>("GET", base)).body;
	assert.deepEqual(view?.allowed, ["view"]);
});

test("rights: each call needs its own on that very service", async (t) => {
	const stage = await open(t);
	const made = await create(stage);
	const other = await create(stage, twilio());
	const path = `${base}/${made.id}`;
	const entryPath = `${path}/authentications/${made.authentications[0]?.id}`;
	const calls = [
		{ call: ["GET", path], needs: ["view"] },
		{ call: ["PATCH", path], needs: ["modify"] },
		{ call: ["PUT", path], needs: ["modify"] },
		{ call: ["DELETE", path], needs: ["view", "delete"] },
		{ call: ["GET", `${path}/authentications`], needs: ["view"] },
		{ call: ["POST", `${path}/authentications`], needs: ["modify"] },
		{ call: ["GET", entryPath], needs: ["view"] },
		{ call: ["PUT", entryPath], needs: ["modify"] },
		{ call: ["PATCH", entryPath], needs: ["modify"] },
		{ call: ["DELETE", entryPath], needs: ["modify"] },
	] as const;
	for (const { call, needs } of calls) {
		const allOthers = ["view", "create", "delete", "use", "manageRights", "messaging"].filter(
			(access) => !(needs as readonly string[]).includes(access),
		) as ["view"];
		await stage.grant(
			grantOf("messagingService", allOthers, made.id),
			grantOf("messagingService", ["view", "modify", "delete"], other.id),
		);
		assert.equal((await stage.call(call[0], call[1])).status, 403, `${call.join(" ")} without ${needs.join()}`);
	}
	await stage.grant(grantOf("messagingService", ["view", "create"], made.id));
	assert.equal((await stage.call("POST", base, { body: facebook({ name: "x" }) })).status, 403, "create on the type");
	await stage.grant(...everyRight);
	assert.equal((await stage.call("GET", path)).status, 200);
});

test("unknown and ill-shaped ids", async (t) => {
	const stage = await open(t);
	assert.deepEqual((await stage.call("GET", `${base}/${"A".repeat(32)}`)).problem.code, "not_found");
	assert.deepEqual((await stage.call("DELETE", `${base}/${"A".repeat(32)}`)).problem.code, "not_found");
	assert.deepEqual((await stage.call("GET", `${base}/x`)).problem.code, "invalid_path");
});

test("a service is not deleted while messages wait in its outbox, unless forced; then they fail", async (t) => {
	const stage = await open(t);
	const { id } = await create(stage);
	const { storage, clock, deps } = stage;
	const { partIds } = await enqueue({ storage, clock, random: deps.random, ids: deps.ids, serviceId: id });
	const refused = await stage.call("DELETE", `${base}/${id}`);
	assert.deepEqual([refused.status, refused.problem.code], [409, "in_use"]);
	assert.match(
		refused.problem.detail,
		/^1 messages wait in the outbox of this service\. Besides, it has 1 open conversations\./,
	);
	await storage.write((tx) =>
		replaceGrants(tx, { kind: "role", id: "R" }, [grantOf("messagingService", ["use"], id)], () => deps.ids.next()),
	);
	assert.equal((await stage.call("DELETE", `${base}/${id}?force=true`)).status, 204);
	assert.equal((await stage.call("GET", `${base}/${id}`)).status, 404);
	const part = await storage.db
		.selectFrom("outbox")
		.selectAll()
		.where("id", "=", partIds[0] ?? "")
		.executeTakeFirst();
	assert.deepEqual([part?.state, part?.error_code], [0, "config"]);
	const event = await storage.db.selectFrom("events").selectAll().orderBy("seq", "desc").limit(1).executeTakeFirst();
	assert.deepEqual(
		[event?.type, JSON.parse(event?.data ?? "{}")],
		["message.state", { part: 1, from: "queued", to: "failed", code: "config" }],
	);
	assert.notEqual(event?.conversation_id ?? null, null);
	assert.deepEqual(await storage.db.selectFrom("grants").select("id").where("object_id", "=", id).execute(), []);
	assert.deepEqual(await storage.db.selectFrom("authentications").selectAll().execute(), []);
	const deleted = (await audit(stage)).at(-1);
	assert.deepEqual(
		[deleted?.action, deleted?.name, deleted?.changes["failedParts"]],
		["delete", "Shop page", { before: 1 }],
	);
});

test("every change is in the audit log with before and after, once", async (t) => {
	const stage = await open(t);
	const { id } = await create(stage);
	await stage.call("PATCH", `${base}/${id}`, { body: { name: "Renamed", incomingMode: "warn" } });
	await stage.call("PATCH", `${base}/${id}`, { body: { name: "" } });
	await stage.call("DELETE", `${base}/${id}`);
	const entries = await audit(stage);
	assert.deepEqual(
		entries.map(({ action }) => action),
		["create", "modify", "delete"],
	);
	assert.deepEqual(entries[1]?.changes, {
		name: { before: "Shop page", after: "Renamed" },
		incomingMode: { before: "enforce", after: "warn" },
	});
	assert.deepEqual(entries[0]?.changes["password of webhook"], { after: "set" });
});

test("a repeated POST with the same Idempotency-Key makes one service", async (t) => {
	const stage = await open(t);
	const headers = { "idempotency-key": "once" };
	const first = await stage.call<ServiceView>("POST", base, { body: facebook(), headers });
	const again = await stage.call<ServiceView>("POST", base, { body: facebook(), headers });
	assert.deepEqual([again.status, again.text], [201, first.text]);
	const other = await stage.call("POST", base, { body: facebook({ name: "Other" }), headers });
	assert.equal(other.problem.code, "idempotency_mismatch");
	assert.equal((await stage.call<ServiceView[]>("GET", base)).body.length, 1);
});
