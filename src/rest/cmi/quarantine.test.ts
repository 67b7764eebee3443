import assert from "node:assert/strict";
import { createHmac, createSign, generateKeyPairSync } from "node:crypto";
import test from "node:test";
import type { AuthenticationEntryId } from "#domain/ids.ts";
import { type CmiStage, grantOn, openCmi } from "#test/cmi-stage.ts";
import { addService } from "#test/scene.ts";
import { keepRefused, stillRefused, wishes as pending } from "#storage/quarantine.ts";
import { sealSecret } from "#storage/service-secrets.ts";
import { findService, updateService } from "#storage/services.ts";
import { claimUpkeep, settleUpkeep } from "#storage/upkeep.ts";

const webhookUrl = "https://parley.example/sms/twilio/x";

function refuse(stage: CmiStage, serviceId = stage.serviceId, signature = "abc"): Promise<string> {
	const headers = [
		["authorization", "Basic c2VjcmV0"],
		["content-type", "application/x-www-form-urlencoded"],
		["x-twilio-signature", signature],
		["x-telegram-bot-api-secret-token", "c2VjcmV0"],
	];
	return refuseCall(stage, serviceId, { headers, body: "From=%2B49" });
}

type Call = { headers: readonly (readonly string[])[]; body: string };

async function refuseCall(stage: CmiStage, serviceId: string, { headers, body }: Call): Promise<string> {
	const id: string = stage.ids.next();
	const clear = { method: "POST", url: webhookUrl, headers, body: Buffer.from(body).toString("base64") };
	const request = {
		id,
		serviceId,
		receivedAt: stage.clock.now(),
		reason: "signature_mismatch",
		sealed: stage.deps.secretBox.seal(JSON.stringify(clear), { table: "quarantine", column: "sealed", rowId: id }),
		bytes: 100,
		bodyHash: "ab",
		remoteAddress: "203.0.113.1",
	};
	await stage.storage.write((tx) => keepRefused(tx, [request], { rowsMax: 10, bytesMax: 1000 }));
	return id;
}

type Shown = { id: string; reason: string; explanation: string; wish: string };

const wishes = async (stage: CmiStage) =>
	(await stage.storage.db.selectFrom("quarantine").select("wish").orderBy("id").execute()).map(({ wish }) => wish);

test("refused requests are listed and explained, never with what is in them", async (t) => {
	const stage = await openCmi(t);
	const id = await refuse(stage);
	await refuse(stage);
	const list = await stage.call("historian", { api: "/quarantine" });
	assert.equal((list.body as Shown[]).length, 2);
	const one = await stage.call("historian", { api: `/quarantine/${id}` });
	const { reason, explanation, wish } = one.body as Shown;
	assert.deepEqual([reason, wish], ["signature_mismatch", "none"]);
	assert.match(explanation, /Compare the secret/);
	assert.doesNotMatch(list.text + one.text, /sealed|From=|c2VjcmV0/);
});

test("the request is opened only for who may also modify the service, without credentials, and that is recorded", async (t) => {
	const stage = await openCmi(t);
	const api = `/quarantine/${await refuse(stage)}/request`;
	assert.equal((await stage.call("historian", { api })).status, 403);
	stage.grants.set("editor", [grantOn(stage.serviceId, "modify")]);
	assert.equal((await stage.call("editor", { api })).status, 403);
	stage.grants.set("split", [grantOn(stage.serviceId, "manageContactHistory"), grantOn("F".repeat(32), "modify")]);
	assert.equal((await stage.call("split", { api })).status, 403, "modify of another service does not count");
	assert.equal((await stage.storage.db.selectFrom("audit_log").selectAll().execute()).length, 0);
	stage.grants.set("both", [grantOn(stage.serviceId, "manageContactHistory", "modify")]);
	const opened = await stage.call("both", { api });
	assert.deepEqual(opened.body, {
		method: "POST",
		url: "https://parley.example/sms/twilio/x",
		headers: {
			authorization: "(removed)",
			"content-type": "application/x-www-form-urlencoded",
			"x-twilio-signature": "abc",
			"x-telegram-bot-api-secret-token": "(removed)",
		},
		bodyBase64: "RnJvbT0lMkI0OQ==",
		bodyText: "From=%2B49",
		receivedAt: "2026-01-02T12:00:00.000Z",
	});
	const [audit] = await stage.storage.db.selectFrom("audit_log").select(["action", "actor"]).execute();
	assert.deepEqual({ ...audit }, { action: "open", actor: "both" });
});

