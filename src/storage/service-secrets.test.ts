import assert from "node:assert/strict";
import test from "node:test";
import type { AuthenticationEntryId, ServiceId } from "#domain/ids.ts";
import { systemRandom } from "#platform/random.ts";
import { lockedSecretBox, secretBox } from "#platform/secret-box.ts";
import { onBothDialects } from "#test/storage-on-both.ts";
import {
	openCurrentSecret,
	openService,
	openServices,
	sealPrevious,
	sealSecret,
	secretOrigin,
} from "./service-secrets.ts";
import { type AuthenticationEntry, type Direction, type MessagingService, insertService } from "./services.ts";

const box = secretBox(new Map([["d1", systemRandom.bytes(32)]]), "d1", systemRandom);
const tools = { box, fingerprint: (secret: string) => `f-${secret}` };
const now = new Date("2026-11-24T10:00:00.000Z");
const soon = new Date("2026-11-24T12:00:00.000Z");
const idOf = (n: number) => n.toString(16).toUpperCase().padStart(32, "0");

const base: MessagingService = {
	id: idOf(1) as ServiceId,
	type: "twilio",
	name: "A",
	enabled: true,
	serviceConnection: "https://a.example/x",
	authenticationUrl: null,
	authenticationScope: null,
	incomingMode: "enforce",
	settings: {},
	stoppedReason: null,
	version: 1,
	createdAt: now,
	updatedAt: now,
	authentications: [],
};

function entry(n: number, direction: Direction, secret?: string, previous?: string): AuthenticationEntry {
	const place = { id: idOf(n), direction };
	return {
		id: idOf(n) as AuthenticationEntryId,
		authenticationId: `key${n}`,
		direction,
		secret: secret === undefined ? null : sealSecret(tools, place, secret, base),
		previous: previous === undefined ? null : sealPrevious(tools, place, { secret: previous, validUntil: soon }, base),
		changedAt: now,
	};
}

const opened = (changes: Partial<MessagingService>, at = now) =>
	openService({ ...base, ...changes }, box, at).authentications.map(({ secrets, broken }) => ({ secrets, broken }));

test("secrets open in the order current, previous; the previous one until its time", () => {
	const authentications = [entry(1, "both", "new", "old"), entry(2, "outgoing")];
	assert.deepEqual(opened({ authentications }), [
		{ secrets: ["new", "old"], broken: false },
		{ secrets: [], broken: false },
	]);
	assert.deepEqual(opened({ authentications }, soon)[0], { secrets: ["new"], broken: false });
	const service = { ...base, authentications };
	assert.deepEqual(openService(service, box, now).secretsChangeAt, soon);
	assert.equal(openService(service, box, soon).secretsChangeAt, undefined);
});

test("a secret that may be sent opens for its own origin only; an incoming one wherever the service sends", () => {
	const authentications = [entry(1, "outgoing", "a"), entry(2, "both", "b"), entry(3, "incoming", "c")];
	const whole = { secrets: [], broken: true };
	const open = (changes: Partial<MessagingService>) => opened({ authentications, ...changes });
	const kept = [
		{ secrets: ["a"], broken: false },
		{ secrets: ["b"], broken: false },
		{ secrets: ["c"], broken: false },
	];
	assert.deepEqual(open({ serviceConnection: "https://a.example/other?path" }), kept);
	for (const changes of [
		{ serviceConnection: "https://evil.example/x" },
		{ serviceConnection: "http://a.example/x" },
		{ serviceConnection: "https://a.example:8443/x" },
		{ serviceConnection: "" },
		{ authenticationUrl: "https://evil.example/token" },
	]) {
		assert.deepEqual(open(changes), [whole, whole, kept[2]], JSON.stringify(changes));
	}
});

