// What becomes of secrets: never shown, kept, cleared with the address, rotated, locked.

import assert from "node:assert/strict";
import test from "node:test";
import { lockedSecretBox } from "#platform/secret-box.ts";
import { account, audit, base, create, openServiceStage, page, read, secrets, twilio } from "#test/service-stage.ts";
import type { ServiceView } from "./service-view.ts";

test("no answer, no stored row and no audit entry has a secret in clear", async (t) => {
	const stage = await openServiceStage(t);
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
		const stage = await openServiceStage(t);
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
	const stage = await openServiceStage(t);
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

test("a password that is moved within a described request is cleared, and stays while other parts change", async (t) => {
	const stage = await openServiceStage(t);
	const authentications = [{ authenticationId: "gateway", password: "canary-password" }];
	const gateway = { type: "smshttp", name: "SMS", serviceConnection: "https://sms.example.com/send", authentications };
	const { id } = await create(stage, gateway);
	const change = async (settings: object) =>
		(await stage.call<ServiceView>("PATCH", `${base}/${id}`, { body: { settings } })).body.notes.join();
	const body = "to={{to}}&message={{text}}&id={{id}}";
	assert.doesNotMatch(await change({ body }), /cleared/);
	assert.deepEqual(await secrets(stage, id), { gateway: ["canary-password"] });
	assert.match(
		await change({ body: "to={{to}}&text={{password}}&id={{id}}" }),
		/because its place in the request changed/,
	);
	assert.deepEqual(await secrets(stage, id), { gateway: [] });
});

test("a host changed in the database opens nothing", async (t) => {
	const stage = await openServiceStage(t);
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
	const stage = await openServiceStage(t);
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
	const stage = await openServiceStage(t);
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
	const stage = await openServiceStage(t);
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
