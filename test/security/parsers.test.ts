// Goal S15: whatever comes in is read or refused, never thrown at. Method: every parser of ours is given bent, damaged and
// random inputs; none throws, none takes more than 50 ms of CPU, and Object.prototype stays what it was. More with `--inputs`.

import assert from "node:assert/strict";
import { join } from "node:path";
import test from "node:test";
import type { VerifiedRequest } from "#connectors/contract.ts";
import { readJson, retryAfter } from "#connectors/kit/http.ts";
import { connectorOf, serviceTypes } from "#connectors/registry.ts";
import { queryOf, readParameters } from "#connectors/twilio/signature.ts";
import { isId } from "#domain/ids.ts";
import { type OpenService, openService } from "#gateway/open-service.ts";
import { parse, sortOut } from "#gateway/receive.ts";
import { commonSettings } from "#domain/service-settings.ts";
import { readBasic } from "#identity/authenticate.ts";
import { sessionToken } from "#identity/cookies.ts";
import { networkOf } from "#identity/throttle.ts";
import { silentLog } from "#platform/log.ts";
import { Problem } from "#platform/problems.ts";
import { readPlainTypes, refuseRepeated } from "#platform/query-values.ts";
import type { Random } from "#platform/random.ts";
import { parseStrictJson } from "#platform/strict-json.ts";
import { toListRequest } from "#rest/lists.ts";
import { toLike } from "#storage/list.ts";
import { type Fixture, readFixtures, readLineFixtures } from "#test/contract/conformance/fixtures.ts";
import { numberFlag, seedFlag } from "#test/flags.ts";
import { seededRandom } from "#test/scene.ts";
import { bentJson, damaged, nested, oddText } from "./odd-inputs.ts";
import { signedSchemes } from "./schemes.ts";
import { below, oneOf, toRaw } from "./wire.ts";

const seed = seedFlag();
const inputCount = numberFlag("inputs", 20_000);
const cpuMaxMs = 50;

function prototypes(): string {
	const objects = [Object.prototype, Array.prototype, String.prototype, Function.prototype];
	return JSON.stringify(objects.map((object) => Reflect.ownKeys(object).map(String)));
}

/** Gives the parser its inputs; `work` returns what took the input, for the message of a failure. */
function feed(name: string, work: (random: Random) => unknown): void {
	test(`${name}: ${inputCount} odd inputs (seed ${seed})`, (t) => {
		const random = seededRandom(seed);
		const before = prototypes();
		let slowestMs = 0;
		for (let count = 0; count < inputCount; count++) {
			const start = process.threadCpuUsage();
			work(random);
			const spent = process.threadCpuUsage(start);
			slowestMs = Math.max(slowestMs, (spent.user + spent.system) / 1000);
		}
		t.diagnostic(`the slowest took ${slowestMs.toFixed(1)} ms of CPU`);
		assert.ok(slowestMs <= cpuMaxMs, `one took ${slowestMs} ms of CPU`);
		assert.equal(prototypes(), before, "no prototype has changed");
		assert.equal(({} as { polluted?: unknown }).polluted, undefined);
	});
}

function refuseOnly(read: () => unknown): void {
	try {
		read();
	} catch (error) {
		assert.ok(error instanceof Problem && error.status < 500, String(error));
	}
}

const log = {
	...silentLog,
	error: (text: string, fields?: object): void => assert.fail(`${text} ${JSON.stringify(fields)}`),
};

for (const type of [
	"c4semail",
	"facebook",
	"sap365",
	"sinchconversation",
	"sinchsms",
	"social365",
	"teams",
	"telegram",
	"twilio",
	"wavy",
	"whatsapp",
]) {
	const fixtures = readFixtures(join(import.meta.dirname, "../../src/connectors", type, "fixtures"));
	const services = new Map(fixtures.map((fixture) => [fixture, openedFor(type, fixture)]));
	feed(`the requests of ${type}`, (random) => {
		const fixture = fixtures[below(random, fixtures.length)];
		const service = fixture === undefined ? undefined : services.get(fixture);
		assert.ok(fixture && service);
		readAll({ ...fixture.raw, body: bentBody(fixture, random), url: bentUrl(fixture.raw.url, random) }, service);
	});
}

