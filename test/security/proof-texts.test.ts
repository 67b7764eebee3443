// Goal S1 for proofs that stand in a part of a request: signed tokens, a text in the body, the address that a message named.
// Method: genuine requests of the connectors' fixtures, such a text changed at random in the ways of `changes`, shown to the
// type's own check. No changed text is genuine: each is signed, or a secret of its own. More with `--mutations` and `--seed`.

import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import test from "node:test";
import type { RawRequest } from "#connectors/contract.ts";
import type { Random } from "#platform/random.ts";
import type { Fixture } from "#test/contract/conformance/fixtures.ts";
import { type Subject, subjectOf } from "#test/contract/conformance/subject.ts";
import { numberFlag, seedFlag } from "#test/flags.ts";
import { seededRandom } from "#test/scene.ts";
import { below, oneOf } from "./wire.ts";

const seed = seedFlag();
// In all 500,000 of each kind: both modes of Teams check tokens by one function of the kit, four types their addresses.
const tokenChangeCount = numberFlag("mutations", 250_000);
const addressChangeCount = numberFlag("mutations", 125_000);

const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

type Change = (text: string, random: Random) => string;

const changes: Readonly<Record<string, Change>> = {
	letter: (text, random) => {
		const at = below(random, text.length);
		return text.slice(0, at) + letters.charAt(below(random, letters.length)) + text.slice(at + 1);
	},
	lastLetter: (text, random) => text.slice(0, -1) + letters.charAt(below(random, letters.length)),
	case: (text, random) => {
		const at = below(random, text.length);
		const letter = text.charAt(at);
		const other = letter === letter.toLowerCase() ? letter.toUpperCase() : letter.toLowerCase();
		return text.slice(0, at) + other + text.slice(at + 1);
	},
	cut: (text, random) => text.slice(0, below(random, text.length)),
	head: (text, random) => text.slice(1 + below(random, text.length)),
	gap: (text, random) => {
		const at = 1 + below(random, text.length - 1);
		return text.slice(0, at) + oneOf(random, ["A", ".", "=", "0", "-", "_", "~"]) + text.slice(at);
	},
	swap: (text, random) => {
		const [a, b] = [below(random, text.length), below(random, text.length)].toSorted((one, other) => one - other);
		const [from, to] = [a ?? 0, b ?? 0];
		return from === to
			? `${text}A`
			: text.slice(0, from) + text.charAt(to) + text.slice(from + 1, to) + text.charAt(from) + text.slice(to + 1);
	},
	twice: (text, random) => text + oneOf(random, ["", ".", "~"]) + text,
	empty: () => "",
};

type Token = { head: Readonly<Record<string, unknown>>; claims: Readonly<Record<string, unknown>>; signature: string };

function tokenIn(text: string): Token | undefined {
	const [head = "", claims = "", signature = "", ...more] = text.split(".");
	const read = (part: string) => JSON.parse(Buffer.from(part, "base64url").toString("utf8")) as Token["head"];
	return signature === "" || more.length > 0 ? undefined : { head: read(head), claims: read(claims), signature };
}

function part(value: object): string {
	return Buffer.from(JSON.stringify(value)).toString("base64url");
}

/** What is tried at libraries that read signed tokens. */
const tokenChanges: Readonly<Record<string, (token: Token, random: Random) => string>> = {
	unsigned: ({ head, claims }, random) => {
		const alg = oneOf(random, ["none", "None", "NONE", ""]);
		return `${part({ ...head, alg })}.${part(claims)}.`;
	},
	unsignedButKept: ({ head, claims, signature }) => `${part({ ...head, alg: "none" })}.${part(claims)}.${signature}`,
	shared: ({ head, claims }, random) => {
		const signed = `${part({ ...head, alg: "HS256" })}.${part(claims)}`;
		const key = oneOf(random, ["", "AQAB", String(head["kid"])]);
		return `${signed}.${createHmac("sha256", key).update(signed).digest("base64url")}`;
	},
	claims: ({ head, claims, signature }, random) => {
		const names = Object.keys(claims);
		const name = names[below(random, names.length)] ?? "exp";
		const value =
			typeof claims[name] === "number" ? claims[name] + 1 + below(random, 1000) : `${String(claims[name])}x`;
		return `${part(head)}.${part({ ...claims, [name]: value })}.${signature}`;
	},
	respelled: ({ head, claims, signature }, random) =>
		`${part({ ...head, [oneOf(random, ["x", "jwk", "jku", "x5u", "crit"])]: "https://evil.example/keys" })}.${part(claims)}.${signature}`,
	otherKey: ({ head, claims, signature }, random) =>
		`${part({ ...head, kid: oneOf(random, ["", "..", "bot-key-2", "0", "__proto__"]) })}.${part(claims)}.${signature}`,
};

