// The simulators that run in the sandbox's thread, each with its contacts. Nothing here is loaded before somebody starts it.

import { createHash } from "node:crypto";
import type { Clock } from "#platform/clock.ts";
import type { Random } from "#platform/random.ts";
import type { SandboxAccount, SandboxConnection, SandboxFault } from "#rest/sandbox-port.ts";
import { goodManners, type HostTrouble, type Simulator } from "#simulators/simulator.ts";
import { simulators } from "#simulators/simulators.ts";
import { type Contacts, openContacts } from "./sandbox-contacts.ts";
import { type ContactWrites, personas, type SandboxStart, type Written } from "./sandbox-talk.ts";

export type SandboxStage = {
	start(types: readonly string[]): Promise<readonly SandboxAccount[]>;
	connect(connection: SandboxConnection): void;
	write(message: ContactWrites): Promise<Written>;
	misbehave(type: string, fault: SandboxFault): void;
	close(): Promise<void>;
};

/** Slow enough that a person sees a message become sent, delivered and read. */
const webhookDelayMs = 300;
const manners = { ...goodManners, delayMs: webhookDelayMs, again: { everyMs: 2000, timesMax: 5 } };

type Outside = { clock: Clock; random: Random };

export function openSandboxStage(start: SandboxStart, { clock, random }: Outside): SandboxStage {
	const running = new Map<string, { simulator: Simulator; contacts: Contacts }>();

	async function open(type: string): Promise<Simulator> {
		const startSimulator = simulators[type];
		if (startSimulator === undefined) {
			throw new Error(`There is no simulator of the type ${type}.`);
		}
		let source = sameEveryTime(start.seed, type);
		const handedIn = {
			bytes: (size: number) => source.bytes(size),
			fraction: () => source.fraction(),
		};
		const simulator = await startSimulator({ clock, random: handedIn });
		source = random; // The account is the same at every start; ids of messages never are.
		simulator.manners = manners;
		simulator.detour = start;
		running.set(type, { simulator, contacts: openContacts(simulator, personas, clock) });
		return simulator;
	}

	function runningOf(type: string) {
		const found = running.get(type);
		if (found === undefined) {
			throw new Error(`The simulator of ${type} does not run.`);
		}
		return found;
	}

	return {
		async start(types) {
			const accounts: SandboxAccount[] = [];
			for (const type of types) {
				const { account } = running.get(type)?.simulator ?? (await open(type));
				const { ourAddress: _known, ...fields } = account;
				accounts.push({ type, ...fields });
			}
			return accounts;
		},
		connect({ type, webhookUrl, httpUser }) {
			runningOf(type).simulator.pointAt(webhookUrl, httpUser);
		},
		write: ({ type, persona, text }) => runningOf(type).contacts.write(persona, text),
		misbehave(type, fault) {
			runningOf(type).simulator.trouble = troubles[fault];
		},
		async close() {
			for (const { simulator, contacts } of running.values()) {
				contacts.close();
				await simulator.close();
			}
		},
	};
}

/** What Meta and Twilio put into such answers; the others' statuses say enough. */
const refusal = JSON.stringify({ error: { code: 190, type: "OAuthException" }, code: 20_003, message: "Authenticate" });

const troubles: Readonly<Record<SandboxFault, HostTrouble>> = {
	none: {},
	wrongCredentials: { answer: { status: 401, body: refusal } },
	throttled: { answer: { status: 429, body: "{}", headers: { "retry-after": "5" } } },
	slow: { stallMs: 5000 },
	down: { resets: true },
};

/** Chance that is none: made of the seed by a counter. */
function sameEveryTime(seed: Uint8Array, type: string): Random {
	let count = 0;
	const block = (): Buffer => {
		count += 1;
		return createHash("sha256").update(seed).update(`${type} ${count}`).digest();
	};
	return {
		bytes(size) {
			const blocks = Array.from({ length: Math.ceil(size / 32) }, block);
			return new Uint8Array(Buffer.concat(blocks)).subarray(0, size);
		},
		fraction: () => block().readUIntBE(0, 6) / 2 ** 48,
	};
}