for (const type of serviceTypes().filter((one) => connectorOf(one)?.line !== undefined)) {
	const fixtures = readLineFixtures(join(import.meta.dirname, "../../src/connectors", type, "fixtures"));
	const services = new Map(fixtures.map((fixture) => [fixture, openedFor(type, fixture)]));
	feed(`the frames of ${type}`, (random) => {
		const fixture = oneOf(random, fixtures as readonly [(typeof fixtures)[number]]);
		const line = services.get(fixture)?.line;
		assert.ok(line);
		const frame = bentFrame(fixture.frame, random);
		const length = line.frameLength(frame);
		assert.ok(length === undefined || length === "broken" || length > 0, String(length));
		JSON.stringify([line.hear(frame, "opening"), line.greeted(frame)]);
	});
}

/** Damaged, cut, of bytes of chance, or with its end many times over; its length in front is often right all the same. */
function bentFrame(frame: Uint8Array, random: Random): Uint8Array {
	const chosen = [
		() => damaged(frame, random),
		() => frame.slice(0, below(random, frame.length + 1)),
		() => random.bytes(below(random, 200)),
		() => Buffer.concat([frame, ...Array<Uint8Array>(below(random, 300)).fill(frame.slice(-8))]),
	];
	const bytes = Buffer.from(chosen[below(random, chosen.length)]?.() ?? frame);
	if (bytes.length >= 4 && oneIn(random)) {
		bytes.writeUInt32BE(bytes.length, 0);
	}
	return bytes;
}

function openedFor(type: string, { service: stored }: Pick<Fixture, "service">): OpenService {
	const connector = connectorOf(type);
	assert.ok(connector);
	const facts = { stored, type, name: type, enabled: true, incomingMode: "enforce", stoppedReason: null } as const;
	return openService(
		{ ...facts, isLocked: false, version: 1, settings: commonSettings({}), webhookUrl: "" },
		connector,
	);
}

/** All that is done with a request between the socket and the database; what a connector throws fails the log. */
function readAll(raw: Fixture["raw"], service: OpenService): void {
	service.handshake(raw);
	service.isOwnCallback(raw);
	service.isProvenByAddress(raw);
	connectorOf(service.type)?.inbound.accountsNamed(raw);
	service.verify(raw, now);
	const events = parse(raw as VerifiedRequest, service, { log });
	service.ack(sortOut(events).ours);
	JSON.stringify(events);
}

