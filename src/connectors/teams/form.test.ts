import assert from "node:assert/strict";
import test from "node:test";
import type { StoredService } from "../contract.ts";
import { brokenRules, mendAuthenticationId, whyCannotSend } from "../kit/rules.ts";
import type { ServiceId } from "#domain/ids.ts";
import { secretsOf, tokenKeyOf, toTokenRequest } from "../kit/oauth2.ts";
import { addressing } from "./addresses.ts";
import { form, parse, tokenClientOf } from "./form.ts";
import { connector } from "./index.ts";

const app = { authenticationId: "8e460676-ae3f-4b1e-8790-ee0fb5d6148f", secrets: ["app secret"] };
const user = { authenticationId: "service.desk@example.com", secrets: ["pass word"] };
const tenant = "84bd8158-6d4d-4958-8b9f-9d6445542f95";

function service(over: Partial<StoredService> = {}): StoredService {
	return {
		id: "S" as ServiceId,
		serviceConnection: "https://graph.microsoft.com/v1.0/",
		authenticationUrl: null,
		authenticationScope: null,
		settings: {},
		authentications: [app, user],
		...over,
	};
}
const broken = (over: Partial<StoredService>) =>
	brokenRules(connector.config, service(over)).map(({ pointer, message }) => `${pointer} ${message}`);
const lack = (over: Partial<StoredService>) => whyCannotSend(connector, service(over));

test("a technical user's token is asked for with the application's secret, or without one", () => {
	const body = (over: Partial<StoredService>) => toTokenRequest(tokenClientOf(parse(service(over))));
	assert.deepEqual(body({}), {
		method: "POST",
		url: "https://login.microsoftonline.com/organizations/oauth2/v2.0/token",
		headers: { "content-type": "application/x-www-form-urlencoded", accept: "application/json" },
		body: "grant_type=password&username=service.desk%40example.com&password=pass+word&scope=https%3A%2F%2Fgraph.microsoft.com%2F.default&client_id=8e460676-ae3f-4b1e-8790-ee0fb5d6148f&client_secret=app+secret",
	});
	const own = body({
		settings: { tenant },
		authenticationScope: "Chat.ReadWrite offline_access",
		authentications: [{ ...app, secrets: [] }, user],
	});
	assert.equal(own.url, `https://login.microsoftonline.com/${tenant}/oauth2/v2.0/token`);
	assert.doesNotMatch(String(own.body), /client_secret/);
	assert.match(String(own.body), /scope=Chat\.ReadWrite\+offline_access/);
	assert.equal(body({ authenticationUrl: "https://login.example/t" }).url, "https://login.example/t");
});

test("a bot's token is asked for with client credentials", () => {
	const bot = { settings: { mode: "bot" }, authentications: [app] };
	const client = tokenClientOf(parse(service(bot)));
	const { url, body } = toTokenRequest(client);
	assert.equal(url, "https://login.microsoftonline.com/botframework.com/oauth2/v2.0/token");
	assert.match(String(body), /^grant_type=client_credentials&scope=https%3A%2F%2Fapi\.botframework\.com%2F\.default&/);
	assert.ok(secretsOf(client).includes("app secret"));
	assert.notEqual(tokenKeyOf(client), tokenKeyOf({ ...client, clientSecret: "another" }));
});

