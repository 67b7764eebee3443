// Goal S3: behind whatever proxy, the address that was signed is the configured one, and the caller's address comes from
// trusted hops alone; bodies are judged and kept byte by byte. Method: on real sockets, every combination of a trusted or
// unknown proxy, X-Forwarded-Proto, names that are spoofed, the port in the signed address and the spelling of the query:
// the genuine request is taken, one that is signed for the spoofed address is not. Then odd bodies, rightly signed, of
// which the stored bytes are compared. More bodies with `--bodies`.

import assert from "node:assert/strict";
import { createHash, createHmac } from "node:crypto";
import { Agent, request as httpRequest } from "node:http";
import type { AddressInfo } from "node:net";
import test, { type TestContext } from "node:test";
import type { Random } from "#platform/random.ts";
import { type Doors, openDoors } from "#test/doors.ts";
import { numberFlag, seedFlag } from "#test/flags.ts";
import { seededRandom } from "#test/scene.ts";
import { accountSid, appId, page } from "./schemes.ts";
import { signMeta, signSinch, signTwilio } from "./signing.ts";
import { below, type HeaderLine, oneOf, type Wire } from "./wire.ts";

const seed = seedFlag();
const bodyCount = numberFlag("bodies", 10_000);
const atOnce = 100;

const protos: Readonly<Record<string, readonly HeaderLine[]>> = {
	none: [],
	http: [["X-Forwarded-Proto", "http"]],
	https: [["X-Forwarded-Proto", "https"]],
	list: [["X-Forwarded-Proto", "https, http"]],
	twice: [
		["X-Forwarded-Proto", "https"],
		["X-Forwarded-Proto", "http"],
	],
};
const evil = "evil.example";
/** Addresses that a forged header or name could make of ours. */
const foreigners = [
	`https://${evil}`,
	`http://${evil}`,
	"http://parley.example",
	"https://127.0.0.1",
	"http://parley.example:8080",
];
const spoofs: Readonly<Record<string, readonly HeaderLine[]>> = {
	none: [["Host", "parley.example"]],
	host: [["Host", evil]],
	forwardedHost: [
		["Host", "parley.example"],
		["X-Forwarded-Host", evil],
		["X-Forwarded-Port", "80"],
	],
	both: [
		["Host", evil],
		["X-Forwarded-Host", `${evil}, parley.example`],
	],
	forwarded: [
		["Host", "parley.example:8080"],
		["Forwarded", `for=198.51.100.66;host=${evil};proto=http`],
		["X-Original-URL", "/sms/twilio/other"],
	],
};
/** The port in the configured address, and the one in the address that Twilio signed. */
const ports: Readonly<Record<string, { ours: string; signed: string }>> = {
	none: { ours: "", signed: "" },
	standard: { ours: "", signed: ":443" },
	other: { ours: ":8443", signed: ":8443" },
};
const queries = ["", "?a=b%20c&d=", "?a=b+c%2Bd", "?n=%e4%bd%a0&m=%E4%BD%A0&plus=%2b"];
const forwardedFor: HeaderLine = ["X-Forwarded-For", "198.51.100.66, 203.0.113.7"];

type Stand = {
	doors: Doors;
	id: string;
	send(path: string, headers: readonly HeaderLine[], body: string): Promise<number>;
};

async function openStand(t: TestContext, port: string, trustedProxies: readonly string[]): Promise<Stand> {
	const publicBaseUrl = `https://parley.example${port}`;
	const doors = await openDoors(t, { localHttp: false, publicBaseUrl, trustedProxies });
	const id = await doors.add("twilio", { [accountSid]: "s" });
	await doors.app.listen({ host: "127.0.0.1", port: 0 });
	const { port: listening } = doors.app.server.address() as AddressInfo;
	const agent = new Agent({ keepAlive: true });
	t.after(() => agent.destroy());
	const send: Stand["send"] = (path, headers, body) =>
		new Promise((resolve, reject) => {
			const lines = [...headers, ["Content-Length", String(Buffer.byteLength(body))] as const].flat();
			const options = { host: "127.0.0.1", port: listening, method: "POST", path, agent, headers: lines };
			httpRequest(options, (response) => {
				response.resume().on("end", () => resolve(response.statusCode ?? 0));
			})
				.on("error", reject)
				.end(body);
		});
	return { doors, id, send };
}

let count = 0;

/** The form and its signature for that address. */
function signedFor(address: string): { headers: readonly HeaderLine[]; body: string; sid: string } {
	count += 1;
	const sid = `SM${String(count).padStart(32, "0")}`;
	const form = {
		AccountSid: accountSid,
		Body: "hi",
		From: "+15550100002",
		MessageSid: sid,
		NumMedia: "0",
		To: "+15550100001",
	};
	const text = address + Object.entries(form).flat().join("");
	const signature = createHmac("sha1", "s").update(text).digest("base64");
	return {
		headers: [
			["Content-Type", "application/x-www-form-urlencoded"],
			["X-Twilio-Signature", signature],
		],
		body: new URLSearchParams(form).toString(),
		sid,
	};
}

