// Goal S8: a secret goes to no other origin than it was entered for. Method: a service of each type sends to one host,
// which hears its secret; then its address is changed to another host, by REST and by a hand in the database, and it sends
// again: the other host must hear nothing of the secret, also after the address was changed back and forth. Control: a
// changed path keeps the secret, and a secret entered anew is heard.

import assert from "node:assert/strict";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import test, { type TestContext } from "node:test";
import { type Api, type MessageObject, until } from "#test/parley.ts";
import { peer } from "#test/peers.ts";
import { hits } from "./canary.ts";
import { spawnParley } from "./own-parley.ts";

type Host = { origin: string; heard(): string };

async function host(t: TestContext): Promise<Host> {
	const texts: string[] = [];
	const { port } = await peer(t, (request, response, body) => {
		texts.push(`${request.url} ${JSON.stringify(request.headers)} ${body}`);
		// Later, please: so that the message waits, and goes wherever the service leads then.
		response.writeHead(429, { "content-type": "application/json", "retry-after": "0" }).end("{}");
	});
	return { origin: `http://127.0.0.1:${port}`, heard: () => texts.join("\n") };
}

const quickly = ["--retry-base-ms", "200", "--retry-cap-ms", "1000"];
const sinchPath = "/v1/projects/p1/messages:send";
type Place = { serviceConnection: string; authenticationUrl?: string };
type Case = {
	says: string;
	type: string;
	id: string;
	from: string;
	/** Digits and a colon before the secret, for the type that takes no other. */
	prefix?: string;
	/** The host that moves gets tokens, and the key's secret goes to the first one. */
	hearsToken?: true;
	at(host: string, first: string): Place;
	path(host: string): Place;
};
const cases: readonly Case[] = [
	{
		says: "twilio, Service Connection",
		type: "twilio",
		id: `AC${"1".repeat(32)}`,
		from: "+15550100001",
		at: (origin) => ({ serviceConnection: origin }),
		path: (origin) => ({ serviceConnection: `${origin}/2010-04-01` }),
	},
	{
		says: "telegram, Service Connection",
		prefix: "8123456789:",
		type: "telegram",
		id: "acme_support_bot",
		from: "acme_support_bot",
		at: (origin) => ({ serviceConnection: origin }),
		path: (origin) => ({ serviceConnection: `${origin}/own` }),
	},
	{
		says: "sinchsms, Service Connection",
		type: "sinchsms",
		id: "plan1",
		from: "+447700900100",
		at: (origin) => ({ serviceConnection: origin }),
		path: (origin) => ({ serviceConnection: `${origin}/xms/v1/plan1/batches` }),
	},
	{
		says: "sap365, Service Connection",
		type: "sap365",
		id: "acct_demo01",
		from: "+447700900100",
		at: (origin) => ({ serviceConnection: origin }),
		path: (origin) => ({ serviceConnection: `${origin}/cmn` }),
	},
	{
		says: "social365, Service Connection",
		type: "social365",
		id: "parley@10001",
		from: "whatsapp:+447700900100@10001",
		at: (origin) => ({ serviceConnection: origin }),
		path: (origin) => ({ serviceConnection: `${origin}/api` }),
	},
	{
		says: "sinchconversation, Service Connection",
		hearsToken: true,
		type: "sinchconversation",
		id: "key1@APP1",
		from: "APP1@whatsapp.sinchconversation.com",
		at: (origin, first) => ({ serviceConnection: `${origin}${sinchPath}`, authenticationUrl: `${first}/token` }),
		path: (origin) => ({ serviceConnection: `${origin}/other${sinchPath}` }),
	},
	{
		says: "sinchconversation, Authentication URL",
		type: "sinchconversation",
		id: "key2@APP2",
		from: "APP2@whatsapp.sinchconversation.com",
		at: (origin, first) => ({ serviceConnection: `${first}${sinchPath}`, authenticationUrl: `${origin}/token` }),
		path: (origin) => ({ serviceConnection: `${origin}/other${sinchPath}` }),
	},
];

