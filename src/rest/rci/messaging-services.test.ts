// Making, reading, listing, changing and deleting messaging services, on a real database with the real connectors.

import assert from "node:assert/strict";
import test from "node:test";
import type { Grant } from "#domain/rights.ts";
import { replaceGrants } from "#storage/grants.ts";
import { insertUser } from "#storage/people.ts";
import { stopService } from "#storage/services.ts";
import { enqueue } from "#test/scene.ts";
import { everyRight, grantOf } from "#test/rci-stage.ts";
import { audit, base, create, facebook, openServiceStage, page, read, secrets, twilio } from "#test/service-stage.ts";
import type { ServiceView } from "./service-view.ts";

test("a service is made with everything filled in, and read back the same", async (t) => {
	const stage = await openServiceStage(t);
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
		state: "connecting",
		stateBecause: "Nothing was sent or received yet.",
		stateAction: "Run Check, or send the first message.",
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
	const stage = await openServiceStage(t);
	const answer = await stage.call("POST", base, { body: facebook(), headers: { accept: "text/html" } });
	assert.match(answer.text, /^[A-F0-9]{32}$/);
});

test("a service without credentials is a draft that says what it lacks", async (t) => {
	const stage = await openServiceStage(t);
	const made = await create(stage, { type: "facebook", name: "Draft" });
	assert.equal(made.state, "draft");
	assert.match(made.cannotSendBecause ?? "", /^Add an authentication named after the Page ID/);
	assert.match(made.notes.join("\n"), /No App Secret is set; add an authentication/);
	const sinch = await create(stage, { type: "sinchconversation", name: "Draft" });
	assert.match(sinch.cannotSendBecause ?? "", /^Enter the Service Connection, for example https:/);
});

test("states: switched off, stopped by the provider, draft and ready", async (t) => {
	const stage = await openServiceStage(t);
	const { id } = await create(stage);
	await stage.storage.write((tx) => stopService(tx, id, "Twilio says 410.", stage.clock.now()));
	const stopped = await read(stage, id);
	assert.deepEqual([stopped.state, stopped.cannotSendBecause], ["failing", "Twilio says 410."]);
	await stage.call("PATCH", `${base}/${id}`, { body: { enabled: false } });
	const paused = await read(stage, id);
	assert.deepEqual([paused.state, paused.cannotSendBecause], ["paused", "The service is switched off."]);
	await stage.call("PATCH", `${base}/${id}`, { body: { enabled: true } });
	assert.equal((await read(stage, id)).state, "connecting", "a change opens a stopped service again");
});

test("an App ID in small letters is mended with a note", async (t) => {
	const stage = await openServiceStage(t);
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
	const stage = await openServiceStage(t);
	const made = await create(stage, facebook({ incomingMode: "observe" }));
	assert.match(made.openDoorBecause ?? "", /^Incoming mode is observe: .* not let in.* kept in the quarantine/);
	assert.doesNotMatch(made.openDoorBecause ?? "", /alarm/);
	const warned = await create(stage, facebook({ name: "Warned", incomingMode: "warn" }));
	assert.match(warned.openDoorBecause ?? "", /^Incoming mode is warn: .* not let in.* an alarm is raised/);
	const enforced = await create(stage, facebook({ name: "Enforced", incomingMode: "enforce" }));
	assert.equal(enforced.openDoorBecause, null);
});

test("a door that is open by type is named until it is locked, and then it wants an HTTP user", async (t) => {
	const stage = await openServiceStage(t);
	const body = { type: "c4semail", name: "Mail", serviceConnection: "https://my1.crm.ondemand.com" };
	const open = await create(stage, body);
	assert.match(open.openDoorBecause ?? "", /signs nothing/);
	const observed = await create(stage, { ...body, name: "Observed mail", incomingMode: "observe" });
	assert.equal(observed.openDoorBecause, open.openDoorBecause, "what comes in is not kept in the quarantine");
	assert.deepEqual(open.notes, []);
	const locked = await create(stage, { ...body, name: "Locked mail", settings: { demandsHttpUser: true } });
	assert.equal(locked.openDoorBecause, null);
	assert.match(locked.notes.join(), /^This service demands HTTP authentication, and no external user holds/);
	const needed = async (id: string) =>
		(await stage.call<{ httpUser: { needed: boolean } }>("GET", `/messagingServices/${id}/webhook`)).body.httpUser
			.needed;
	assert.deepEqual([await needed(open.id), await needed(locked.id)], [false, true]);
});

test("a missing HTTP user is told until an external user holds Use, directly or by the type", async (t) => {
	const stage = await openServiceStage(t);
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

test("PUT replaces: what is not given gets its default, passwords that are not given stay", async (t) => {
	const stage = await openServiceStage(t);
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
	const stage = await openServiceStage(t);
	const { id } = await create(stage);
	const view = await read(stage, id);
	const put = await stage.call("PUT", `${base}/${id}`, { body: { ...view, name: "Changed" } });
	assert.equal(put.status, 204, put.text);
	assert.deepEqual(await read(stage, id), { ...view, name: "Changed" });
	assert.equal(Object.keys(await secrets(stage, id)).length, 3);
});

test("PATCH changes what is given; null takes a setting back to its default", async (t) => {
	const stage = await openServiceStage(t);
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

test("the list shows what the caller may view, filtered, sorted and cut", async (t) => {
	const stage = await openServiceStage(t);
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
	const stage = await openServiceStage(t);
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

test("a service is not deleted while messages wait in its outbox, unless forced; then they fail", async (t) => {
	const stage = await openServiceStage(t);
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
	const stage = await openServiceStage(t);
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
	const stage = await openServiceStage(t);
	const headers = { "idempotency-key": "once" };
	const first = await stage.call<ServiceView>("POST", base, { body: facebook(), headers });
	const again = await stage.call<ServiceView>("POST", base, { body: facebook(), headers });
	assert.deepEqual([again.status, again.text], [201, first.text]);
	const other = await stage.call("POST", base, { body: facebook({ name: "Other" }), headers });
	assert.equal(other.problem.code, "idempotency_mismatch");
	assert.equal((await stage.call<ServiceView[]>("GET", base)).body.length, 1);
});
