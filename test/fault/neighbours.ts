// Ten messaging services of one Parley in ten states, all with messages to send: one is sound and is measured, nine have a
// provider that stalls, breaks, refuses, or is not there. For the test beside this file, and for the bench.

import { systemClock } from "#platform/clock.ts";
import type { Simulator } from "#simulators/simulator.ts";
import { simulators } from "#simulators/simulators.ts";
import { freePort } from "#test/free-port.ts";
import { type Api, configure } from "#test/parley.ts";
import { seededRandom } from "#test/scene.ts";

export type Neighbour = { type: string; plight: string; simulator: Simulator; serviceId: string; webhookUrl: string };

type Plight = {
	plight: string;
	/** The state that a person must see in the end. */
	state: string;
	/** Changes what is entered for the account. */
	entered?(account: Simulator["account"]): Promise<Simulator["account"]> | Simulator["account"];
	/** What goes wrong from now on. */
	strike(simulator: Simulator, webhookUrl: string): void;
};

const nothing = (): void => undefined;

/** By service type; every one of them has its own trouble. */
export const plights: Readonly<Record<string, Plight>> = {
	facebook: { plight: "stalls", state: "failing", strike: troubled({ stallMs: 60_000 }) },
	sinchsms: { plight: "breaks", state: "failing", strike: troubled({ answer: { status: 500, body: "{}" } }) },
	wavy: {
		plight: "throttles", // It asked for slowness, and gets it: nothing is wrong.
		state: "ready",
		strike: troubled({ answer: { status: 429, body: "{}", headers: { "retry-after": "5" } } }),
	},
	sinchconversation: {
		plight: "refuses the credentials",
		state: "unauthorised",
		strike: troubled({ answer: { status: 401, body: "{}" } }),
	},
	whatsapp: {
		plight: "is not there",
		state: "failing",
		entered: async (account) => ({ ...account, serviceConnection: `http://127.0.0.1:${await freePort()}` }),
		strike: nothing,
	},
	smshttp: {
		plight: "answers with garbage",
		state: "failing",
		strike: troubled({ answer: { status: 200, body: "\u0000<garbage" } }),
	},
	telegram: { plight: "is switched off", state: "paused", strike: nothing },
	sap365: {
		plight: "calls with the wrong password",
		state: "degraded",
		strike: (simulator, webhookUrl) => simulator.pointAt(webhookUrl, { login: "nobody", password: "wrong" }),
	},
	social365: {
		plight: "has no password yet",
		state: "draft",
		entered: (account) => ({ ...account, authentications: [] }),
		strike: nothing,
	},
};

function troubled(trouble: Simulator["trouble"]): Plight["strike"] {
	return (simulator) => {
		simulator.trouble = trouble;
	};
}

export const soundType = "twilio";
const contactsEach = 30; // More than a service may send at once.

/** A simulator of its own for each type, configured; the nine are struck later. `atEnd` is told how each is ended. */
export async function moveIn(
	api: Api,
	atEnd: (end: () => Promise<void>) => void,
): Promise<{ sound: Neighbour; nine: Neighbour[] }> {
	const all: Neighbour[] = [];
	for (const [index, type] of [soundType, ...Object.keys(plights)].entries()) {
		all.push(await neighbourOf(api, { type, index }, atEnd));
	}
	const [sound, ...nine] = all;
	if (sound === undefined) {
		throw new Error("Nobody moved in.");
	}
	return { sound, nine };
}

async function neighbourOf(
	api: Api,
	{ type, index }: { type: string; index: number },
	atEnd: (end: () => Promise<void>) => void,
): Promise<Neighbour> {
	const start = simulators[type];
	if (start === undefined) {
		throw new Error(`There is no simulator of ${type}.`);
	}
	const simulator = await start({ clock: systemClock, random: seededRandom(100 + index) });
	atEnd(() => simulator.close());
	simulator.manners = { ...simulator.manners, receipts: [] };
	const plight = plights[type];
	const account = (await plight?.entered?.(simulator.account)) ?? simulator.account;
	const shown = { type, origin: simulator.origin, account, pointAt: simulator.pointAt.bind(simulator) } as Simulator;
	const settings = type === soundType ? { sendsPerSecond: 2000 } : {};
	const { id, webhookUrl } = await configure(api, shown, settings);
	return { type, plight: plight?.plight ?? "is sound", simulator, serviceId: id, webhookUrl };
}

/** Every contact writes once, where the service takes anything in: some channels allow no first word of ours. */
export async function greetAll({ simulator }: Neighbour): Promise<void> {
	for (const from of contactsOf(simulator)) {
		await simulator.contactWrites({ from, text: "hello" });
	}
}

export function contactsOf({ somebody }: Simulator): readonly string[] {
	const stem = somebody.replace(/\d{1,3}$/, "");
	return Array.from({ length: contactsEach }, (_, index) => `${stem}${String(100 + index)}`);
}

/** One message to each contact; which of them can be taken at all is not the matter here. Gives how many were. */
export async function burden(api: Api, { simulator, serviceId }: Neighbour): Promise<number> {
	let taken = 0;
	for (const to of contactsOf(simulator)) {
		const message = { service: serviceId, from: simulator.account.ourAddress, to, text: "still there?" };
		const answer = await api.ask("POST", "/RI/cmi/messages", message);
		await answer.body?.cancel();
		taken += answer.ok ? 1 : 0;
	}
	return taken;
}

/** Milliseconds from the call of our API until the provider has the message, for each of some, one after the other. */
export async function timesOf(api: Api, { simulator, serviceId }: Neighbour, count: number): Promise<number[]> {
	const times: number[] = [];
	for (let index = 0; index < count; index++) {
		const to = contactsOf(simulator)[index % contactsEach];
		const text = `${times.length} at ${performance.now()}`;
		const startMs = performance.now();
		await api.call("POST", "/RI/cmi/messages", { service: serviceId, from: simulator.account.ourAddress, to, text });
		while (simulator.taken.at(-1)?.text !== text) {
			await new Promise((resolve) => setImmediate(resolve));
		}
		times.push(performance.now() - startMs);
	}
	return times.toSorted((one, other) => one - other);
}

export function quantileOf(sorted: readonly number[], share: number): number {
	return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}