function bentBody({ raw }: Fixture, random: Random): Uint8Array {
	const text = Buffer.from(raw.body).toString("utf8");
	if (!/^\s*[{[]/.test(text)) {
		return random.fraction() < 0.5 ? damaged(raw.body, random) : bentForm(text, random);
	}
	const value = readJson(raw.body);
	return value === undefined ? damaged(raw.body, random) : bentJson(value, random);
}

function bentForm(text: string, random: Random): Uint8Array {
	const pairs = text.split("&");
	const at = below(random, pairs.length);
	const odd = [pairs[at]?.split("=")[0] ?? "", encodeURIComponent(oddText(random).toWellFormed())].join("=");
	return Buffer.from([...pairs.slice(0, at), odd, ...pairs.slice(at + below(random, 2)), oddText(random)].join("&"));
}

function bentUrl(url: string, random: Random): string {
	return random.fraction() < 0.7 ? url : `${url}${oneIn(random) ? "?" : ""}${oddText(random)}`;
}

function oneIn(random: Random): boolean {
	return random.fraction() < 0.5;
}

const now = new Date("2026-01-02T12:00:00Z");

for (const scheme of signedSchemes) {
	const { headers, ...wire } = scheme.sample(seededRandom(seed));
	feed(`the signature of ${scheme.name}`, (random) => {
		const name = oneOf(random, scheme.subject.proofs);
		const others = headers.filter(([given]) => given !== name);
		const raw = toRaw({ ...wire, headers: [...others, [name, oddText(random, false)]] });
		assert.equal(scheme.service.verify(raw, now)?.ok, false);
	});
}

feed("a query of Twilio", (random) => readParameters(queryOf(`https://x/?${oddText(random)}`)));

const querySchema = {
	properties: {
		limit: { type: "integer" },
		enabled: { type: "boolean" },
		ratio: { type: "number" },
		name: { type: "string" },
	},
};

feed("a query of REST", (random) => {
	const names = ["limit", "enabled", "ratio", "name", "__proto__", "constructor", oddText(random)];
	const values = Object.fromEntries(names.map((name) => [name, oneIn(random) ? oddText(random) : [oddText(random)]]));
	refuseOnly(() => refuseRepeated(values));
	readPlainTypes(values, querySchema);
});

feed("sorting and filters of lists", (random) => {
	const fields = { name: "name", login: "login_name" };
	const query = { sort: oneIn(random) ? oddText(random) : "-name,login", name: oddText(random) };
	refuseOnly(() => {
		const request = toListRequest(query, fields, "name", "every");
		const columns = [...request.sort, ...request.filters].map(({ column }) => column);
		assert.ok(columns.every((column) => Object.values(fields).includes(column)));
		request.filters.forEach(({ pattern }) => assert.ok(toLike(pattern).length >= pattern.length));
	});
});

const configuration = {
	type: "facebook",
	name: "Shop",
	authentications: [{ authenticationId: "1", password: "x" }],
	settings: { sendsPerSecond: 1 },
};

feed("a JSON body of the interfaces", (random) => refuseOnly(() => parseStrictJson(bentJson(configuration, random))));

feed("Retry-After", (random) => {
	const at = retryAfter(new Headers({ "retry-after": oddText(random, false) }), now);
	assert.ok(at === undefined || (at >= now && at.getTime() <= now.getTime() + 3_600_000));
});

feed("ids", (random) => {
	const id = oddText(random);
	assert.ok(!isId(id) || /^[0-9A-F]{32}$/.test(id));
});

feed("HTTP Basic, cookies and addresses", (random) => {
	readBasic(oneIn(random) ? oddText(random) : Buffer.from(oddText(random)).toString("base64"));
	sessionToken(oddText(random));
	networkOf(oddText(random));
});

test("JSON of the interfaces may be 64 levels deep and no deeper", () => {
	assert.doesNotThrow(() => parseStrictJson(Buffer.from(nested(64))));
	for (const deep of [nested(65), nested(50_000), "[".repeat(1_000_000), `${'{"a":'.repeat(65)}1${"}".repeat(65)}`]) {
		assert.throws(
			() => parseStrictJson(Buffer.from(deep)),
			(error) => error instanceof Problem && error.code === "json_too_deep",
		);
	}
});

test("a body of two million bytes of any shape is read within a second", (t) => {
	let slowest = { ms: 0, what: "" };
	const size = 2_000_000;
	const fixtures = [
		"c4semail",
		"facebook",
		"sap365",
		"sinchconversation",
		"social365",
		"teams",
		"telegram",
		"twilio",
		"wavy",
		"whatsapp",
	].map((type) => {
		const [fixture] = readFixtures(join(import.meta.dirname, "../../src/connectors", type, "fixtures"));
		assert.ok(fixture);
		return { fixture, service: openedFor(type, fixture) };
	});
	const shapes = [
		"[".repeat(size),
		'{"a":'.repeat(size / 5),
		"a=b&".repeat(size / 4),
		"%".repeat(size),
		"&".repeat(size),
	];
	const signed = [
		"1".repeat(size),
		`"${"\\u0041".repeat(size / 6)}"`,
		`[${"{},".repeat(size / 3)}{}]`,
		"\u0000".repeat(size),
	];
	for (const { fixture, service } of fixtures) {
		for (const shape of [...shapes, ...signed]) {
			for (const contentType of ["application/json", "application/x-www-form-urlencoded"]) {
				const headers = new Headers({ "content-type": contentType });
				const start = process.threadCpuUsage();
				readAll({ ...fixture.raw, method: "POST", headers, body: Buffer.from(shape) }, service);
				const spent = process.threadCpuUsage(start);
				const ms = (spent.user + spent.system) / 1000;
				slowest = ms > slowest.ms ? { ms, what: `${service.type}, ${contentType}: ${shape.slice(0, 10)}…` } : slowest;
			}
		}
	}
	t.diagnostic(`the slowest took ${slowest.ms.toFixed(0)} ms of CPU: ${slowest.what}`);
	assert.ok(slowest.ms <= 1000, `${slowest.what} takes ${slowest.ms} ms`);
});
