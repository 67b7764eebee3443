// Goal (R9): messages that cannot be read, that make a connector or the Chain Matcher fail, or that end the process, never
// hold up the good ones and never take them along: each bad one waits for a person after at most five tries, with a reason,
// the process is started again at most five times for each message that ends it, and once the cause is gone a person's
// "try again" brings every one of them through.
// Method: one message in a hundred is bad. The program runs as a process of its own with `poison.ts` loaded into it, and is
// started again whenever it ends; afterwards it runs without, as after an update that mends the bug.

import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import test, { type TestContext } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import { systemClock } from "#platform/clock.ts";
import type { Random } from "#platform/random.ts";
import { startTwilioSimulator, type TwilioSimulator } from "#simulators/twilio.ts";
import { numberFlag, seedFlag } from "#test/flags.ts";
import { type Api, childParley, configure, type MessageObject, until } from "#test/parley.ts";
import { seededRandom } from "#test/scene.ts";
import { poison } from "./poison.ts";

const seed = seedFlag();
const goodCount = numberFlag("messages", 600);
const badCount = Math.max(8, Math.ceil(goodCount / 100)); // Each kind at least once.
const goodContacts = 40;
const triesMax = 5;
const talkers = 16;
const hugeText = "🙂".repeat(16_384); // 64 KiB of UTF-8.

type Bad = {
	kind: "odd" | "huge" | "parse" | "match" | "exit";
	say(simulator: TwilioSimulator): Promise<{ status: number }>;
};

function badOne(n: number, simulator: TwilioSimulator): Bad {
	const account = simulator.account.authentications[0]?.authenticationId ?? "";
	const remoteId = `SM${(0xbad0_0000 + n).toString(16).padStart(32, "0")}`;
	const write = (from: string, text: string) => (twilio: TwilioSimulator) =>
		twilio.contactWrites({ from, text, remoteId });
	const kinds: readonly Bad[] = [
		{ kind: "exit", say: write(`messenger:${poison.matchExit}-${n}`, "hello") },
		{ kind: "match", say: write(`messenger:${poison.matchThrow}-${n}`, "hello") },
		{ kind: "parse", say: write("+4915199999999", `${poison.parseThrow} ${n}`) },
		{ kind: "huge", say: write("+4915199999998", `${n} ${hugeText}`) },
		{ kind: "odd", say: (twilio) => twilio.tell({ AccountSid: account, From: "+4915199999997", Body: `no id ${n}` }) },
	];
	// Every message that ends the process costs seconds: one of them, the others in turn.
	return kinds[n === 0 ? 0 : 1 + (n % (kinds.length - 1))] ?? assert.fail("there is a kind for every number");
}

type Program = {
	restarts: number;
	/** Rejects when it ended more often than the bad messages account for; then it is not started again. */
	gaveUp: Promise<never>;
	start(isPoisoned: boolean): Promise<void>;
	forward(ms: number): void;
	stop(): Promise<void>;
};

/** Runs the program and starts it again whenever it ends, as an operator's system does. */
function supervised(t: TestContext, api: Api, argv: readonly string[], restartsMax: number): Program {
	let child: ChildProcess | undefined;
	let isWanted = false;
	const over = Promise.withResolvers<never>();
	over.promise.catch(() => undefined); // Heard by whoever waits for something of the program.
	const program: Program = { restarts: 0, gaveUp: over.promise, start, forward, stop };

	function run(isPoisoned: boolean): void {
		const preload = isPoisoned ? ["--import", new URL("poison.ts", import.meta.url).href] : [];
		const started = spawn(process.execPath, [...preload, "src/start.js", "serve", ...argv], {
			stdio: ["ignore", "ignore", "ignore", "ipc"],
		});
		child = started;
		started.once("exit", () => {
			if (!isWanted || child !== started) {
				return;
			}
			program.restarts += 1;
			if (program.restarts <= restartsMax) {
				run(isPoisoned);
			} else {
				over.reject(new assert.AssertionError({ message: `more than ${restartsMax} restarts` }));
			}
		});
	}
	async function start(isPoisoned: boolean): Promise<void> {
		isWanted = true;
		run(isPoisoned);
		await until(() => answers(api), "the program answers", 30_000);
	}
	function forward(ms: number): void {
		if (child?.connected === true) {
			child.send({ forwardMs: ms }, () => undefined); // It may be ending at this moment; the next one is told again.
		}
	}
	async function stop(): Promise<void> {
		isWanted = false;
		const running = child;
		child = undefined;
		if (running !== undefined && running.exitCode === null && running.signalCode === null) {
			const gone = new Promise((resolve) => running.once("exit", resolve));
			running.kill("SIGKILL");
			await gone;
		}
	}
	t.after(stop);
	return program;
}