test("a sealed value moved to another entry, or from previous to current, does not open", () => {
	const one = entry(1, "both", "a", "old");
	const two = entry(2, "both", "b");
	const swapped = [
		{ ...one, secret: two.secret },
		{ ...two, secret: one.secret },
	];
	assert.deepEqual(opened({ authentications: swapped }), [
		{ secrets: ["old"], broken: true },
		{ secrets: [], broken: true },
	]);
	assert.equal(openCurrentSecret(swapped[0] ?? one, base, box), undefined);
	assert.equal(openCurrentSecret(one, base, box), "a");
	const promoted = {
		...one,
		secret: { sealed: one.previous?.sealed ?? new Uint8Array(), origin: "", fingerprint: "" },
	};
	assert.deepEqual(opened({ authentications: [promoted] }), [{ secrets: ["old"], broken: true }]);
});

test("a damaged secret or a locked box breaks its entry and nothing else", () => {
	const damaged = entry(1, "incoming", "a");
	damaged.secret?.sealed.subarray(-4).fill(7);
	assert.deepEqual(opened({ authentications: [damaged, entry(2, "incoming", "b")] }), [
		{ secrets: [], broken: true },
		{ secrets: ["b"], broken: false },
	]);
	const locked = openService(
		{ ...base, authentications: [entry(1, "both", "a"), entry(2, "both")] },
		lockedSecretBox(),
		now,
	);
	assert.deepEqual(
		locked.authentications.map(({ secrets, broken }) => ({ secrets, broken })),
		[
			{ secrets: [], broken: true },
			{ secrets: [], broken: false },
		],
	);
});

test("the origin is told apart by scheme, host and port of both addresses", () => {
	const origin = (serviceConnection: string, authenticationUrl: string | null = null) =>
		secretOrigin({ serviceConnection, authenticationUrl });
	assert.equal(origin("https://A.example:443/x"), origin("https://a.example/y"));
	assert.notEqual(origin("https://a.example"), origin("http://a.example"));
	assert.notEqual(origin("https://a.example", "https://b.example"), origin("https://b.example", "https://a.example"));
	assert.equal(origin("", "nonsense"), " ");
});

onBothDialects("all services are opened, and secrets survive the database", async (open) => {
	const storage = await open();
	const insert = (n: number, authentications: readonly AuthenticationEntry[]) =>
		storage.write((tx) =>
			insertService(tx, { ...base, id: idOf(n) as ServiceId, name: `S${n}`, authentications }, now),
		);
	await insert(1, [entry(11, "both", "a", "old")]);
	await insert(2, [{ ...entry(21, "incoming", "b"), direction: "outgoing" }]);
	await insert(3, [entry(31, "incoming", "c")]);
	const services = await openServices(storage.db, box, now);
	assert.deepEqual(
		services.map(({ authentications }) => authentications.map(({ secrets, broken }) => ({ secrets, broken }))),
		[[{ secrets: ["a", "old"], broken: false }], [{ secrets: [], broken: true }], [{ secrets: ["c"], broken: false }]],
	);
	const rows = await storage.db.selectFrom("authentications").select("secret_origin").orderBy("id").execute();
	assert.deepEqual(
		rows.map((row) => row.secret_origin),
		["https://a.example ", null, null],
	);
});

test("an address of a scheme that the URL standard does not know has an origin of its own too", () => {
	const of = (serviceConnection: string) => secretOrigin({ serviceConnection, authenticationUrl: null });
	assert.equal(of("smpps://smsc.example:3601"), of("smpps://SMSC.example:3601/"));
	const others = ["smpps://evil.example:3601", "smpps://smsc.example:3602", "smpp://smsc.example:3601", ""];
	assert.equal(new Set([of("smpps://smsc.example:3601"), ...others.map(of)]).size, 5);
	assert.doesNotMatch(others.map(of).join(), /null/);
	const sealedFor = { ...base, serviceConnection: "smpps://smsc.example:3601" };
	const tools = { box, fingerprint: () => "0000" };
	const one = entry(1, "outgoing");
	const authentications = [{ ...one, secret: sealSecret(tools, one, "a", sealedFor) }];
	const open = (serviceConnection: string) => opened({ authentications, serviceConnection });
	assert.deepEqual(open("smpps://smsc.example:3601"), [{ secrets: ["a"], broken: false }]);
	assert.deepEqual(open("smpps://evil.example:3601"), [{ secrets: [], broken: true }]);
});