for (const [trust, trustedProxies, seenFrom] of [
	["direct, no proxy is trusted", [], "127.0.0.1"],
	["direct, another proxy is trusted", ["10.0.0.0/8"], "127.0.0.1"],
	["through a trusted proxy", ["127.0.0.1/32"], "203.0.113.7"],
] as const) {
	for (const [port, { ours, signed }] of Object.entries(ports)) {
		test(`${trust}, port ${port}: every forwarded header and name, genuine and spoofed`, async (t) => {
			const { doors, id, send } = await openStand(t, ours, trustedProxies);
			const taken = new Set<string>();
			let cases = 0;
			for (const proto of Object.keys(protos)) {
				for (const spoof of Object.keys(spoofs)) {
					for (const query of queries) {
						const path = `/sms/twilio/${id}${query}`;
						const around = [...(spoofs[spoof] ?? []), ...(protos[proto] ?? []), forwardedFor];
						const what = `${proto}, ${spoof}, ${query}`;
						const genuine = signedFor(`https://parley.example${signed}${path}`);
						assert.equal(await send(path, [...around, ...genuine.headers], genuine.body), 200, what);
						taken.add(genuine.sid);
						const foreign = foreigners[cases % foreigners.length] ?? "";
						const spoofed = signedFor(foreign + path);
						assert.equal(await send(path, [...around, ...spoofed.headers], spoofed.body), 401, `${foreign}: ${what}`);
						cases += 1;
					}
				}
			}
			t.diagnostic(`${cases} combinations`);
			const rows = await doors.storage.db.selectFrom("messages").select("remote_id").execute();
			assert.deepEqual(new Set(rows.map((row) => row.remote_id)), taken);
			const callers = await doors.storage.db
				.selectFrom("inbound_requests")
				.select("remote_address")
				.distinct()
				.execute();
			assert.deepEqual(
				callers.map((row) => row.remote_address),
				[seenFrom],
				"the caller of what was taken",
			);
			const refused = await doors.storage.db.selectFrom("security_events").select("address").distinct().execute();
			assert.deepEqual(
				refused.map((row) => row.address),
				[seenFrom],
				"the caller of what was refused",
			);
		});
	}
}

/** Each makes something odd of a JSON text that has `MARK` in a value. */
const oddities: readonly ((text: string, random: Random) => string | Uint8Array)[] = [
	(text) => text.replaceAll("/", "\\/").replace("object", "\\u006fbject"),
	(text) => `\ufeff${text}`,
	(text) => text.replaceAll(",", ",\r\n\t"),
	(text) => `\r\n ${text}\r\n`,
	(text) => text.replace("{", '{"object":"page","object":"page",'),
	(text) => text.replace("MARK", "MARK\\ud800\\u0000"),
	(text) => text.replace("MARK", "MARK 👩‍👩‍👧 e\u0301 ﷽ \u2028 é"),
	(text, random) => spliced(text, Buffer.concat([Buffer.from([0xff, 0xc3, 0x28, 0xed, 0xa0, 0x80]), random.bytes(3)])),
	(text) => Buffer.from(text, "utf16le"),
	(text) => Buffer.from(text.replace("MARK", "MARKé"), "latin1"),
	(text) => JSON.stringify(JSON.parse(text), undefined, "\t"),
	(text) => text.replace("MARK", "MARK\\u00e9@\\u003c\\u2019"),
	(text) => text.replace(/:(\d+)/, ":$1.0e0"),
	(text) => `${text}\u0000`,
	(text) => text.slice(0, -1),
	(text) => text.replace("}", `,"deep":${"[".repeat(200)}${"]".repeat(200)}}`),
	(text, random) => Buffer.concat([Buffer.from([0x1f, 0x8b, 8]), random.bytes(20), Buffer.from(text)]),
	(text, random) => Buffer.concat([random.bytes(below(random, 60)), Buffer.from(text.slice(-1))]),
	(text) => text.replace("{", '{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}},'),
	(text) => text,
];

function spliced(text: string, bytes: Uint8Array): Uint8Array {
	const [before = "", after = ""] = text.split("MARK");
	return Buffer.concat([Buffer.from(`${before}MARK`), bytes, Buffer.from(after)]);
}

