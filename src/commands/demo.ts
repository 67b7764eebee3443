// `parley demo`: for each service type the whole way of a message against its simulator — configure by RCI, a signed
// message in, matched, answered, receipts back — then a table and one message's trace. Exits 1 if any step fails.

import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Clock, sleep } from "#platform/clock.ts";
import { openLog } from "#platform/log.ts";
import { newSecret } from "#platform/random.ts";
import { openWayOut, type WayOut } from "#platform/safe-request.ts";
import type { Simulator } from "#simulators/simulator.ts";
import { simulators } from "#simulators/simulators.ts";
import { readSettings, type Settings } from "#settings";
import type { CommandInput, ExitCode } from "./commands.ts";
import { basic, restClient, type RestClient } from "./rest-client.ts";
import { type Running, serve } from "./serve.ts";
import { type System, systemWith } from "./system.ts";

export async function run(input: CommandInput): Promise<ExitCode> {
	const keep = input.argv.includes("--keep");
	if (input.argv.some((word) => word !== "--keep")) {
		input.complain("Usage: parley demo [--keep]");
		return 2;
	}
	const folder = mkdtempSync(join(tmpdir(), "parley-demo-"));
	try {
		return await demonstrate(folder, input);
	} finally {
		if (keep) {
			input.say(`The demo's data is kept in ${folder}`);
		} else {
			rmSync(folder, { recursive: true, force: true });
		}
	}
}

async function demonstrate(folder: string, input: CommandInput): Promise<ExitCode> {
	const said: string[] = [];
	const settings = demoSettings(folder, await freePort());
	const system = { ...systemWith(settings), say: (line: string) => void said.push(line) };
	const log = openLog({ level: "error", write: (line) => input.complain(line.trimEnd()) });
	const running = await serve(system, { log });
	const wayOut = openWayOut(wayOutOptions);
	try {
		const client = await signIn(running, { said, wayOut, system });
		const rows: Row[] = [];
		for (const type of Object.keys(simulators)) {
			rows.push(await demonstrateType(type, { client, wayOut, system }));
		}
		printTable(rows, input);
		await printTrace(rows, client, input);
		return rows.every(({ error }) => error === undefined) ? 0 : 1;
	} finally {
		await wayOut.close();
		await running.stop();
	}
}

const loopback = "127.0.0.0/8";
const wayOutOptions = {
	outboundAllow: [loopback],
	connectTimeoutMs: 2000,
	firstByteTimeoutMs: 10_000,
	totalTimeoutMs: 10_000,
	answerBytesMax: 1024 * 1024,
};

function demoSettings(folder: string, port: number): Settings {
	const data = join(folder, "data");
	const argv = ["--data-dir", data, "--key-ring", join(folder, "keyring"), "--port", String(port), "--ops-port", "0"];
	const target = ["--public-base-url", `http://127.0.0.1:${port}`, "--outbound-allow", loopback];
	const read = readSettings({ argv: [...argv, ...target], env: {}, readFile: () => undefined });
	if (!read.ok) {
		throw new Error(`The demo's settings are wrong: ${read.errors.join(" ")}`);
	}
	return read.settings;
}

/** A port that nobody listens on at the moment: the public address must be known before the server listens. */
function freePort(): Promise<number> {
	return new Promise((resolve, reject) => {
		const probe = createServer();
		probe.on("error", reject);
		probe.listen(0, "127.0.0.1", () => {
			const address = probe.address();
			probe.close(() => (address !== null && typeof address === "object" ? resolve(address.port) : reject()));
		});
	});
}

type Stage = { said: readonly string[]; wayOut: WayOut; system: System };

/** The first start's one-time address makes the administrator, as it does for everybody. */
async function signIn(running: Running, { said, wayOut, system }: Stage): Promise<RestClient> {
	const [address] = said.flatMap((line) => /https?:\/\/\S+\/bootstrap\/\S+/.exec(line) ?? []);
	if (address === undefined) {
		throw new Error("The first start did not print the address that makes the first administrator.");
	}
	const password = newSecret(system.random);
	await restClient(wayOut, "").call("POST", address, {
		firstName: "Demo",
		surname: "Administrator",
		login: "demo",
		password,
	});
	return restClient(wayOut, `${running.origin}/RI`, basic("demo", password));
}

type Row = { type: string; times: Readonly<Record<string, number>>; error?: string; answerId?: string };
type Tools = { client: RestClient; wayOut: WayOut; system: System };

async function demonstrateType(type: string, tools: Tools): Promise<Row> {
	const start = simulators[type];
	const times: Record<string, number> = {};
	if (start === undefined) {
		return { type, times, error: "There is no simulator of this type." };
	}
	const simulator = await start(tools.system);
	try {
		return { type, times, answerId: await theWholeWay(simulator, times, tools) };
	} catch (error) {
		return { type, times, error: error instanceof Error ? error.message : String(error) };
	} finally {
		await simulator.close();
	}
}

type Service = { id: string; webhookUrl: string };
type Message = { id: string; state: string; conversation: string | null };

