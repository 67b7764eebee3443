// Goal S8: a secret appears nowhere, and goes to no other origin than it was entered for. Method: 40 and more canaries in
// every secret field of every service type, of users and of tokens, in a process of its own that logs at its most
// talkative; then sends to a provider that repeats all it was given in its errors, refused webhooks, rotations, wrong
// input of every kind, a kill and a stop. Afterwards the canaries are looked for in the data directory, in all that was
// written out, in every GET answer that an administrator gets and in the metrics; plain, quoted and encoded.

import assert from "node:assert/strict";
import { createServer } from "node:http";
import { type AddressInfo, createServer as createTcpServer } from "node:net";
import { join } from "node:path";
import test, { type TestContext } from "node:test";
import { tokenShelf, toolsFor } from "#gateway/tools.ts";
import { systemClock } from "#platform/clock.ts";
import { simulators } from "#simulators/simulators.ts";
import { seedFlag } from "#test/flags.ts";
import { codeAt } from "#test/one-time-codes.ts";
import { type Api, apiAt, configure, type MessageObject, type ServiceObject, until } from "#test/parley.ts";
import { metaSigned } from "#test/doors.ts";
import { seededRandom } from "#test/scene.ts";
import { openServiceOf } from "../fault/scripted-provider.ts";
import { type Canaries, hits, hitsInFolder, openCanaries } from "./canary.ts";
import { everyGet } from "./crawl.ts";
import { type ChildParley, spawnParley } from "./own-parley.ts";

const seed = seedFlag();
const account = (digit: string) => `AC${digit.repeat(32)}`;
const oddPages = "Echo 4";
const refusedKey = "Echo 6";
const oddPage = "104857600000099";
const person = "7000000000000001";
const sinchPath = "/v1/projects/p1/messages:send";

type Echo = { readonly origin: string; readonly heard: readonly string[] };

/** A provider that takes nothing and repeats everything it heard, in its own spelling or at the edge of what is shown. */
async function echo(t: TestContext, canaries: Canaries): Promise<Echo> {
	const heard: string[] = [];
	const token = canaries.make("access token");
	const server = createServer((request, response) => {
		let body = "";
		request.on("data", (chunk: Buffer) => (body += chunk.toString()));
		request.on("end", () => {
			const { authorization = "" } = request.headers;
			const [, credentials = ""] = authorization.split(" ");
			const decoded = Buffer.from(credentials, "base64").toString("utf8");
			heard.push(`${request.url} ${authorization} ${decoded} ${body}`);
			const turn = heard.length;
			response.setHeader("x-echo", encodeURIComponent(authorization));
			if (request.url === "/token") {
				response.writeHead(200, { "content-type": "application/json" });
				response.end(JSON.stringify({ access_token: token, expires_in: 61, echo: decoded }));
				return;
			}
			const said = { code: 21_211, message: `${decoded} ${authorization} ${decoded.split(":").at(-1)}` };
			const details = { error: { ...said, error_user_msg: body }, ...said, error_description: decoded, authorization };
			const ofBot = {
				ok: false,
				error_code: 400,
				description: `Bad Request: ${request.url}`,
				encoded: spelled(request.url),
			};
			const padding = " ".repeat((turn * 7) % 2040);
			// Refused credentials end a service's sending at once, so only those with one way meet them.
			const statuses = /Accounts|refused/.test(request.url ?? "") ? [401, 403, 400] : [400, 404, 422];
			response.writeHead(statuses[turn % 3] ?? 400, { "content-type": "application/json" });
			response.end(`${padding}${JSON.stringify({ ...details, ...ofBot })}`);
		});
	}).listen(0, "127.0.0.1");
	await new Promise((resolve) => server.once("listening", resolve));
	t.after(() => server.close());
	return { origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, heard };
}

/** An SMSC that lets nobody in and repeats the bind in its answer: where the name of the system stands, and behind it. */
async function lineEcho(t: TestContext): Promise<Echo> {
	const heard: string[] = [];
	const server = createTcpServer((socket) => {
		socket.on("error", () => socket.destroy());
		socket.once("data", (bind: Buffer) => {
			const said = bind.subarray(16);
			heard.push(said.toString("latin1"));
			const answer = Buffer.concat([bind.subarray(0, 16), said, said]);
			[answer.length, 0x80_00_00_09, 0x0e].forEach((word, index) => answer.writeUInt32BE(word, index * 4));
			socket.end(answer);
		});
	}).listen(0, "127.0.0.1");
	await new Promise((resolve) => server.once("listening", resolve));
	t.after(() => server.close());
	return { origin: `smpp://127.0.0.1:${(server.address() as AddressInfo).port}`, heard };
}

