// Webhooks and sends for a Parley that will not live long, and what was promised about them, with the moment of each
// promise on the clock that disk.c uses.

import assert from "node:assert/strict";
import { setTimeout as wait } from "node:timers/promises";
import type { TestContext } from "node:test";
import { systemClock } from "#platform/clock.ts";
import type { Random } from "#platform/random.ts";
import type { Simulator } from "#simulators/simulator.ts";
import { simulators } from "#simulators/simulators.ts";
import type { Witness } from "#test/invariants.ts";
import type { Api, MessageObject, ServiceObject } from "#test/parley.ts";

/** Fewer promises than this are too few for a power cut to break any. */
export const acknowledgedMin = 40;

export type Promised = { id: string; nanoseconds: bigint };
export type Traffic = {
	/** Remote ids of webhooks that were answered 2xx. */
	acknowledged: Promised[];
	/** Sends that were answered 202. */
	accepted: (Promised & { text: string; to: string })[];
	/** Every remote id that was offered, with its text. */
	offered: Map<string, string>;
	/** Every status that was seen, with its count; 0 is no answer. */
	statuses: Map<number, number>;
};

export async function startSimulator(t: Pick<TestContext, "after">, random: Random): Promise<Simulator> {
	const start = simulators["sinchconversation"];
	assert.ok(start);
	const simulator = await start({ clock: systemClock, random });
	// It tells nothing twice, and what it tells a Parley that is gone is lost; so nobody waits for more than this.
	simulator.manners = { ...simulator.manners, receipts: ["sent"] };
	t.after(() => simulator.close());
	return simulator;
}

export function noTraffic(): Traffic {
	return { acknowledged: [], accepted: [], offered: new Map(), statuses: new Map() };
}

export function witnessOf({ acknowledged, accepted, offered }: Traffic): Witness {
	return { offered, accepted, acknowledged: new Set(acknowledged.map(({ id }) => id)) };
}

export type World = { api: Api; simulator: Simulator; service: ServiceObject; random: Random };

/** Contacts write and an agent answers until `isOver`. */
export async function makeTraffic(
	{ api, simulator, service, random }: World,
	traffic: Traffic,
	isOver: () => boolean,
): Promise<void> {
	async function contactWrites(contact: number): Promise<void> {
		while (!isOver()) {
			const remoteId = `01M${Math.floor(random.fraction() * 1e15)}${traffic.offered.size}`;
			traffic.offered.set(remoteId, remoteId);
			const said = await simulator.contactWrites({ from: `+49151000000${contact}`, text: remoteId, remoteId });
			traffic.statuses.set(said.status, (traffic.statuses.get(said.status) ?? 0) + 1);
			if (said.status >= 200 && said.status < 300) {
				traffic.acknowledged.push({ id: remoteId, nanoseconds: process.hrtime.bigint() });
			}
			await wait(said.status === 200 ? 0 : 20);
		}
	}
	async function agentAnswers(): Promise<void> {
		for (let number = 0; !isOver(); number++) {
			const body = {
				service: service.id,
				from: simulator.account.ourAddress,
				to: `+49151000000${number % 3}`,
				text: `answer ${number}`,
			};
			const answer = await api.ask("POST", "/RI/cmi/messages", body).catch(() => undefined);
			if (answer?.status === 202) {
				const { id } = (await answer.json()) as MessageObject;
				traffic.accepted.push({ id, nanoseconds: process.hrtime.bigint(), text: body.text, to: body.to });
			}
			await wait(30);
		}
	}
	await Promise.all([...Array.from({ length: 8 }, (_, contact) => contactWrites(contact)), agentAnswers()]);
}