async function theWholeWay(simulator: Simulator, times: Record<string, number>, tools: Tools): Promise<string> {
	const { client, system } = tools;
	const step = stopwatch(system.clock, times);
	const { ourAddress: _known, ...account } = simulator.account;
	const { type } = simulator;
	const service = await client.call<Service>("POST", "/rci/messagingServices", {
		type,
		name: `Demo ${type}`,
		...account,
	});
	simulator.pointAt(service.webhookUrl, await httpUserFor(type, service, tools));
	step("configured");

	const said = await simulator.contactWrites({ from: simulator.somebody, text: `Hello from ${type}` });
	if (said.status < 200 || said.status > 299) {
		throw new Error(`The webhook was answered ${said.status}: ${said.body}`);
	}
	step("received");

	const question = await until(system.clock, async () => {
		const messages = await client.call<Message[]>("GET", `/cmi/messages?service=${service.id}&direction=in`);
		return messages.find(({ state }) => state === "matched");
	});
	step("matched");

	const answer = await client.call<Message>("POST", "/cmi/messages", {
		service: service.id,
		conversation: question.conversation,
		to: simulator.somebody,
		text: "Good day, how can we help?",
	});
	await until(system.clock, () => Promise.resolve(simulator.taken[0]));
	step("answered");

	const furthest = await furthestReceipt(type, client);
	await until(system.clock, async () => {
		const { state } = await client.call<Message>("GET", `/cmi/messages/${answer.id}`);
		return state === furthest ? state : undefined;
	});
	step("receipt");
	const [refusal] = simulator.refusals;
	if (refusal !== undefined) {
		throw new Error(`The provider refused a request: ${refusal.reason}`);
	}
	return answer.id;
}

/** The last that a provider of this type tells about a message. */
async function furthestReceipt(type: string, client: RestClient): Promise<string> {
	const { capabilities } = await client.call<{ capabilities: { receipts: readonly string[] } }>(
		"GET",
		`/rci/messagingServiceTypes/${type}`,
	);
	return capabilities.receipts.at(-1) ?? "sent";
}

/** An external user with the right Use on that service, where the type needs local HTTP authentication. */
async function httpUserFor(
	type: string,
	service: Service,
	{ client }: Tools,
): Promise<{ login: string; password: string } | undefined> {
	const described = await client.call<{ localHttpAuthentication: string }>("GET", `/rci/messagingServiceTypes/${type}`);
	if (described.localHttpAuthentication !== "required") {
		return undefined;
	}
	const login = `provider-${type}`;
	const user = await client.call<{ id: string }>("POST", "/rci/users", {
		firstName: "Provider",
		surname: type,
		login,
		externalUser: true,
	});
	const { password } = await client.call<{ password: string }>("POST", `/rci/users/${user.id}/machinePassword`);
	await client.call("PUT", `/rci/users/${user.id}/rights`, [
		{ objectType: "messagingService", objectId: service.id, access: ["use"] },
	]);
	return { login, password };
}

function stopwatch(clock: Clock, times: Record<string, number>): (name: string) => void {
	let lastMs = clock.monotonicMs();
	return (name) => {
		const nowMs = clock.monotonicMs();
		times[name] = Math.round(nowMs - lastMs);
		lastMs = nowMs;
	};
}

const stepWithinMs = 10_000;

async function until<T>(clock: Clock, look: () => Promise<T | undefined>): Promise<T> {
	const startMs = clock.monotonicMs();
	for (;;) {
		const found = await look();
		if (found !== undefined) {
			return found;
		}
		if (clock.monotonicMs() - startMs > stepWithinMs) {
			throw new Error(`It did not happen within ${stepWithinMs / 1000} seconds.`);
		}
		await sleep(clock, 20);
	}
}

const steps = ["configured", "received", "matched", "answered", "receipt"];

function printTable(rows: readonly Row[], { say }: CommandInput): void {
	const cell = (text: string, width = 12) => text.padEnd(width);
	say(`${cell("service type", 20)}${steps.map((name) => cell(name)).join("")}result`);
	for (const { type, times, error } of rows) {
		const cells = steps.map((name) => cell(times[name] === undefined ? "–" : `${times[name]} ms`));
		say(`${cell(type, 20)}${cells.join("")}${error === undefined ? "✔" : `✘ ${error}`}`);
	}
}

type TraceEntry = { at: string; who: string; what: string; detail?: unknown };

async function printTrace(rows: readonly Row[], client: RestClient, { say }: CommandInput): Promise<void> {
	const shown = rows.find(({ answerId }) => answerId !== undefined);
	if (shown?.answerId === undefined) {
		return;
	}
	say(`\nEverything that happened to the ${shown.type} answer (GET /RI/cmi/messages/${shown.answerId}/trace):`);
	for (const entry of await client.call<TraceEntry[]>("GET", `/cmi/messages/${shown.answerId}/trace`)) {
		say(`  ${entry.at}  ${entry.who.padEnd(20)} ${entry.what.padEnd(22)} ${JSON.stringify(entry.detail ?? {})}`);
	}
}
