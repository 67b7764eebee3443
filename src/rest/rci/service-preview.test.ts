// Goal: a form shows the request that its draft would send, and no secret, entered or stored, in any spelling.

import assert from "node:assert/strict";
import test from "node:test";
import { account, create, page, read } from "#test/service-stage.ts";
import { everyRight, grantOf, openRciStage, type RciStage } from "#test/rci-stage.ts";
import { messagingServiceRoutes } from "./messaging-services.ts";
import { messagingServiceTypeRoutes } from "./messaging-service-types.ts";

type Preview = {
	method: string | null;
	url: string | null;
	headers: { name: string; value: string }[];
	body: string | null;
	secretsShownAs: string;
	notes: string[];
	problems: { pointer: string; message: string }[];
};

const open = (t: Parameters<typeof openRciStage>[0]): Promise<RciStage> =>
	openRciStage(t, [...messagingServiceTypeRoutes, ...messagingServiceRoutes]);

const preview = (stage: RciStage, type: string, body: object) =>
	stage.call<Preview>("POST", `/messagingServiceTypes/${type}/preview`, { body });

const password = 'p&ss w"rd/+ü<>';
const gateway = {
	serviceConnection: "https://sms.example.com/send?key={{password}}",
	settings: {
		headers: ["Authorization: Basic {{basic}}"],
		body: "to={{to}}&text={{text}}&p={{password}}&dlr={{dlrUrl}}",
	},
	authentications: [{ authenticationId: "gateway-user", password }],
};

test("the templates of a gateway become its request, with the mask wherever a secret or a proof is", async (t) => {
	const stage = await open(t);
	const { status, body } = await preview(stage, "smshttp", {
		...gateway,
		message: { from: "Shop", to: "+4915112345678", text: "50 % & more" },
	});
	assert.equal(status, 200);
	assert.deepEqual(body.problems, []);
	const id = "0".repeat(32);
	const dlr = encodeURIComponent(`https://parley.example/acme/sms/smshttp/${id}?attempt=${id}&proof=`);
	assert.deepEqual(
		[body.method, body.url, body.body],
		[
			"POST",
			"https://sms.example.com/send?key=•••",
			`to=%2B4915112345678&text=50%20%25%20%26%20more&p=•••&dlr=${dlr}•••`,
		],
	);
	assert.deepEqual(body.headers, [
		{ name: "authorization", value: "Basic •••" },
		{ name: "content-type", value: "application/x-www-form-urlencoded; charset=utf-8" },
	]);
	assert.equal(body.secretsShownAs, "•••");
	assert.match(body.notes.join(), /id of the service is not known yet/);
});

test("bodies of JSON and XML hide the secret too, and templates without it are shown whole", async (t) => {
	const stage = await open(t);
	const shown = async (bodyFormat: string, body: string) =>
		(await preview(stage, "smshttp", { ...gateway, settings: { bodyFormat, body, headers: [] } })).body.body;
	assert.equal(await shown("json", '{"p":"{{password}}","t":"{{text}}"}'), '{"p":"•••","t":"Example: 5 + 5 & more"}');
	assert.equal(await shown("xml", '<m p="{{password}}">{{text}}</m>'), '<m p="•••">Example: 5 + 5 &#38; more</m>');
	assert.equal(
		await shown("form", "t={{text}}&f={{from}}"),
		"t=Example%3A%205%20%2B%205%20%26%20more&f=%2B15550100001",
	);
});

