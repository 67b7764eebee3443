// What must hold after every fault: the simulator's books and the caller's (the witness) are compared with what the API
// shows, once everything has come to rest. The statements themselves are in test/invariant-laws.ts.

import { execFile } from "node:child_process";
import type { Simulator } from "#simulators/simulator.ts";
import { type Attempt, laws, type Seen, type ShownMessage, type StateChange, type Witness } from "./invariant-laws.ts";
import { readLedger } from "./ledger.ts";
import { type Api, until } from "./parley.ts";

export type { Witness } from "./invariant-laws.ts";

export type World = {
	api: Api;
	simulator: Simulator;
	witness: Witness;
	/** What Parley was started with, for `parley verify` on the same data. */
	argv: readonly string[];
	/** Somebody who has rights on other messaging services only. */
	foreign?: Api;
	/** The messaging service in question, where there are several. */
	service?: string;
	/** How long the last messages may take to come to rest. Default 60 s, the grace of I5. */
	restMs?: number;
};

const restMsDefault = 60_000;
const sentencesMax = 5; // Of one statement; a thousand more say nothing new.

/** Each broken statement as a sentence that begins with its id. Empty: all hold. */
export async function brokenInvariants(world: World): Promise<string[]> {
	const seen = await lookAround(world);
	return laws.flatMap(({ id, broken }) => {
		const sentences = broken(seen, world.witness).map((sentence) => `${id}: ${sentence}`);
		const more = sentences.length - sentencesMax;
		return more > 0 ? [...sentences.slice(0, sentencesMax), `${id}: and ${more} more`] : sentences;
	});
}

async function lookAround(world: World): Promise<Seen> {
	const { api, simulator } = world;
	const isResting = await rest(world);
	const incoming = await allMessages(world, "in");
	const { outgoing, changes } = await outgoingWithLedger(world);
	const ours = new Set([...incoming, ...outgoing].map(({ service }) => service));
	return {
		isResting,
		incoming,
		outgoing,
		changes,
		taken: simulator.taken,
		webhooks: simulator.webhooks,
		promisesArrival: promisesArrival(simulator),
		policyOf: await policiesOf(api, ours),
		attemptsOf: await attemptsOf(api, outgoing),
		leaks: world.foreign === undefined ? [] : await leaksTo(world.foreign, ours, [...incoming, ...outgoing]),
		verify: await verify(world.argv),
	};
}

/** Whether nothing is under way any more, waiting for that as long as it may take. */
async function rest(world: World): Promise<boolean> {
	const moving = ["received", "queued", "sending"];
	const isEmpty = async (state: string) => (await page(world, `state=${state}&limit=1`)).messages.length === 0;
	const look = async () => {
		const empties = await Promise.all(moving.map(isEmpty));
		return empties.every(Boolean) && (await areReceiptsKnown(world)) ? true : undefined;
	};
	try {
		await world.simulator.settled();
		return await until(look, "nothing is under way", world.restMs ?? restMsDefault);
	} catch (error) {
		if (error instanceof Error && error.message.startsWith("Not within")) {
			return false; // I5 and I1 say which.
		}
		throw error;
	}
}

/** A message whose receipts were all taken moves on soon; one whose receipts nobody took never will. */
async function areReceiptsKnown(world: World): Promise<boolean> {
	const { receipts } = world.simulator.manners;
	if (!promisesArrival(world.simulator)) {
		return true;
	}
	const taken = world.simulator.webhooks.filter(
		({ kind, status }) => kind === "receipt" && status >= 200 && status <= 299,
	);
	const times = Map.groupBy(taken, ({ remoteId }) => remoteId);
	const before = ["sent", ...(receipts.includes("read") ? ["delivered"] : [])];
	const pages = await Promise.all(before.map((state) => page(world, `state=${state}&limit=1000`)));
	const waiting = pages.flatMap(({ messages }) => messages);
	return !waiting.some(({ remoteIds }) => remoteIds.some((id) => (times.get(id)?.length ?? 0) >= receipts.length));
}

function promisesArrival({ manners }: Simulator): boolean {
	return manners.receipts.some((receipt) => receipt !== "sent");
}

type Page = { messages: ShownMessage[]; next: string | undefined };

async function page(world: World, query: string): Promise<Page> {
	const service = world.service === undefined ? "" : `&service=${world.service}`;
	return pageAt(world.api, `/RI/cmi/messages?${query}${service}`);
}

async function pageAt(api: Api, path: string): Promise<Page> {
	const answer = await api.ask("GET", path);
	if (answer.status !== 200) {
		throw new Error(`${path} answered ${answer.status}: ${await answer.text()}`);
	}
	const [, link] = /<([^>]+)>; rel="next"/.exec(answer.headers.get("link") ?? "") ?? [];
	const next = link === undefined ? undefined : new URL(link, api.origin);
	const messages = (await answer.json()) as ShownMessage[];
	return { messages, next: next === undefined ? undefined : next.pathname + next.search };
}