/** The bind is refused, and a check tells of it. */
async function checkLine(t: TestContext, api: Api, canaries: Canaries): Promise<Echo> {
	const smsc = await lineEcho(t);
	const authentications = [{ authenticationId: "parley", password: canaries.make("password of a line", "odd") }];
	const service = { type: "smpp", name: "Echo on a line", serviceConnection: smsc.origin, authentications };
	const { id } = await api.call<ServiceObject>("POST", "/RI/rci/messagingServices", service);
	const path = `/RI/rci/messagingServices/${id}`;
	const check = await api.call<{ id: string }>("POST", `${path}/check`);
	const steps = await until(async () => {
		const found = await api.call<{ finishedAt: string | null; steps: { code: string }[] }>(
			"GET",
			`${path}/checks/${check.id}`,
		);
		return found.finishedAt === null ? undefined : found.steps;
	}, "the check is finished");
	assert.equal(steps.at(-1)?.code, "password_refused");
	return smsc;
}

/** An address as others write it: encoded whole, or sign by sign in small letters. */
function spelled(url = ""): readonly string[] {
	const encoded = encodeURIComponent(url);
	return [encoded, encoded.replaceAll(/%../g, (octet) => octet.toLowerCase()), encodeURIComponent(encoded)];
}

type Service = ServiceObject & { type: string; name: string };
type Entry = { authenticationId: string; password: string };

function servicesAt(origin: string, { make }: Canaries): readonly { type: string; authentications: Entry[] }[] {
	const entry = (authenticationId: string, name: string, shape: "plain" | "odd" = "plain") => ({
		authenticationId,
		password: make(name, shape),
	});
	const pages = Array.from({ length: 6 }, (_, index) => entry(`10485760000000${index}`, `page token ${index}`));
	const apps = Array.from({ length: 4 }, (_, index) => entry(`key${index}@APP${index}`, `key secret ${index}`));
	const facebook = [entry("webhook", "app secret"), entry("verify", "verify token"), ...pages];
	const bot = (number: number) => {
		const password = `${number}:${make(`token of the bot ${number}`).padEnd(35, "_")}`;
		return { authenticationId: String(number), password };
	};
	const sinch = { serviceConnection: `${origin}${sinchPath}`, authenticationUrl: `${origin}/token` };
	const key = [entry(`SK${"3".repeat(32)}`, "API key secret", "odd"), entry("webhook", "signing token")];
	return [
		{ type: "twilio", authentications: [entry(account("1"), "auth token")] },
		{ type: "twilio", authentications: [entry(account("2"), "odd auth token", "odd")] },
		{ type: "twilio", authentications: key, settings: { accountSid: account("3") } },
		{ type: "facebook", authentications: facebook },
		{
			type: "facebook",
			authentications: [entry("webhook", "other app secret"), entry(oddPage, "odd page token", "odd")],
		},
		{ type: "sinchconversation", authentications: [entry("webhook", "callback token"), ...apps], ...sinch },
		{
			type: "sinchconversation",
			authentications: [entry("key0@APP0", "refused key secret")],
			...sinch,
			authenticationUrl: `${origin}/refused`,
		},
		{ type: "sinchsms", authentications: [entry("webhook", "SMS signing secret"), entry("plan1", "API token")] },
		{ type: "sap365", authentications: [entry("acct_demo01", "push password", "odd")] },
		{
			type: "sap365",
			authentications: [entry("appkey", "app secret of SAP", "odd")],
			settings: { mode: "json" },
			authenticationUrl: `${origin}/token`,
		},
		{
			type: "social365",
			authentications: [
				entry("parley@10001", "hub password"),
				entry("ops@example.com@10002", "other hub password", "odd"),
			],
		},
		{
			type: "c4semail",
			authentications: [entry("_PARLEY", "technical user's password", "odd")],
			settings: { replyMode: "odata", mailbox: "service@example.com" },
		},
		{
			type: "teams",
			authentications: [
				entry("8e460676-ae3f-4b1e-8790-ee0fb5d6148f", "client secret", "odd"),
				entry("service.desk@example.com", "technical user of Teams", "odd"),
				entry("webhook", "client state"),
				entry("certificate", "private key"),
			],
			authenticationUrl: `${origin}/token`,
		},
		{
			type: "teams",
			authentications: [entry("9e460676-ae3f-4b1e-8790-ee0fb5d6148f", "client secret of a bot")],
			authenticationUrl: `${origin}/token`,
			settings: { mode: "bot" },
		},
		{ type: "telegram", authentications: [bot(8123456789), entry("webhook", "secret_token")] },
		{ type: "telegram", authentications: [bot(8123456790)] },
		{ type: "wavy", authentications: [entry("wa_shop_br", "user token", "odd")] },
	].map((one, index) => ({
		serviceConnection: origin,
		name: `Echo ${index}`,
		...one,
		settings: { keepReplyWindow: false, ...("settings" in one ? one.settings : {}) }, // Nobody wrote to most of them.
	}));
}