test("broken templates and what cannot be sent come back with the field", async (t) => {
	const stage = await open(t);
	const pointers = async (changes: object) => {
		const { status, body } = await preview(stage, "smshttp", { ...gateway, ...changes });
		assert.deepEqual([status, body.method], [200, null]);
		return body.problems.map(({ pointer }) => pointer);
	};
	const { settings } = gateway;
	assert.deepEqual(await pointers({ settings: { ...settings, body: "to={{too}}" } }), ["/settings/body"]);
	assert.deepEqual(await pointers({ settings: { ...settings, headers: ["X: {{text}}"] } }), ["/settings/headers/0"]);
	assert.deepEqual(await pointers({ settings: { method: 5 } }), ["/settings/method"]);
	assert.deepEqual(await pointers({ settings: [] }), ["/settings"]);
	assert.deepEqual(await pointers({ serviceConnection: "sms.example.com" }), ["/serviceConnection"]);
	assert.deepEqual(await pointers({ serviceConnection: "" }), ["/serviceConnection"]);
	assert.deepEqual(await pointers({ authentications: [] }), ["/authentications"]);
	assert.deepEqual(await pointers({ message: { to: "nobody" } }), ["/message/to"]);
	assert.deepEqual(await pointers({ message: { from: "a name that is too long" } }), ["/message/from"]);
	const header = { ...settings, headers: ["X-Key: {{password}}"] };
	assert.deepEqual(await pointers({ settings: header }), ["/authentications"], "not every sign fits into a header");
	const written = await preview(stage, "smshttp", { ...gateway, settings: { headers: ["X-Api-Key: canary-written"] } });
	assert.deepEqual(written.body.problems[0]?.pointer, "/settings/headers/0");
	assert.doesNotMatch(written.text, /canary/);
});

test("a stored service lends its secrets unseen, and only to whoever may modify it", async (t) => {
	const stage = await open(t);
	const service = await create(stage, {
		type: "facebook",
		name: "Shop",
		authentications: [
			{ authenticationId: page, password: "canary-page-token" },
			{ authenticationId: "webhook", password: "canary-app-secret" },
		],
	});
	const draft = {
		service: service.id,
		serviceConnection: service.serviceConnection,
		authentications: service.authentications.map(({ id, authenticationId }) => ({ id, authenticationId })),
		settings: { humanAgentTag: true },
	};
	const { body, text } = await preview(stage, "facebook", draft);
	assert.deepEqual([body.problems, body.notes], [[], []]);
	assert.equal(body.url, `https://graph.facebook.com/v25.0/${page}/messages`);
	assert.deepEqual(body.headers[0], { name: "authorization", value: "Bearer •••" });
	assert.match(body.body ?? "", /"appsecret_proof":"•••"/);
	assert.doesNotMatch(text, /canary|Hidden7q/);
	assert.equal((await read(stage, service.id)).settings["humanAgentTag"], false, "nothing is stored");

	const other = await preview(stage, "twilio", { ...draft, authentications: [] });
	assert.deepEqual([other.status, other.problem.errors?.[0]?.pointer], [422, "/service"]);
	await stage.grant(grantOf("messagingService", ["create"]));
	assert.equal((await preview(stage, "facebook", draft)).status, 403);
	assert.equal((await preview(stage, "facebook", { authentications: draft.authentications })).status, 200);
	await stage.grant(grantOf("messagingService", ["view"]));
	assert.equal((await preview(stage, "facebook", {})).status, 403);
	await stage.grant(...everyRight);
});

test("a password that is missing is shown as if it were there, and said", async (t) => {
	const stage = await open(t);
	const { body } = await preview(stage, "twilio", {
		serviceConnection: "https://api.twilio.com",
		authentications: [{ authenticationId: account }],
	});
	assert.deepEqual(body.headers[0], { name: "authorization", value: "Basic •••" });
	assert.match(body.notes.join(), new RegExp(`No password is set for ${account}`));
});

test("a token is said to be fetched first, and a type with a line has no request", async (t) => {
	const stage = await open(t);
	const { body } = await preview(stage, "sinchconversation", {
		serviceConnection: "https://eu.conversation.api.sinch.com/v1/projects/p/messages:send",
		authentications: [{ authenticationId: "key@01EB37HMH1M6SV18ABNS3G135H", password: "canary" }],
	});
	assert.match(body.notes.join(), /access token is fetched/);
	assert.ok(body.headers.some(({ value }) => value === "Bearer •••"));
	const smpp = await preview(stage, "smpp", {});
	assert.deepEqual([smpp.status, smpp.problem.code], [409, "conflict"]);
	assert.equal((await preview(stage, "pigeon", {})).status, 404);
});

test("a request that comes before the one with the text is said to", async (t) => {
	const stage = await open(t);
	const { body } = await preview(stage, "teams", {
		authentications: [
			{ authenticationId: "11111111-2222-3333-4444-555555555555", password: "canary" },
			{ authenticationId: "parley@example.com", password: "canary" },
		],
	});
	assert.match(body.url ?? "", /\/chats$/);
	assert.match(body.notes.join(), /This request comes first/);
});