function answers(api: Api): Promise<true | undefined> {
	return api.ask("GET", "/RI/cmi/messages?limit=1").then(
		({ status }) => (status === 200 ? true : undefined),
		() => undefined,
	);
}

/** Undefined while the program is down. */
async function asked<T>(api: Api, path: string): Promise<T | undefined> {
	const answer = await api.ask("GET", path).catch(() => undefined);
	const text = await answer?.text().catch(() => undefined);
	return answer?.status === 200 && text !== undefined ? (JSON.parse(text) as T) : undefined;
}

async function every<T>(api: Api, path: string): Promise<T[] | undefined> {
	const found: T[] = [];
	let next: string | undefined = path;
	while (next !== undefined) {
		const answer: Response | undefined = await api.ask("GET", next).catch(() => undefined);
		const text = await answer?.text().catch(() => undefined);
		if (answer?.status !== 200 || text === undefined) {
			return undefined;
		}
		found.push(...(JSON.parse(text) as T[]));
		const [, link]: readonly (string | undefined)[] =
			/<([^>]+)>; rel="next"/.exec(answer.headers.get("link") ?? "") ?? [];
		next = link === undefined ? undefined : new URL(link, api.origin).pathname + new URL(link, api.origin).search;
	}
	return found;
}

type Parked = {
	id: string;
	kind: string;
	event: string;
	message: string | null;
	reason: string | null;
	attempts: number;
	retryable: boolean;
};

/** Every message until it is acknowledged, bad ones strewn among good ones. */
async function talk(
	simulator: TwilioSimulator,
	bad: readonly Bad[],
	{ random, signal }: { random: Random; signal: AbortSignal },
): Promise<void> {
	const good = Array.from({ length: goodCount }, (_, n) => (twilio: TwilioSimulator) => {
		const remoteId = `SM${String(n).padStart(32, "0")}`;
		return twilio.contactWrites({
			from: `+49151${String(n % goodContacts).padStart(8, "0")}`,
			text: `good ${n}`,
			remoteId,
		});
	});
	const all = [...good, ...bad.map(({ say }) => say)]
		.map((say) => ({ say, place: random.fraction() }))
		.toSorted((a, b) => a.place - b.place);
	await Promise.all(
		Array.from({ length: talkers }, async () => {
			for (let next = all.shift(); next !== undefined; next = all.shift()) {
				while (!signal.aborted && (await next.say(simulator)).status !== 200) {
					await wait(50);
				}
			}
		}),
	);
}

async function sendAll(api: Api, service: string, from: string, texts: readonly string[]): Promise<void> {
	for (const [n, text] of texts.entries()) {
		const body = { service, from, to: `+49152${String(n).padStart(8, "0")}`, text };
		const key = { "idempotency-key": `"${text}"` };
		const send = () => api.ask("POST", "/RI/cmi/messages", body, key).catch(() => undefined);
		while ((await send())?.status !== 202) {
			await wait(50);
		}
	}
}