test("a service says what it lacks, and a public client lacks nothing", () => {
	assert.match(lack({ authentications: [] }) ?? "", /application \(client\) ID/);
	assert.match(lack({ authentications: [app] }) ?? "", /technical user's e-mail address/);
	assert.match(lack({ authentications: [app, { ...user, secrets: [] }] }) ?? "", /password of the technical user/);
	assert.equal(lack({ authentications: [{ ...app, secrets: [] }, user] }), undefined);
	assert.equal(lack({}), undefined);
	const bot = { settings: { mode: "bot" } };
	assert.match(lack({ ...bot, authentications: [{ ...app, secrets: [] }] }) ?? "", /client secret/);
	assert.equal(lack({ ...bot, authentications: [app] }), undefined);
});

test("rules that are broken are told", () => {
	assert.deepEqual(broken({ settings: { subscribeTo: "chats 19:abc@thread.v2" } }), []);
	assert.match(broken({ settings: { subscribeTo: "somebody@example.com" } }).join(), /\/settings\/subscribeTo/);
	assert.match(
		broken({ settings: { subscribeTo: `${"19:x@thread.v2 ".repeat(1)}${manyChats()}` } }).join(),
		/at most 20/,
	);
	assert.match(broken({ settings: { openIdMetadata: "http://keys.example/x" } }).join(), /must be an https address/);
	assert.deepEqual(broken({ settings: { openIdMetadata: "http://127.0.0.1:9/x" } }), []);
	assert.match(broken({ settings: { mode: "bot" } }).join(), /address of the Bot Connector/);
	assert.match(broken({ serviceConnection: "https://u:p@graph.microsoft.com" }).join(), /serviceConnection/);
	assert.match(broken({ settings: { mode: "chat" } }).join(), /\/settings\/mode/);
	const two = { ...app, authenticationId: "9e460676-ae3f-4b1e-8790-ee0fb5d6148f" };
	assert.match(broken({ authentications: [app, two, user] }).join(), /one too many/);
	assert.match(broken({ authentications: [{ authenticationId: "no address", secrets: [] }] }).join(), /./);
});

function manyChats(): string {
	return Array.from({ length: 20 }, (_, index) => `19:${index}@thread.v2`).join(" ");
}

test("ids are mended: small letters, no spaces", () => {
	const mended = (entered: string) => mendAuthenticationId(form, entered).authenticationId;
	assert.equal(mended(" 8E460676-AE3F-4B1E-8790-EE0FB5D6148F "), "8e460676-ae3f-4b1e-8790-ee0fb5d6148f");
	assert.equal(mended("Service.Desk@Example.com"), "service.desk@example.com");
	assert.equal(mended("webhook"), "webhook");
	assert.equal(mended("certificate"), "certificate");
});

const team = "fbe2bf47-16c8-47cf-b4a5-4b9b187c508b";
const general = "19:4a95f7d8db4c4e7fae857bcebe0623e6@thread.tacv2";

test("to whom: a chat, a person, a channel or a thread; by a bot a conversation", () => {
	const graph = parse(service());
	const to = (address: string, config = graph) => {
		const found = addressing({ to: address }, config);
		return found.ok ? found.contactAddress : found.field;
	};
	assert.equal(to(" 19:2da4@thread.v2 "), "19:2da4@thread.v2");
	assert.equal(to("19:a_b@unq.gbl.spaces"), "19:a_b@unq.gbl.spaces");
	assert.equal(to("Robin@Contoso.example"), "robin@contoso.example");
	assert.equal(to(team.toUpperCase()), team);
	assert.equal(to(`${team.toUpperCase()}/${general}`), `${team}/${general}`);
	assert.equal(to(`${team}/${general}/1616991463150`), `${team}/${general}/1616991463150`);
	for (const wrong of ["", "+49151", "19:x@evil.example", `${team}/`, `${general}/1`, "19:../x@thread.v2", "a:1xyz"]) {
		assert.equal(to(wrong), "to", wrong);
	}
	const bot = parse(service({ settings: { mode: "bot" }, authentications: [app] }));
	assert.equal(to("a:1xyz", bot), "a:1xyz");
	assert.equal(to(`${general};messageid=1`, bot), `${general};messageid=1`);
	assert.equal(to("robin@contoso.example", bot), "to");
});

test("who sends is given by the service, and so is the channel", () => {
	const config = parse(service());
	const from = (address: string) => addressing({ from: address, to: "19:2da4@thread.v2" }, config);
	assert.deepEqual(from("Service.Desk@Example.com"), {
		ok: true,
		channel: "teams",
		ourAddress: "service.desk@example.com",
		contactAddress: "19:2da4@thread.v2",
	});
	assert.equal(from("another@example.com").ok, false);
	assert.equal(addressing({ to: "19:2da4@thread.v2", channel: "sms" }, config).ok, false);
	assert.equal(addressing({ to: "19:2da4@thread.v2" }, parse(service({ authentications: [] }))).ok, false);
});