const ways: Readonly<Record<string, readonly { from?: string; to: string; channel?: string }[]>> = {
	twilio: [{ from: "+15550100001", to: "+15550100002" }],
	facebook: Array.from({ length: 6 }, (_, index) => ({ from: `10485760000000${index}`, to: person })),
	sinchconversation: Array.from({ length: 4 }, (_, index) => ({
		from: `APP${index}@whatsapp.sinchconversation.com`,
		to: "4915112345678",
	})),
	sinchsms: [{ from: "71630", to: "+447700900123" }],
	sap365: [{ from: "71630", to: "+447700900123" }],
	social365: [10001, 10002].map((account) => ({ from: `wechat:gh_123@${account}`, to: "oABC" })),
	c4semail: [{ from: "service@example.com", to: "kim@example.com" }],
	teams: [{ to: "19:2da4c29f6d7041eca70b638b43d45437@thread.v2" }],
	telegram: [{ to: "7010000001" }, { to: "-1001234567890" }],
	wavy: [
		{ from: "28128", to: "+5519900001111" },
		{ from: "whatsapp:+5519911110000", to: "whatsapp:+5519900001111" },
	],
};

async function sendBy(api: Api, service: Service): Promise<readonly string[]> {
	const ids: string[] = [];
	const usual = ways[service.type] ?? [];
	const own = service.name === oddPages ? [{ from: oddPage, to: person }] : usual;
	for (const way of own.slice(0, service.name === refusedKey ? 1 : own.length)) {
		const message = { service: service.id, ...way, text: "hello" };
		ids.push((await api.call<MessageObject>("POST", "/RI/cmi/messages", message)).id);
	}
	return ids;
}

async function untilTried(api: Api, ids: readonly string[]): Promise<void> {
	for (const id of ids) {
		await until(
			async () => {
				const { attempts, error } = await api.call<MessageObject>("GET", `/RI/cmi/messages/${id}`);
				return attempts > 0 && error !== null ? true : undefined;
			},
			"the message was tried",
			30_000,
		);
	}
}

/** Facebook takes answers only to somebody who wrote. */
async function letPersonWrite(service: Service, canaries: Canaries): Promise<void> {
	const isOdd = service.name === oddPages;
	const pages = isOdd ? [oddPage] : (ways["facebook"] ?? []).map(({ from = "" }) => from);
	const appSecret = canaries.all.find(({ name }) => name === (isOdd ? "other app secret" : "app secret"));
	const timestamp = Date.now();
	const entry = pages.map((id) => {
		const message = { mid: `m${id}`, text: "hi" };
		return { id, time: timestamp, messaging: [{ sender: { id: person }, recipient: { id }, timestamp, message }] };
	});
	const body = JSON.stringify({ object: "page", entry });
	const headers = metaSigned(appSecret?.secret ?? "", body);
	const answer = await fetch(service.webhookUrl, { method: "POST", headers, body });
	assert.equal(answer.status, 200, await answer.text());
}

