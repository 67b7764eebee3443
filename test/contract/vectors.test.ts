// Goal: the doors open for what the providers' own libraries and published examples sign, and for nothing near it. The
// values in vectors.json come from the providers' libraries or were made with them; none is computed here.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";
import type { HttpCall, StoredService, Tools } from "#connectors/contract.ts";
import { connectorOf } from "#connectors/registry.ts";
import type { AttemptId, MessageId, ServiceId } from "#domain/ids.ts";
import {
	flippedBytesAreRefused,
	otherSpellingsAreRefused,
	secretsDecide,
	statedVerdicts,
} from "./conformance/admission.ts";
import type { Fixture } from "./conformance/fixtures.ts";
import { type Findings, type Subject, subjectOf } from "./conformance/subject.ts";

type Vector = {
	type: string;
	name: string;
	secrets: readonly string[];
	method?: string;
	url?: string;
	headers: Readonly<Record<string, string>>;
	body: string;
	now?: string;
	verdict: string;
};
type Vectors = {
	appsecretProof: { appSecret: string; accessToken: string; proof: string };
	signatures: readonly Vector[];
};

const { appsecretProof, signatures } = JSON.parse(
	readFileSync(join(import.meta.dirname, "vectors.json"), "utf8"),
) as Vectors;
const someTime = "2026-11-24T12:00:00.000Z";

/** The Authentication ID of the entry whose secret signs. */
const signingEntries: Readonly<Record<string, string>> = {
	facebook: "webhook",
	sinchconversation: "webhook",
	twilio: "AC33333333333333333333333333333333",
};

function serviceOf(type: string, secrets: readonly string[]): StoredService {
	return {
		id: "0197F3A2B4C57E6F8091A0B1C2D3E4F5" as ServiceId,
		serviceConnection: connectorOf(type)?.config.form.serviceConnection.example ?? "",
		authenticationUrl: null,
		authenticationScope: null,
		settings: {},
		authentications: [{ authenticationId: signingEntries[type] ?? "", secrets }],
	};
}

function toFixture(vector: Vector): Fixture {
	const { type, name, secrets, method = "POST", url = "https://parley.example/sms", headers, body, now } = vector;
	return {
		name,
		raw: { method, url, headers: new Headers(headers), body: Buffer.from(body, "utf8") },
		service: serviceOf(type, secrets),
		now: new Date(now ?? someTime),
		verdict: vector.verdict,
		events: [],
	};
}

/** The kit's checks with the vectors in place of the connector's own fixtures. */
function withVectors(type: string): Subject {
	return { ...subjectOf(type), fixtures: signatures.filter((vector) => vector.type === type).map(toFixture) };
}

const checks: Readonly<Record<string, (subject: Subject) => Findings>> = {
	"gets its verdict": statedVerdicts,
	"is refused with any bit changed": flippedBytesAreRefused,
	"is refused in another spelling": otherSpellingsAreRefused,
	"is decided by the secret": secretsDecide,
};

for (const type of Object.keys(signingEntries)) {
	for (const [promise, check] of Object.entries(checks)) {
		test(`every published signature of ${type} ${promise}`, () => {
			assert.deepEqual(check(withVectors(type)), []);
		});
	}
}

test("there are vectors that open a door and vectors that do not, for every type that signs", () => {
	for (const type of Object.keys(signingEntries)) {
		const verdicts = signatures.filter((vector) => vector.type === type).map(({ verdict }) => verdict === "ok");
		assert.ok(verdicts.includes(true) && verdicts.includes(false), type);
	}
});

test("Facebook is given the published proof of the app secret with the access token", async () => {
	const { appSecret, accessToken, proof } = appsecretProof;
	const { connector } = subjectOf("facebook");
	const page = { authenticationId: "111", secrets: [accessToken] };
	const service = serviceOf("facebook", [appSecret]);
	const config = connector.config.parse({ ...service, authentications: [...service.authentications, page] });
	const calls: HttpCall[] = [];
	const tools: Tools = {
		http(call) {
			calls.push(call);
			return Promise.resolve({ kind: "notSent", why: "refused" });
		},
		token: (_key, fetch) => fetch(),
		dropToken: () => undefined,
		now: () => new Date(someTime),
	};
	const message = {
		messageId: "0197F3A2B4C57E6F8091A0B1C2D3E4F6" as MessageId,
		attemptId: "0197F3A2B4C57E6F8091A0B1C2D3E4F7" as AttemptId,
		channel: "messenger",
		ourAddress: "111",
		contactAddress: "u1",
		text: "Hello",
		attachments: [],
		validUntil: new Date("2026-11-24T13:00:00.000Z"),
		contactLastWroteAt: new Date("2026-11-24T11:59:00.000Z"),
		webhookUrl: "https://parley.example/sms/facebook/1",
	};
	await connector.send(message, config, tools);
	const body = JSON.parse(String(calls[0]?.body)) as Record<string, unknown>;
	assert.equal(body["appsecret_proof"], proof);
});