test(
	`${badCount} bad messages among ${goodCount} good ones, and bad ones of ours (seed ${seed})`,
	{ timeout: 280_000 },
	async (t) => {
		const random = seededRandom(seed);
		const simulator = await startTwilioSimulator({ clock: systemClock, random });
		t.after(() => simulator.close());
		simulator.manners = { ...simulator.manners, receipts: [] };
		const parley = await childParley(t, ["--lease.ms", "1000", "--breaker.probeMs", "1000"]);
		const { api } = parley;
		await parley.start();
		const service = await configure(api, simulator, { unknownOutcome: "resend", unknownWaitSeconds: 1 });
		await parley.kill();
		const bad = Array.from({ length: badCount }, (_, n) => badOne(n, simulator));
		const countOf = (...kinds: readonly Bad["kind"][]) => bad.filter(({ kind }) => kinds.includes(kind)).length;
		const exits = countOf("exit") + 1;
		const program = supervised(t, api, parley.argv, triesMax * exits);
		const over = new AbortController();
		t.after(() => over.abort());
		await program.start(true);
		const ours = Array.from({ length: 20 }, (_, n) => `ours ${n}`);
		const oursBad = [`${poison.sendThrow} 1`, `${poison.sendExit} 1`];
		const from = simulator.account.ourAddress;
		await sendAll(api, service.id, from, ours);
		await until(
			() => (simulator.taken.length === ours.length ? true : undefined),
			"good ones of ours are taken",
			30_000,
		);
		await Promise.race([
			Promise.all([talk(simulator, bad, { random, signal: over.signal }), sendAll(api, service.id, from, oursBad)]),
			program.gaveUp,
		]);

		const waiting = countOf("odd", "parse", "match", "exit") + oursBad.length;
		const parked = await until(
			async () => {
				assert.ok(program.restarts <= triesMax * exits, `${program.restarts} restarts for ${exits} bad messages`);
				program.forward(10_000); // Nobody waits through the growing pauses between tries.
				await wait(500);
				const found = await every<Parked>(api, "/RI/cmi/parked?limit=1000");
				return found !== undefined && found.length >= waiting ? found : undefined;
			},
			"every bad message waits for a person",
			200_000,
		);
		const shown = await until(
			async () => {
				const messages = await every<MessageObject>(api, "/RI/cmi/messages?direction=in&state=matched&limit=1000");
				return messages !== undefined && messages.length >= goodCount + countOf("huge") ? messages : undefined;
			},
			"all good ones are matched",
			30_000,
		);
		assert.equal(shown.filter(({ text }) => text.startsWith("good ")).length, goodCount, "good ones: all, and once");
		assert.equal(shown.filter(({ text }) => text.endsWith(hugeText)).length, countOf("huge"), "64 KiB of emoji: whole");
		const reasons = parked.map(({ kind, event, reason }) => `${kind} ${event}: ${reason}`);
		assert.equal(parked.length, waiting, `nothing else is parked:\n${reasons.join("\n")}`);
		assert.ok(parked.every(({ reason }) => reason !== null && reason !== ""));
		// The claim that parks it counts as well.
		assert.deepEqual(
			parked.filter(({ attempts }) => attempts > triesMax + 1),
			[],
		);
		assert.ok(program.restarts >= exits, "messages that should end the process did");
		t.diagnostic(`${program.restarts} restarts for ${exits} messages that end the process`);

		await program.stop();
		await program.start(false);
		for (const entry of parked) {
			const answer = await api.ask("POST", `/RI/cmi/parked/${entry.id}/retry`);
			assert.equal(answer.status, entry.retryable ? 202 : 409, await answer.text());
		}
		const retried = countOf("match", "exit");
		await until(
			async () => {
				const messages =
					(await every<MessageObject>(api, "/RI/cmi/messages?direction=in&state=matched&limit=1000")) ?? [];
				return messages.length === goodCount + countOf("huge") + retried ? true : undefined;
			},
			"every retried message is matched",
			20_000,
		);
		await until(
			() => (simulator.taken.length === ours.length + oursBad.length ? true : undefined),
			"every retried send is taken",
			20_000,
		);
		// What could not be read cannot be tried again, but nothing of it is lost: a person sees what came.
		const left = (await asked<Parked[]>(api, "/RI/cmi/parked?limit=1000")) ?? [];
		assert.equal(left.length, countOf("odd", "parse"));
		for (const { id } of left) {
			const { request } = await api.call<{ request: { bodyText: string } | null }>("GET", `/RI/cmi/parked/${id}`);
			assert.match(request?.bodyText ?? "", /poison-parse-throw|no\+id/);
		}
	},
);