/** Rotations and entries one by one, by each of the three methods. */
async function changeSecrets(api: Api, { id }: ServiceObject, canaries: Canaries): Promise<void> {
	const all = `/RI/rci/messagingServices/${id}/authentications`;
	const entries = await api.call<{ id: string; authenticationId: string }[]>("GET", all);
	const webhook = entries.find(({ authenticationId }) => authenticationId === "webhook");
	assert.ok(webhook);
	const previousValidUntil = new Date(Date.now() + 86_400_000).toISOString();
	const password = canaries.make("rotated secret");
	await api.call("PATCH", `${all}/${webhook.id}`, { password, previousValidUntil });
	const put = { authenticationId: "webhook", password: canaries.make("replaced secret"), previousValidUntil };
	await api.call("PUT", `${all}/${webhook.id}`, put);
	const added = { authenticationId: "104857600000050", password: canaries.make("added secret") };
	await api.call("POST", all, added);
}

async function makePeople(api: Api, canaries: Canaries): Promise<readonly { login: string; password: string }[]> {
	const people: { login: string; password: string }[] = [];
	for (let index = 0; index < 4; index++) {
		const user = { firstName: "Ada", surname: `Number ${index}`, login: `ada${index}` };
		const password = canaries.make(`password ${index}`, index === 3 ? "odd" : "plain");
		await api.call("POST", "/RI/rci/users", { ...user, password });
		people.push({ login: user.login, password });
	}
	const [first] = people;
	assert.ok(first);
	const newPassword = canaries.make("changed password");
	await apiAt(api.origin, first).call("PUT", "/RI/rci/me/password", { currentPassword: first.password, newPassword });
	await enrolSecondFactor(api.origin, people[2], canaries);
	const program = { firstName: "Pro", surname: "Gram", login: "program", externalUser: true };
	const { id } = await api.call<{ id: string }>("POST", "/RI/rci/users", program);
	for (const round of ["first", "second"]) {
		const path = `/RI/rci/users/${id}/machinePassword`;
		canaries.add(`${round} machine password`, (await api.call<{ password: string }>("POST", path)).password);
	}
	const key = { "idempotency-key": "a-key-of-the-canaries" };
	for (const headers of [{}, key, key]) {
		const { token } = await api.call<{ token: string }>("POST", "/RI/rci/apiTokens", { name: "t" }, headers);
		canaries.add("API token", token);
		await api.ask("GET", "/RI/rci/me", undefined, { authorization: `Bearer ${token}` });
	}
	return people;
}

/** Enrolled, used in a logon with a code, and once more with a recovery code. */
async function enrolSecondFactor(
	origin: string,
	person: { login: string; password: string } | undefined,
	canaries: Canaries,
): Promise<void> {
	assert.ok(person);
	const { login, password } = person;
	const path = "/RI/rci/me/secondFactor";
	const own = apiAt(origin, person);
	const { secret } = await own.call<{ secret: string }>("POST", path, { currentPassword: password });
	canaries.add("seed of codes", secret);
	const code = codeAt(secret, new Date());
	const { recoveryCodes } = await own.call<{ recoveryCodes: string[] }>("POST", `${path}/confirmation`, { code });
	recoveryCodes.forEach((one, index) => canaries.add(`recovery code ${index}`, one));
	for (const given of [recoveryCodes[0], recoveryCodes[0], canaries.make("no code")]) {
		await own.ask("POST", "/login", { login, password, code: given }, { authorization: "" });
	}
}

async function logOnAtThePage(api: Api, user: { login: string; password: string }, canaries: Canaries): Promise<void> {
	const body = new URLSearchParams(user);
	const answer = await fetch(`${api.origin}/login`, {
		method: "POST",
		redirect: "manual",
		headers: { origin: api.origin },
		body,
	});
	const [cookie = ""] = answer.headers.getSetCookie();
	const [, token] = /=([^;]+)/.exec(cookie) ?? [];
	assert.ok(token, `${answer.status} ${await answer.text()}`);
	canaries.add("session token", token);
	await api.ask("GET", "/RI/rci/me", undefined, { authorization: "", cookie: cookie.split(";")[0] ?? "" });
}