async function allMessages(world: World, direction: "in" | "out"): Promise<ShownMessage[]> {
	const found: ShownMessage[] = [];
	let { messages, next } = await page(world, `direction=${direction}&order=asc&limit=1000`);
	found.push(...messages);
	while (next !== undefined) {
		({ messages, next } = await pageAt(world.api, next));
		found.push(...messages);
	}
	return found;
}

/** Looked at anew where a message still changed between the two. */
async function outgoingWithLedger(world: World): Promise<Pick<Seen, "outgoing" | "changes">> {
	let outgoing = await allMessages(world, "out");
	let changes = await readLedger(world.api, (known) => isWhole(known, outgoing), world.service);
	if (!isWhole(changes, outgoing)) {
		outgoing = await allMessages(world, "out");
		changes = await readLedger(world.api, (known) => isWhole(known, outgoing), world.service);
	}
	return { outgoing, changes };
}

/** Whether the ledger has told everything that the messages show. */
function isWhole(changes: readonly StateChange[], outgoing: readonly ShownMessage[]): boolean {
	const last = new Map(changes.map(({ message, part, to }) => [`${message} ${part}`, to]));
	return outgoing.every(({ id, parts }) =>
		parts.every(({ part, state }) => (last.get(`${id} ${part}`) ?? "queued") === state),
	);
}

async function policiesOf(api: Api, services: ReadonlySet<string>): Promise<Seen["policyOf"]> {
	const policies = [...services].map(async (id) => {
		const { settings } = await api.call<{ settings: { unknownOutcome?: "hold" | "resend" } }>(
			"GET",
			`/RI/rci/messagingServices/${id}`,
		);
		return [id, settings.unknownOutcome ?? "hold"] as const;
	});
	return new Map(await Promise.all(policies));
}

type TraceEntry = { what: string; detail: { attemptId?: string; outcome?: Attempt["outcome"] } };

/** Of messages that were tried more than once. */
async function attemptsOf(api: Api, outgoing: readonly ShownMessage[]): Promise<Seen["attemptsOf"]> {
	const found = new Map<string, Attempt[]>();
	for (const { id } of outgoing.filter(({ attempts, parts }) => attempts > parts.length)) {
		const outcomes = new Map<string, Attempt["outcome"]>();
		for (const { what, detail } of await api.call<TraceEntry[]>("GET", `/RI/cmi/messages/${id}/trace`)) {
			if (what.startsWith("attempt.")) {
				outcomes.set(detail.attemptId ?? "", detail.outcome ?? null);
			}
		}
		found.set(
			id,
			[...outcomes].map(([attempt, outcome]) => ({ id: attempt, outcome })),
		);
	}
	return found;
}

const samples = 20; // Messages that the stranger asks for by id; the rights matrix asks for every route.

/** What a stranger gets to see of our services, in words. */
async function leaksTo(
	foreign: Api,
	ours: ReadonlySet<string>,
	shown: readonly ShownMessage[],
): Promise<readonly string[]> {
	const leaks: string[] = [];
	for (const what of ["messages", "conversations"]) {
		const listed = await listFor(foreign, `/RI/cmi/${what}?limit=1000`);
		leaks.push(...listed.filter(({ service }) => ours.has(service)).map(({ id }) => `the list of ${what} shows ${id}`));
	}
	const services = await listFor(foreign, "/RI/rci/messagingServices");
	leaks.push(...services.filter(({ id }) => ours.has(id)).map(({ id }) => `the list of services shows ${id}`));
	const step = Math.max(1, Math.floor(shown.length / samples));
	for (const { id } of shown.filter((_, index) => index % step === 0)) {
		for (const path of [`/RI/cmi/messages/${id}`, `/RI/cmi/messages/${id}/trace`, `/RI/cmi/messages/${id}/raw`]) {
			const { status } = await foreign.ask("GET", path);
			leaks.push(...(status === 403 || status === 404 ? [] : [`GET ${path} answers ${status}`]));
		}
	}
	return leaks;
}

/** Nothing, where the list itself is refused. */
async function listFor(foreign: Api, path: string): Promise<readonly { id: string; service: string }[]> {
	const answer = await foreign.ask("GET", path);
	return answer.status === 200 ? ((await answer.json()) as { id: string; service: string }[]) : [];
}

function verify(argv: readonly string[]): Promise<Seen["verify"]> {
	return new Promise((resolve) => {
		execFile(process.execPath, ["src/start.js", "verify", ...argv], (error, stdout, stderr) => {
			resolve({ passes: error === null, output: `${stdout}${stderr}` });
		});
	});
}