const providers = {
	facebook: {
		entries: { [page]: "token", webhook: "s" },
		text: (mark: string) =>
			`{"object":"page","entry":[{"id":"${page}","time":1,"messaging":[{"sender":{"id":"u1"},"recipient":{"id":"${page}"},` +
			`"timestamp":1767355200000,"message":{"mid":"${mark}","text":"${mark} a/b"}}]}]}`,
		wire: (path: string, body: Uint8Array) => signMeta(wireOf(path, body, ["x-hub-signature-256"]), "s"),
	},
	whatsapp: {
		entries: { [page]: "token", webhook: "s" },
		text: (mark: string) =>
			`{"object":"whatsapp_business_account","entry":[{"id":"1","changes":[{"field":"messages","value":{"metadata":` +
			`{"phone_number_id":"${page}"},"messages":[{"from":"16505551234","id":"${mark}","type":"text","text":{"body":"${mark} a/b"}}]}}]}]}`,
		wire: (path: string, body: Uint8Array) => signMeta(wireOf(path, body, ["x-hub-signature-256"]), "s"),
	},
	sinchconversation: {
		entries: { [`key@${appId}`]: "key secret", webhook: "s" },
		text: (mark: string) =>
			`{"app_id":"${appId}","accepted_time":"2026-01-02T12:00:00Z","message":{"id":"${mark}","direction":"TO_APP",` +
			`"contact_message":{"text_message":{"text":"${mark} a/b"}},"channel_identity":{"channel":"WHATSAPP","identity":"49170"}}}`,
		wire: (path: string, body: Uint8Array, time: string) => signSinch(sinchWire(path, body, time), "s"),
	},
	twilio: {
		entries: { [accountSid]: "s" },
		text: (mark: string) =>
			`[{"specversion":"1.0","type":"t","id":"${mark}","data":{"accountSid":"${accountSid}","size":1,"note":"a/b"}}]`,
		wire: (path: string, body: Uint8Array) =>
			signTwilio(wireOf(`${path}?bodySHA256=`, body, ["x-twilio-signature"]), "s"),
	},
} as const;

function wireOf(path: string, body: Uint8Array, proofs: readonly string[]): Wire {
	const headers = proofs.map((name) => [name, ""] as const);
	return { method: "POST", path, headers: [["content-type", "application/json"], ...headers], body };
}

function sinchWire(path: string, body: Uint8Array, time: string): Wire {
	count += 1;
	const wire = wireOf(path, body, ["x-sinch-webhook-signature"]);
	const more = { nonce: `n${count}`, timestamp: time, algorithm: "HmacSHA256" };
	const lines = Object.entries(more).map(([name, value]) => [`x-sinch-webhook-signature-${name}`, value] as const);
	return { ...wire, headers: [...wire.headers, ...lines] };
}

for (const [type, { entries, text, wire }] of Object.entries(providers)) {
	const own = Math.ceil(bodyCount / Object.keys(providers).length);
	test(`${type}: ${own} odd bodies with a right signature are taken and kept byte by byte (seed ${seed})`, async (t) => {
		const doors = await openDoors(t, { localHttp: false });
		const id = await doors.add(type, entries);
		const random = seededRandom(seed);
		const time = String(Math.floor(doors.clock.now().getTime() / 1000));
		const sent = new Set<string>();
		for (let start = 0; start < own; start += atOnce) {
			const wires = Array.from({ length: Math.min(atOnce, own - start) }, (_, index) => {
				const odd = oneOf(random, oddities as [(typeof oddities)[0]])(text("MARK"), random);
				const marked = marking(Buffer.from(odd), `x${start + index}x`);
				sent.add(hash(marked));
				return wire(`/sms/${type}/${id}`, marked, time);
			});
			const statuses = await Promise.all(wires.map((one) => send(doors, one)));
			assert.deepEqual(new Set(statuses), new Set([200]));
		}
		assert.equal(sent.size, own, "no two bodies are the same");
		const rows = await doors.storage.db.selectFrom("inbound_requests").select("body").execute();
		assert.deepEqual(new Set(rows.map(({ body }) => hash(body))), sent);
	});
}

function hash(body: Uint8Array): string {
	return createHash("sha256").update(body).digest("hex");
}

/** The mark in each place, or at the end where there is none, so that each body brings something new. */
function marking(body: Buffer, mark: string): Buffer {
	const text = body.toString("latin1").replaceAll("MARK", mark);
	const wide = text.replaceAll("M\0A\0R\0K\0", mark.split("").join("\0"));
	return Buffer.from(wide.includes(mark) || wide !== text ? wide : text + mark, "latin1");
}

async function send(doors: Doors, wire: Wire): Promise<number> {
	const answer = await doors.app.inject({
		method: "POST",
		url: wire.path,
		payload: Buffer.from(wire.body),
		headers: Object.fromEntries(wire.headers),
	});
	return answer.statusCode;
}
