// A running Parley for end-to-end and fault tests: in this process, or as a child that can be killed. Everything goes over
// its public HTTP interfaces.

import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import { serve } from "#commands/serve.ts";
import { systemWith } from "#commands/system.ts";
import { type Log, silentLog } from "#platform/log.ts";
import { type Signals } from "#storage/signals.ts";
import { readSettings, type Settings } from "#settings";
import { freePort } from "#test/free-port.ts";
import type { Simulator } from "#simulators/simulator.ts";

export type Api = {
	origin: string;
	call<T>(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<T>;
	/** The answer as it is, whatever its status. */
	ask(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Response>;
};

export const administrator = { login: "admin", password: "correct horse battery staple" };

export function apiAt(origin: string, user: { login: string; password: string } = administrator): Api {
	const authorization = `Basic ${Buffer.from(`${user.login}:${user.password}`).toString("base64")}`;
	const ask: Api["ask"] = (method, path, body, headers = {}) =>
		fetch(`${origin}${path}`, {
			method,
			headers: {
				authorization,
				accept: "application/json",
				...(body === undefined ? {} : { "content-type": "application/json" }),
				...headers,
			},
			...(body === undefined ? {} : { body: JSON.stringify(body) }),
		});
	return {
		origin,
		ask,
		async call<T>(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<T> {
			const answer = await ask(method, path, body, headers);
			const text = await answer.text();
			if (!answer.ok) {
				throw new Error(`${method} ${path} answered ${answer.status}: ${text}`);
			}
			return (text === "" ? undefined : JSON.parse(text)) as T;
		},
	};
}

export async function makeAdministrator(address: string): Promise<void> {
	const answer = await fetch(address, {
		method: "POST",
		headers: { "content-type": "application/json" },
		body: JSON.stringify({ firstName: "Ada", surname: "Admin", ...administrator }),
	});
	if (!answer.ok) {
		throw new Error(`The bootstrap address answered ${answer.status}: ${await answer.text()}`);
	}
}

type Place = { folder: string; port: number; argv: string[] };

async function makePlace(t: TestContext, extra: readonly string[], beside?: readonly string[]): Promise<Place> {
	const folder = mkdtempSync(join(tmpdir(), "parley-e2e-"));
	t.after(() => rmSync(folder, { recursive: true, force: true }));
	const port = await freePort();
	const shared = beside ?? ["--key-ring", join(folder, "keyring"), "--public-base-url", `http://127.0.0.1:${port}`];
	const argv = ["--data-dir", join(folder, "data"), "--port", String(port), "--ops-port", "0"];
	argv.push("--outbound-allow", "127.0.0.0/8", ...sharedBy(shared));
	return { folder, port, argv: [...withoutGiven(argv, extra), ...extra] };
}

/** Options that the test names itself are not given twice. */
function withoutGiven(argv: readonly string[], extra: readonly string[]): string[] {
	return argv.filter((word, index) => !extra.includes(index % 2 === 0 ? word : (argv[index - 1] ?? "")));
}

/** What two nodes of one installation have in common, but for the database, which the caller names to both. */
function sharedBy(argv: readonly string[]): string[] {
	return ["--key-ring", "--public-base-url"].flatMap((name) => [name, argv[argv.indexOf(name) + 1] ?? ""]);
}

export type InProcess = Api & {
	opsOrigin: string;
	settings: Settings;
	/** Before the test's end, where the test wants it. */
	stop(): Promise<void>;
	/** Starts anew on the same data, after `stop`. */
	again(): Promise<Api & { opsOrigin: string }>;
};

/** Parley in this process, with its administrator. Stopped when the test ends. */
export async function startParley(
	t: TestContext,
	options: { argv?: readonly string[]; log?: Log; signals?: Signals } = {},
): Promise<InProcess> {
	const { argv } = await makePlace(t, options.argv ?? []);
	const read = readSettings({ argv, env: {}, readFile: () => undefined });
	if (!read.ok) {
		throw new Error(read.errors.join(" "));
	}
	const { settings } = read;
	const said: string[] = [];
	const { log = silentLog, signals } = options;

	async function run(): Promise<Api & { opsOrigin: string; stop(): Promise<void> }> {
		const system = { ...systemWith(settings), say: (line: string) => void said.push(line) };
		const running = await serve(system, { log, ...(signals === undefined ? {} : { signals }) });
		let isStopped = false;
		const stop = async (): Promise<void> => {
			if (!isStopped) {
				isStopped = true;
				await running.stop();
			}
		};
		t.after(stop);
		return { ...apiAt(running.origin), opsOrigin: running.opsOrigin, stop };
	}

	const first = await run();
	await makeAdministrator(first.origin + new URL(bootstrapIn(said.join("\n"))).pathname);
	return { ...first, settings, again: run };
}

function bootstrapIn(output: string): string {
	const [address] = /https?:\/\/\S+\/bootstrap\/\S+/.exec(output) ?? [];
	if (address === undefined) {
		throw new Error(`No bootstrap address in: ${output}`);
	}
	return address;
}

export type ChildParley = {
	api: Api;
	/** The settings it runs with, for other commands on the same data. */
	argv: readonly string[];
	/** Where the running process tells about its health. */
	opsOrigin(): string;
	/** Runs the program on the same data; resolves, when it is ready, with how many milliseconds that took. */
	start(): Promise<number>;
	/** SIGKILL, sent at once; resolves when the process is gone. */
	kill(): Promise<void>;
	/** Sends the signal and resolves when the process has ended: with its code, and how many milliseconds that took. */
	stop(signal?: "SIGTERM" | "SIGINT"): Promise<{ code: number | null; ms: number }>;
};

const readyMsMax = 30_000;
const compiledFolder = ".parley/compiled"; // Not in the repository. Halves the work of a start.

/**
 * Parley as a process of its own, killed when the test ends. `beside` a node that was started before, it is the second one
 * of that installation: `extra` names the same PostgreSQL.
 */
export async function childParley(
	t: TestContext,
	extra: readonly string[] = [],
	beside?: ChildParley,
): Promise<ChildParley> {
	const { port, argv } = await makePlace(t, extra, beside?.argv);
	const api = apiAt(`http://127.0.0.1:${port}`);
	let child: ChildProcess | undefined;
	let hasAdministrator = beside !== undefined;
	let opsOrigin = "";

	async function start(): Promise<number> {
		const startMs = performance.now();
		const started = spawn(process.execPath, ["src/start.js", "serve", ...argv], {
			stdio: ["ignore", "pipe", "pipe"],
			env: { NODE_COMPILE_CACHE: compiledFolder, ...process.env },
		});
		child = started;
		let output = "";
		started.stdout.on("data", (chunk: Buffer) => (output += chunk.toString()));
		started.stderr.on("data", (chunk: Buffer) => (output += chunk.toString()));
		while (!(await isReady(output))) {
			if (performance.now() - startMs > readyMsMax || started.exitCode !== null) {
				throw new Error(`Parley did not start: ${output}`);
			}
			await wait(20);
		}
		const readyMs = performance.now() - startMs;
		opsOrigin = opsOriginIn(output) ?? "";
		if (!hasAdministrator) {
			await makeAdministrator(api.origin + new URL(bootstrapIn(output)).pathname);
			hasAdministrator = true;
		}
		return readyMs;
	}

	async function kill(): Promise<void> {
		const running = child;
		child = undefined;
		if (running === undefined || running.exitCode !== null || running.signalCode !== null) {
			return;
		}
		const gone = new Promise((resolve) => running.once("exit", resolve));
		running.kill("SIGKILL");
		await gone;
	}

	async function stop(signal: NodeJS.Signals = "SIGTERM"): Promise<{ code: number | null; ms: number }> {
		const running = child;
		if (running === undefined) {
			throw new Error("Parley does not run.");
		}
		const startMs = performance.now();
		const ended = new Promise<number | null>((resolve) => running.once("exit", resolve));
		running.kill(signal);
		return { code: await ended, ms: performance.now() - startMs };
	}
	t.after(kill);
	return { api, argv, opsOrigin: () => opsOrigin, start, kill, stop };
}

function opsOriginIn(output: string): string | undefined {
	const [, opsOrigin] = /Health and metrics on (http:\S+)\n/.exec(output) ?? [];
	return opsOrigin;
}

/** As the readiness check sees it, once the output tells where that is. */
async function isReady(output: string): Promise<boolean> {
	const opsOrigin = opsOriginIn(output);
	if (opsOrigin === undefined) {
		return false;
	}
	const answer = await fetch(`${opsOrigin}/readyz`);
	await answer.body?.cancel();
	return answer.ok;
}

export async function until<T>(
	look: () => Promise<T | undefined> | T | undefined,
	what: string,
	withinMs = 15_000,
): Promise<T> {
	const end = Date.now() + withinMs;
	for (;;) {
		const found = await look();
		if (found !== undefined) {
			return found;
		}
		if (Date.now() > end) {
			throw new Error(`Not within ${withinMs} ms: ${what}`);
		}
		await wait(20);
	}
}

export type ServiceObject = { id: string; webhookUrl: string };
export type MessageObject = {
	id: string;
	direction: "in" | "out";
	state: string;
	text: string;
	conversation: string | null;
	remoteIds: string[];
	possibleDuplicate: boolean;
	attempts: number;
	error: { code: string; detail: string } | null;
};

export function untilState(api: Api, id: string, state: string): Promise<MessageObject> {
	return until(async () => {
		const message = await api.call<MessageObject>("GET", `/RI/cmi/messages/${id}`);
		return message.state === state ? message : undefined;
	}, `message is ${state}`);
}

/** Configures the simulated account as a messaging service and points the simulator at its webhook. */
export async function configure(
	api: Api,
	simulator: Simulator,
	settings: Record<string, unknown> = {},
): Promise<ServiceObject> {
	const { ourAddress: _ours, settings: accountSettings, ...account } = simulator.account;
	const service = await api.call<ServiceObject>("POST", "/RI/rci/messagingServices", {
		type: simulator.type,
		name: `${simulator.type} ${simulator.origin}`,
		...account,
		settings: { ...accountSettings, ...settings },
	});
	simulator.pointAt(service.webhookUrl, await httpUserFor(api, simulator.type, service.id));
	return service;
}

async function httpUserFor(
	api: Api,
	type: string,
	serviceId: string,
): Promise<{ login: string; password: string } | undefined> {
	const { localHttpAuthentication } = await api.call<{ localHttpAuthentication: string }>(
		"GET",
		`/RI/rci/messagingServiceTypes/${type}`,
	);
	if (localHttpAuthentication !== "required") {
		return undefined;
	}
	return machineUser(api, serviceId, ["use"]);
}

/** A program's user with these accesses to one messaging service, and nothing else. */
export async function machineUser(
	api: Api,
	serviceId: string,
	access: readonly string[],
): Promise<{ login: string; password: string }> {
	const login = `program-${access.join("-")}-${serviceId.slice(-12)}`;
	const person = { firstName: "Pro", surname: "Gram", login, externalUser: true };
	const user = await api.call<{ id: string }>("POST", "/RI/rci/users", person);
	const { password } = await api.call<{ password: string }>("POST", `/RI/rci/users/${user.id}/machinePassword`);
	await api.call("PUT", `/RI/rci/users/${user.id}/rights`, [
		{ objectType: "messagingService", objectId: serviceId, access },
	]);
	return { login, password };
}

/** The API as somebody sees it who may read this messaging service only. */
export async function strangerWith(api: Api, serviceId: string): Promise<Api> {
	return apiAt(api.origin, await machineUser(api, serviceId, ["view", "messaging", "manageContactHistory"]));
}

export function messages(api: Api, query: string): Promise<MessageObject[]> {
	return api.call<MessageObject[]>("GET", `/RI/cmi/messages?${query}`);
}