/** Secrets where none belongs: the answers must not repeat them, nor may anything note them. */
async function blunder(api: Api, service: ServiceObject, canaries: Canaries): Promise<readonly string[]> {
	const s = canaries.make("blunder", "odd");
	const p = canaries.make("plain blunder");
	const strange = "what-a-stranger-sent"; // Kept in the quarantine, sealed, and shown there: it is no secret of ours.
	const rci = "/RI/rci/messagingServices";
	const basic = `Basic ${Buffer.from(`ada1:${p}`).toString("base64")}`;
	const answers = [
		await api.ask("GET", `${rci}?password=${p}`),
		await api.ask("GET", `/RI/rci/me?access_token=${p}`),
		await api.ask("POST", rci, { type: "twilio", name: "b", serviceConnection: `https://u:${p}@api.example/` }),
		await api.ask("POST", rci, {
			type: "twilio",
			name: "b",
			authentications: [{ authenticationId: "x", password: s }],
		}),
		await api.ask("POST", rci, { type: "twilio", name: "b", authentications: [{ password: [s] }] }),
		await api.ask("PATCH", `${rci}/${service.id}`, { authentications: { password: s } }),
		await api.ask("PATCH", `${rci}/${service.id}`, { password: s, settings: { password: p } }),
		await api.ask("POST", "/RI/rci/users", { login: "short", password: { a: s } }),
		await api.ask("PUT", "/RI/rci/me/password", { currentPassword: s, newPassword: p }),
		await api.ask("POST", "/RI/rci/me/secondFactor/confirmation", { code: [s], currentPassword: p }),
		await api.ask("POST", "/RI/rci/me/secondFactor/removal", { currentPassword: s, code: p }),
		await fetch(`${api.origin}/login/code`, {
			method: "POST",
			headers: { origin: api.origin },
			body: new URLSearchParams({ challenge: s, code: p }),
		}),
		await api.ask("GET", "/RI/rci/me", undefined, { authorization: `Bearer ${p}` }),
		await api.ask("GET", "/RI/rci/me", undefined, { authorization: basic }),
		await api.ask("GET", "/RI/rci/me", undefined, { authorization: `Digest ${p}` }),
		await api.ask("POST", "/RI/rci/apiTokens", { name: "t", token: p }),
		await fetch(`${api.origin}/RI/rci/users`, {
			method: "POST",
			headers: { "content-type": "application/json", authorization: basic },
			body: `{"password": "${p}", `,
		}),
		await fetch(`${service.webhookUrl}?token=${strange}`, {
			method: "POST",
			headers: { authorization: basic },
			body: strange,
		}),
		await fetch(service.webhookUrl, { headers: { authorization: `Bearer ${p}`, "x-twilio-signature": strange } }),
	];
	return Promise.all(answers.map((answer) => answer.text()));
}

async function withSimulators(t: TestContext, api: Api, canaries: Canaries): Promise<void> {
	for (const [index, [type, start]] of Object.entries(simulators).entries()) {
		// Each with chance of its own, or the id of a message here would be a password there.
		const simulator = await start({ clock: systemClock, random: seededRandom(seed + index) });
		t.after(() => simulator.close());
		for (const { authenticationId, password } of simulator.account.authentications) {
			if (password.length >= 12) {
				canaries.add(`${type} ${authenticationId} of the simulator`, password);
			}
		}
		const service = await configure(api, simulator);
		const contact = simulator.somebody;
		const { status } = await simulator.contactWrites({ from: contact, text: "hi" });
		assert.ok(status >= 200 && status <= 299, type);
		const answer = { service: service.id, from: simulator.account.ourAddress, to: contact, text: "hello" };
		const { id } = await api.call<MessageObject>("POST", "/RI/cmi/messages", answer);
		await until(async () => {
			const { state } = await api.call<MessageObject>("GET", `/RI/cmi/messages/${id}`);
			return ["sent", "delivered", "read"].includes(state) ? true : undefined;
		}, "the message is sent");
		await simulator.settled();
	}
}

async function hitsInAnswers(parley: ChildParley, canaries: Canaries): Promise<readonly string[]> {
	const pages = ["/", "/login", "/RI/docs", "/RI/docs/problems", "/nothing"];
	const more = [
		...pages.map((path) => parley.origin + path),
		`${parley.opsOrigin}/metrics`,
		`${parley.opsOrigin}/readyz`,
	];
	const texts = await Promise.all(more.map(async (url) => [url, await (await fetch(url)).text()] as const));
	const answers = [...(await everyGet(parley)), ...texts];
	return answers.flatMap(([path, text]) => hits(canaries.all, path, text));
}

