// A connection of the wire without a network: what it sends is kept, what is behind it is moved by the test.

import { openAsk } from "#chat/wire/asking.ts";
import { Connection } from "#chat/wire/connection.ts";
import { type WireLimits, ownLimits } from "#chat/wire/limits.ts";
import { openQuotas } from "#chat/wire/quotas.ts";
import type { Answer, Asked, Change, Snapshot, Transaction } from "#chat/resource.ts";
import { idsFrom } from "#platform/ids.ts";
import { silentLog } from "#platform/log.ts";
import { seededRandom, testClock } from "./scene.ts";
import type { Frame } from "./wire-scene.ts";

const caller = {
	kind: "agent",
	userId: "U1",
	sessionId: "S1",
	terminalId: "TMP1",
	address: "192.0.2.1",
} as const;

export function connectionStage(limits: Partial<WireLimits> = {}, kind: "agent" | "visitor" = "agent") {
	const clock = testClock();
	const sent: Frame[] = [];
	const texts: string[] = [];
	const asked: Asked[] = [];
	const closed: number[] = [];
	const loggedOut: string[] = [];
	let hear: (change: Change) => void = () => undefined;
	const behind = {
		listening: 0,
		answer: (_asked: Asked): Promise<Answer> => Promise.resolve({ status: 200 }),
		snapshot: (): Promise<Snapshot> => Promise.resolve({ position: 10, value: [] }),
	};
	const tree = {
		answer(given: Asked) {
			asked.push(given);
			return behind.answer(given);
		},
		snapshot: async () => ({ ok: true as const, snapshot: await behind.snapshot() }),
	};
	const all = { socketsMax: 1, ...ownLimits, ...limits };
	const quotas = openQuotas(clock, all);
	const deps = {
		tree,
		feed: {
			listen(_userId: string, given: (change: Change) => void) {
				behind.listening += 1;
				hear = given;
				return () => void (behind.listening -= 1);
			},
		},
		ask: openAsk({
			answer: (given) => tree.answer(given),
			quotas,
			clock,
			log: silentLog,
			answerMs: all.answerMs,
		}),
		ids: idsFrom(clock, seededRandom(3)),
		clock,
		log: silentLog,
		limits: all,
		quotas,
		logOut: (id: string) => Promise.resolve(void loggedOut.push(id)),
	};
	const carrier = {
		paused: 0,
		send(text: string) {
			texts.push(text);
			sent.push(JSON.parse(text) as Frame);
		},
		close: (code: number) => void closed.push(code),
		pause: () => void (carrier.paused += 1),
		resume: () => void (carrier.paused -= 1),
		caughtUp: () => Promise.resolve(),
	};
	const connection = new Connection(deps, { ...caller, kind }, carrier);
	let count = 0;
	return {
		clock,
		connection,
		carrier,
		sent,
		texts,
		asked,
		closed,
		loggedOut,
		behind,
		tell: (position: number, ...transactions: Transaction[]) => hear({ position, transactions }),
		ask(method: string, uri: string, body?: unknown) {
			count += 1;
			connection.hear(JSON.stringify({ client_req_id: `r${count}`, method, uri, body }));
		},
	};
}

export const settled = async (): Promise<void> => {
	for (let turn = 0; turn < 30; turn++) {
		await Promise.resolve();
	}
	await new Promise((resolve) => setImmediate(resolve));
};

/** Responses by id and status, notifications by method. */
export const kinds = (frames: readonly Frame[]): string[] =>
	frames.map((frame) =>
		"status_code" in frame
			? `${String(frame["client_req_id"])} ${String(frame["status_code"])}`
			: String(frame["method"]),
	);

export const leaf = (uri: string, subscribed_resource: unknown = "x"): Transaction => ({
	method: "PUT",
	uri: `/users/me/${uri}`,
	subscribed_resource,
});