async function enqueue(api: Api, service: string, from: string): Promise<string> {
	const body = { service, from, to: from.startsWith("+") ? "+15550100002" : "4915112345678", text: "hello" };
	return (await api.call<MessageObject>("POST", "/RI/cmi/messages", body)).id;
}

/** Until it was tried once more, and that gave this code. */
async function untilTried(api: Api, message: string, code: string): Promise<void> {
	const look = () => api.call<MessageObject>("GET", `/RI/cmi/messages/${message}`);
	const { attempts } = await look();
	await until(
		async () => {
			const found = await look();
			return found.attempts > attempts && found.error?.code === code ? true : undefined;
		},
		`it was tried again: ${code}`,
		30_000,
	);
}

const isHeard = (secret: string, { heard }: Host) => hits([{ name: "secret", secret }], "", heard()).length > 0;

for (const one of cases) {
	test(`${one.says}: the secret never arrives at another host`, async (t) => {
		const parley = await spawnParley(t, { allow: ["127.0.0.0/8"], more: quickly });
		const [first, other, third] = [await host(t), await host(t), await host(t)];
		const secret = `${one.prefix ?? ""}Canary-of-the-first-host-${one.id.slice(0, 4)}-${"_".repeat(4)}`;
		const { id } = await parley.call<{ id: string }>("POST", "/RI/rci/messagingServices", {
			type: one.type,
			name: "moving",
			settings: { keepReplyWindow: false }, // Nobody wrote to it.
			...one.at(first.origin, first.origin),
			authentications: [{ authenticationId: one.id, password: secret }],
		});
		const path = `/RI/rci/messagingServices/${id}`;
		const isSet = async (): Promise<boolean> => {
			const [entry] = await parley.call<{ passwordSet: boolean }[]>("GET", `${path}/authentications`);
			return entry?.passwordSet === true;
		};
		const message = await enqueue(parley, id, one.from);
		await untilTried(parley, message, "throttled");
		assert.ok(isHeard(secret, first), "the control: the first host hears it");

		await parley.call("PATCH", path, one.path(first.origin));
		assert.equal(await isSet(), true, "another path keeps the secret");
		await parley.call("PATCH", path, one.at(other.origin, first.origin));
		assert.equal(await isSet(), false, "another host ends it");
		await untilTried(parley, message, "config");
		await parley.call("PATCH", path, one.at(first.origin, first.origin));
		assert.equal(await isSet(), false, "coming back does not bring it back");
		assert.equal(isHeard(secret, other), false);

		const again = `${one.prefix ?? ""}Canary-entered-again-${one.id.slice(0, 4)}-${"_".repeat(8)}`;
		await parley.call("PATCH", path, { authentications: [{ authenticationId: one.id, password: again }] });
		await parley.end("SIGTERM");
		moveInDatabase(join(parley.folder, "data", "parley.db"), one.at(third.origin, first.origin));
		const restarted = await parley.again();
		await untilTried(restarted, message, "config");
		assert.equal(isHeard(again, third) || isHeard(secret, third), false, "moved by hand");

		await restarted.call("PATCH", path, { authentications: [{ authenticationId: one.id, password: again }] });
		const hearer = one.hearsToken ? first : third;
		await until(
			() => (isHeard(again, hearer) ? true : undefined),
			"the control: what is entered for a host goes there",
		);
	});
}

function moveInDatabase(
	file: string,
	{ serviceConnection, authenticationUrl = null }: { serviceConnection: string; authenticationUrl?: string | null },
): void {
	const db = new DatabaseSync(file);
	const { changes } = db
		.prepare("UPDATE messaging_services SET service_connection = ?, authentication_url = ?")
		.run(serviceConnection, authenticationUrl);
	db.close();
	assert.equal(changes, 1);
}