test("a wish is kept for the SMS Server, for one request or for all of a service", async (t) => {
	const stage = await openCmi(t);
	const [first, second] = [await refuse(stage), await refuse(stage)];
	const other: string = stage.ids.next();
	await addService(stage.storage, other, stage.clock.now());
	await refuse(stage, other);
	const retry = await stage.call("historian", { method: "POST", api: `/quarantine/${first}/retry` });
	assert.deepEqual([retry.status, (retry.body as Shown).wish], [202, "recheck"]);
	assert.equal((await stage.call("historian", { method: "POST", api: `/quarantine/${second}/release` })).status, 202);
	assert.deepEqual(await wishes(stage), ["recheck", "release", "none"]);
	const all = await stage.call("historian", {
		method: "POST",
		api: "/quarantine/release",
		body: { service: stage.serviceId },
	});
	assert.deepEqual([all.status, all.body], [202, { requests: 2 }]);
	assert.deepEqual(await wishes(stage), ["release", "release", "none"]);
	assert.deepEqual(stage.nudged, ["quarantine", "quarantine", "quarantine"]);
	const audit = await stage.storage.db.selectFrom("audit_log").select("action").orderBy("seq").execute();
	assert.deepEqual(
		audit.map(({ action }) => action),
		["retry", "release", "releaseQuarantine"],
	);
	const elsewhere = await stage.call("historian", {
		method: "POST",
		api: "/quarantine/release",
		body: { service: other },
	});
	assert.deepEqual([elsewhere.status, (elsewhere.body as { code: string }).code], [422, "unknown_service"]);
});

test("who asks and why is kept with the wish and in the audit log", async (t) => {
	const stage = await openCmi(t);
	const id = await refuse(stage);
	const post = (api: string, body: object) =>
		stage.call("historian", { method: "POST", api: `/quarantine/${api}`, body });
	const service = stage.serviceId;
	for (const [api, body] of [
		[`${id}/retry`, { reason: "" }],
		[`${id}/release`, { reason: "a\u0000b" }],
		[`${id}/release`, { why: "x" }],
		["release", { service, reason: "x".repeat(501) }],
	] as const) {
		assert.equal((await post(api, body)).status, 400, JSON.stringify(body));
	}
	assert.equal((await post(`${id}/retry`, {})).status, 202);
	const acts = [];
	for (const [api, body] of [
		[`${id}/retry`, { reason: "one" }],
		[`${id}/release`, { reason: "two" }],
		["release", { service, reason: "three" }],
	] as const) {
		assert.equal((await post(api, body)).status, 202);
		acts.push(...(await pending(stage.storage.db, 10)).map(({ act }) => act));
	}
	assert.deepEqual(
		acts,
		["one", "two", "three"].map((because) => ({ user: "historian", because })),
	);
	const audit = await stage.storage.db.selectFrom("audit_log").select("changes").orderBy("seq").execute();
	assert.deepEqual(
		audit.map(({ changes }) => (JSON.parse(changes) as { because?: { after: string } }).because?.after),
		[undefined, "one", "two", "three"],
	);
	await stage.storage.write((tx) =>
		stillRefused(tx, { id, serviceId: service }, "signature_mismatch", stage.clock.now()),
	);
	const row = await stage.storage.db.selectFrom("quarantine").selectAll().executeTakeFirstOrThrow();
	assert.deepEqual([row.wish, row.wished_by, row.wished_because], ["none", null, null]);
});

test("a request is deleted for good, and not by who may not see it", async (t) => {
	const stage = await openCmi(t);
	const id = await refuse(stage);
	stage.grants.set("other", [grantOn("F".repeat(32), "manageContactHistory")]);
	for (const request of [
		{ api: `/quarantine/${id}` },
		{ method: "DELETE", api: `/quarantine/${id}` },
		{ method: "POST", api: `/quarantine/${id}/retry` },
		{ method: "POST", api: `/quarantine/${id}/release` },
	]) {
		assert.equal((await stage.call("other", request)).status, 404);
	}
	assert.deepEqual((await stage.call("other", { api: "/quarantine" })).body, []);
	assert.deepEqual(await wishes(stage), ["none"]);
	assert.equal((await stage.call("historian", { method: "DELETE", api: `/quarantine/${id}` })).status, 204);
	assert.equal((await stage.call("historian", { api: `/quarantine/${id}` })).status, 404);
});

/** As Twilio signs `From=+49` at that address. */
function signed(url: string, secret: string): string {
	return createHmac("sha1", secret).update(`${url}From+49`).digest("base64");
}

async function enterSecret(stage: CmiStage, serviceId: string, secret: string): Promise<void> {
	const entry = { id: stage.ids.next<AuthenticationEntryId>(), direction: "both" as const };
	const service = await findService(stage.storage.db, serviceId);
	assert.ok(service);
	const tools = { box: stage.deps.secretBox, fingerprint: () => "0000" };
	const authentication = {
		...entry,
		authenticationId: `AC${"1".repeat(32)}`,
		secret: sealSecret(tools, entry, secret, service),
		previous: null,
		changedAt: null,
	};
	const changed = { ...service, authentications: [authentication] };
	assert.equal(await stage.storage.write((tx) => updateService(tx, changed, stage.clock.now())), "written");
}

