// Goal S1: what is signed for one service is nothing to another, and what is refused leaves no message behind. Method:
// through the doors on HTTP, on a real database: requests rightly signed for service A sent to service B, with a secret
// of its own and with one that both share; then changed requests, counted in the tables. More with `--crossings`.

import assert from "node:assert/strict";
import test from "node:test";
import { openDoors, type Doors } from "#test/doors.ts";
import { numberFlag, seedFlag } from "#test/flags.ts";
import { seededRandom } from "#test/scene.ts";
import { mutations } from "./mutator.ts";
import { accountSid, appId, botName, current, page, type Scheme, signedSchemes, stranger } from "./schemes.ts";
import { below, type Wire } from "./wire.ts";

const seed = seedFlag();
const crossingCount = numberFlag("crossings", 1000);
const atOnce = 64;

const otherAccounts = { [page]: "222", [accountSid]: `AC${"4".repeat(32)}`, [`key@${appId}`]: "key@OTHERAPP" };
const entries = {
	facebook: (secret: string) => ({ [page]: "token", webhook: secret }),
	whatsapp: (secret: string) => ({ [page]: "token", webhook: secret }),
	twilio: (secret: string) => ({ [accountSid]: secret }),
	sinchconversation: (secret: string) => ({ [`key@${appId}`]: "key secret", webhook: secret }),
	sinchsms: (secret: string) => ({ plan1: "API token", webhook: secret }),
	telegram: (secret: string) => ({ [botName]: "token", webhook: secret }),
};
/** Their calls name no account, so a service that shares the secret cannot tell them from its own. */
const namesNoAccount: readonly string[] = ["sinchsms", "telegram"];

function entriesOfOther(type: keyof typeof entries, secret: string): Record<string, string> {
	const renamed = Object.entries(entries[type](secret)).map(([id, value]) => [otherAccounts[id] ?? id, value]);
	return Object.fromEntries(renamed) as Record<string, string>;
}

function typeOf(scheme: Scheme): keyof typeof entries {
	return scheme.service.type as keyof typeof entries;
}

/** The request sent to that service: its path is signed too, where the scheme covers it. */
function addressedTo(serviceId: string, wire: Wire, { subject }: Scheme, secret: string): Wire {
	const path = wire.path.replace(/\/1(?=\?|$)/, `/${serviceId}`);
	return subject.sign?.({ ...wire, path }, secret) ?? wire;
}

async function send(doors: Doors, wire: Wire): Promise<number> {
	const answer = await doors.app.inject({
		method: wire.method as "POST",
		url: wire.path,
		payload: Buffer.from(wire.body),
		headers: Object.fromEntries(wire.headers),
	});
	return answer.statusCode;
}

async function sendAll(doors: Doors, wires: readonly Wire[]): Promise<number[]> {
	const statuses: number[] = [];
	for (let start = 0; start < wires.length; start += atOnce) {
		statuses.push(...(await Promise.all(wires.slice(start, start + atOnce).map((wire) => send(doors, wire)))));
	}
	return statuses;
}

for (const scheme of signedSchemes) {
	const name = `${scheme.name}: ${crossingCount} requests for A sent to B, a stranger's or a sibling's`;
	test(`${name}, leave nothing in B (seed ${seed})`, async (t) => {
		const doors = await openDoors(t, { localHttp: false, quarantineRows: 10 });
		const type = typeOf(scheme);
		const random = seededRandom(seed);
		const unrelated = await doors.add(type, entriesOfOther(type, stranger));
		const hasSibling = !namesNoAccount.includes(type);
		const sibling = hasSibling ? await doors.add(type, entriesOfOther(type, current)) : unrelated;
		const wires = Array.from({ length: crossingCount }, (_, index) =>
			addressedTo(index % 2 === 0 ? sibling : unrelated, scheme.sample(random), scheme, current),
		);
		const statuses = await sendAll(doors, wires);
		const foreign = statuses.filter((status) => status === 403).length;
		assert.deepEqual(new Set(statuses), new Set(hasSibling ? [401, 403] : [401]));
		assert.equal(foreign, hasSibling ? Math.ceil(crossingCount / 2) : 0, "foreign accounts");
		assert.equal(await doors.count("inbox"), 0);
		assert.equal(await doors.count("messages"), 0);
		const own = await doors.add(type, entries[type](current));
		assert.equal(await send(doors, addressedTo(own, scheme.sample(random), scheme, current)), 200, "A's own is taken");
		assert.equal(await doors.count("inbox"), 1);
	});

	test(`${scheme.name}: ${crossingCount} forged requests on HTTP store nothing (seed ${seed})`, async (t) => {
		const doors = await openDoors(t, { localHttp: false, quarantineRows: 10 });
		const random = seededRandom(seed);
		const service = await doors.add(typeOf(scheme), entries[typeOf(scheme)](current));
		const genuine = Array.from({ length: 50 }, () => addressedTo(service, scheme.sample(random), scheme, current));
		const forged: Wire[] = [];
		while (forged.length < crossingCount) {
			const name = forgeries[below(random, forgeries.length)] ?? "";
			const original = genuine[below(random, genuine.length)];
			const wire = original === undefined ? undefined : mutations[name]?.(original, scheme.subject, random);
			if (wire !== undefined && !scheme.isGenuine(wire)) {
				forged.push(wire);
			}
		}
		const statuses = await sendAll(doors, forged);
		assert.ok(
			statuses.every((status) => status === 401),
			`answered ${[...new Set(statuses)].join(", ")}`,
		);
		assert.equal(await doors.count("inbox"), 0);
		assert.equal(await doors.count("messages"), 0);
		assert.deepEqual(new Set(await sendAll(doors, genuine)), new Set([200]));
		assert.equal(await doors.count("inbox"), genuine.length);
	});
}

/** Changes after which the request still reaches the same address in one piece. */
const forgeries = [
	..."bodyBit bodyCut bodyHead bodyTail bodyFront bodySwap bodyGap bodyTwice bodyLookAlike proofBit proofCut".split(
		" ",
	),
	..."proofTail proofFront proofTwin proofPrefix proofLookAlike proofEmpty foreignKey nearKey emptyKey".split(" "),
	..."otherAlgorithm signedThenChanged".split(" "),
];