type Proven = { fixture: Fixture; text: string; config: unknown };

function changed({ text }: Proven, random: Random): string {
	const token = tokenIn(text);
	const forToken = token === undefined ? [] : Object.values(tokenChanges).map((change) => () => change(token, random));
	const ways = [...Object.values(changes).map((change) => () => change(text, random)), ...forToken];
	return ways[below(random, ways.length)]?.() ?? "";
}

function withText({ raw }: Fixture, before: string, after: string): RawRequest {
	const replaced = (value: string): string => value.replaceAll(before, () => after);
	const body = Buffer.from(raw.body).toString("latin1");
	return {
		...raw,
		url: replaced(raw.url),
		headers: new Headers([...raw.headers].map(([name, value]): [string, string] => [name, replaced(value)])),
		body: body.includes(before) ? Buffer.from(replaced(body), "latin1") : raw.body,
	};
}

function isLetIn({ connector }: Subject, raw: RawRequest, config: unknown, now: Date): boolean {
	const { auth } = connector.inbound;
	return auth.kind === "signature"
		? auth.verify(raw, config, now).ok
		: auth.kind === "httpUser" && auth.isProvenByAddress?.(raw, config) === true;
}

function refusesChanges(subject: Subject, proven: readonly Proven[], count: number): (t: test.TestContext) => void {
	return (t) => {
		const random = seededRandom(seed);
		assert.ok(proven.length > 0, "there are genuine requests to change");
		for (const { fixture, config } of proven) {
			assert.ok(isLetIn(subject, fixture.raw, config, fixture.now), `${fixture.name} is let in as it is (control)`);
		}
		let tried = 0;
		while (tried < count) {
			const one = proven[below(random, proven.length)];
			const text = one === undefined ? "" : changed(one, random);
			if (one === undefined || text === one.text) {
				continue;
			}
			tried += 1;
			const letIn = isLetIn(subject, withText(one.fixture, one.text, text), one.config, one.fixture.now);
			assert.ok(!letIn, `${one.fixture.name}: ${JSON.stringify(text)} instead of ${JSON.stringify(one.text)}`);
		}
		t.diagnostic(`${tried} changed texts of ${proven.length} genuine requests, 0 let in`);
	};
}

const teams = subjectOf("teams");

for (const mode of ["bot", "graph"]) {
	const proven = teams.fixtures
		.filter(({ service, verdict }) => verdict === "ok" && (service.settings["mode"] ?? "graph") === mode)
		.flatMap((fixture) => {
			const config = teams.connector.config.parse(fixture.service);
			return (fixture.proof?.texts ?? []).map((text) => ({ fixture, text, config }));
		});
	test(
		`Teams ${mode}: of ${tokenChangeCount} changed proofs none is let in (seed ${seed})`,
		refusesChanges(teams, proven, tokenChangeCount),
	);
}

for (const type of ["sap365", "sinchsms", "smshttp", "social365"]) {
	const subject = subjectOf(type);
	const proven = subject.fixtures.flatMap((fixture) => {
		// A sender may put its own question mark behind the address.
		const [, attempt = "", proof = ""] = /[?&]attempt=([^&?#]+)&proof=([^&?#]+)/.exec(fixture.raw.url) ?? [];
		const config = subject.connector.config.parse(fixture.service);
		return isLetIn(subject, fixture.raw, config, fixture.now)
			? [attempt, proof].map((text) => ({ fixture, text, config }))
			: [];
	});
	test(
		`${type}: of ${addressChangeCount} changed addresses none is let in (seed ${seed})`,
		refusesChanges(subject, proven, addressChangeCount),
	);
}