test("a signature that does not fit is explained, and other services are named to who may see them", async (t) => {
	const stage = await openCmi(t);
	const other = "F".repeat(32);
	await addService(stage.storage, other, stage.clock.now());
	await enterSecret(stage, stage.serviceId, "secret-of-ours");
	await enterSecret(stage, other, "secret-of-others");
	const explain = async (caller: string, signature: string) => {
		const id = await refuse(stage, stage.serviceId, signature);
		const { body, text } = await stage.call(caller, { api: `/quarantine/${id}/explanation` });
		assert.doesNotMatch(text, /secret-of|From=|c2VjcmV0/);
		return body as { cause: string | null; says: string; advice: string | null };
	};
	const plain = await explain("historian", signed(webhookUrl.replace("https:", "http:"), "secret-of-ours"));
	assert.equal(plain.cause, "scheme");
	assert.match(plain.advice ?? "", /webhook URL/);
	const mixedUp = signed(webhookUrl, "secret-of-others");
	assert.doesNotMatch((await explain("historian", mixedUp)).says, new RegExp(other));
	stage.grants.set("viewer", [grantOn(stage.serviceId, "manageContactHistory"), grantOn(other, "view")]);
	const named = await explain("viewer", mixedUp);
	assert.equal(named.cause, "other_service_secret");
	assert.match(named.says, new RegExp(`Service ${other}`));
	stage.grants.set("configurator", [grantOn(stage.serviceId, "modify")]);
	assert.equal((await explain("configurator", mixedUp)).cause, "other_service_secret", "who mends the secret may ask");
	const forged = await explain("historian", signed(webhookUrl, "guessed"));
	assert.deepEqual([forged.cause, forged.advice], [null, null]);
	assert.match(forged.says, /Compare the secret/);
	stage.grants.set("stranger", [grantOn(other, "manageContactHistory")]);
	const hidden = await refuse(stage);
	assert.equal((await stage.call("stranger", { api: `/quarantine/${hidden}/explanation` })).status, 404);
});

const bot = "8e460676-ae3f-4b1e-8790-ee0fb5d6148f";
const connection = "https://smba.trafficmanager.net/emea/";

/** A service of Teams, whose door needs what upkeep left: the provider's public key. */
async function addBot(stage: CmiStage): Promise<{ serviceId: string; tokenBy(kid: string): string }> {
	const { publicKey, privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
	const { n, e } = publicKey.export({ format: "jwk" });
	const serviceId: string = stage.ids.next();
	const now = stage.clock.now();
	await addService(stage.storage, serviceId, now, { mode: "bot" });
	await stage.storage.db
		.updateTable("messaging_services")
		.set({ type: "teams", service_connection: connection })
		.where("id", "=", serviceId)
		.execute();
	const id = stage.ids.next<AuthenticationEntryId>();
	const service = await findService(stage.storage.db, serviceId);
	assert.ok(service);
	const entry = { id, direction: "outgoing" as const, authenticationId: bot, previous: null, changedAt: null };
	const secret = sealSecret({ box: stage.deps.secretBox, fingerprint: () => "0000" }, entry, "app-secret", service);
	const changed = { ...service, authentications: [{ ...entry, secret }] };
	assert.equal(await stage.storage.write((tx) => updateService(tx, changed, now)), "written");
	const claim = await stage.storage.write((tx) => claimUpkeep(tx, { id: serviceId, version: 1 }, now, 1000));
	assert.ok(claim);
	const state = { keys: [{ kid: "k1", n, e, endorsements: ["msteams"] }] };
	const end = { state, dueAt: now, finishedAt: now, trouble: null };
	assert.ok(await stage.storage.write((tx) => settleUpkeep(tx, claim, end)));
	const seconds = now.getTime() / 1000;
	const tokenBy = (kid: string) => {
		const claims = { iss: "https://api.botframework.com", aud: bot, serviceurl: connection };
		const parts = [
			{ alg: "RS256", typ: "JWT", kid },
			{ ...claims, nbf: seconds - 60, exp: seconds + 600 },
		];
		const signed = parts.map((part) => Buffer.from(JSON.stringify(part)).toString("base64url")).join(".");
		return `${signed}.${createSign("RSA-SHA256").update(signed).sign(privateKey).toString("base64url")}`;
	};
	return { serviceId, tokenBy };
}

test("a signed token is judged by the public keys that upkeep fetched", async (t) => {
	const stage = await openCmi(t);
	const { serviceId, tokenBy } = await addBot(stage);
	stage.grants.set("historian", [grantOn(serviceId, "manageContactHistory")]);
	const causeOf = async (token?: string) => {
		const headers = token === undefined ? [] : [["authorization", `Bearer ${token}`]];
		const body = JSON.stringify({ type: "message", channelId: "msteams", serviceUrl: connection });
		const id = await refuseCall(stage, serviceId, { headers, body });
		const { body: told } = await stage.call("historian", { api: `/quarantine/${id}/explanation` });
		return (told as { cause: string | null }).cause;
	};
	const [head, claims] = tokenBy("k1").split(".");
	const forged = [head, claims, tokenBy("k2").split(".").at(-1)].join(".");
	assert.equal(await causeOf(forged), null, "a key that fits, and a signature that does not");
	assert.equal(await causeOf(tokenBy("k2")), "key_unknown");
	assert.equal(await causeOf(), "header_missing");
});