test(`no canary is found anywhere after all that can be done with secrets (seed ${seed})`, async (t) => {
	const canaries = openCanaries(seededRandom(seed));
	const more = ["--log-level", "trace"];
	const parley = await spawnParley(t, { allow: ["127.0.0.0/8"], more });
	const provider = await echo(t, canaries);
	const services: Service[] = [];
	for (const service of servicesAt(provider.origin, canaries)) {
		services.push(await parley.call("POST", "/RI/rci/messagingServices", service));
	}
	const [twilio, , , facebook] = services;
	assert.ok(twilio && facebook);
	const said: string[] = [];
	await Promise.all(
		services.map(async (service) => {
			if (service.type === "facebook") {
				await letPersonWrite(service, canaries);
			}
			await untilTried(parley, await sendBy(parley, service));
		}),
	);
	const smsc = await checkLine(t, parley, canaries);
	await withSimulators(t, parley, canaries);
	await changeSecrets(parley, facebook, canaries);
	const people = await makePeople(parley, canaries);
	assert.ok(people[1]);
	await logOnAtThePage(parley, people[1], canaries);
	said.push(...(await blunder(parley, twilio, canaries)));
	assert.ok(canaries.all.length >= 40, `${canaries.all.length} canaries`);
	const spoken = [...provider.heard, ...smsc.heard].join("\n");
	assert.ok(hits(canaries.all, "the bind", smsc.heard.join()).length > 0);
	const sent = canaries.all.filter(({ secret }) => spoken.includes(secret)).length;
	assert.ok(sent >= 12, `the provider heard ${sent} of them`);
	t.diagnostic(`${canaries.all.length} canaries, ${sent} of them repeated by the provider`);

	const found = [
		...said.flatMap((text) => hits(canaries.all, "the answer to a blunder", text)),
		...(await hitsInAnswers(parley, canaries)),
		...hitsInFolder(canaries.all, join(parley.folder, "data")),
	];
	await parley.end("SIGKILL");
	const again = await parley.again();
	await again.end("SIGTERM");
	found.push(...hitsInFolder(canaries.all, join(parley.folder, "data")));
	found.push(...hits(canaries.all, "the output", parley.output() + again.output()));
	assert.ok(parley.output().length > 200);
	assert.deepEqual([...new Set(found)], []);
});

test("an answer that is cut where a secret stands shows no part of it, wherever the cut is", async () => {
	const secret = openCanaries(seededRandom(seed)).make("auth token", "odd");
	const service = openServiceOf("twilio", "S", "https://api.example");
	service.stored = { ...service.stored, authentications: [{ authenticationId: account("1"), secrets: [secret] }] };
	for (const written of [secret, JSON.stringify(secret), encodeURIComponent(secret)]) {
		for (let before = 1980; before < 2060; before++) {
			const body = Buffer.from(`${"x".repeat(before)}${written}${"y".repeat(50)}`);
			const answered = { kind: "answered", status: 400, headers: new Headers(), body } as const;
			const wayOut = { request: () => Promise.resolve(answered), close: () => Promise.resolve() };
			const { tools, exchange } = toolsFor(service, { wayOut, clock: systemClock, tokens: tokenShelf(systemClock) });
			await tools.http({ method: "GET", url: "https://api.example/", headers: {} });
			assert.doesNotMatch(exchange[0]?.answer ?? "", /Ca|ry/, `${before} characters before it`);
			assert.ok((exchange[0]?.answer ?? "").length >= 1980);
		}
	}
});

test("the control: each spelling of a canary is found, in a text and in a file's bytes", () => {
	const canaries = openCanaries(seededRandom(seed));
	for (const shape of ["plain", "odd"] as const) {
		const secret = canaries.make(shape, shape);
		const basic = Buffer.from(`login:${secret}`).toString("base64");
		const spelled = [secret, JSON.stringify({ secret }), encodeURIComponent(secret), basic];
		const encoded = [Buffer.from(secret).toString("hex"), Buffer.from(`{"a":"${secret}"}`).toString("base64url")];
		for (const text of [...spelled, ...encoded, `cut: ${secret.slice(0, 17)}`]) {
			assert.equal(hits(canaries.all, "here", `before ${text} after`).length, 1, text);
		}
	}
	assert.deepEqual(hits(canaries.all, "here", "nothing of that kind"), []);
});
