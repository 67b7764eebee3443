// Parley as it is installed: a process of its own in a folder of its own, configured through its public interface, and
// started again on the same data with the servers a measure is about.

import { type ChildProcess, spawn } from "node:child_process";
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { commonSettingsDefaults, commonSettingsSchema } from "#domain/service-settings.ts";
import { freePort } from "#test/free-port.ts";
import { type Api, apiAt, makeAdministrator, type ServiceObject } from "#test/parley.ts";
import type { Target } from "./requests.ts";

export type Servers = "gateway" | "rest" | "gateway,matcher" | "gateway,matcher,rest" | "chat,rest";

export type Parley = {
	port: number;
	/** As in the setting `database`. */
	database: string;
	targets: [Target, ...Target[]];
	token: string;
	/** @returns the milliseconds from the start of the process until it says that it is ready */
	start(servers: Servers): Promise<number>;
	/** Tells it to end, and waits until it has. */
	stop(): Promise<void>;
	kill(): Promise<void>;
	/** Resident memory, bytes. */
	residentBytes(): number;
	/** Another one, with a copy of the data as they are now; for SQLite, while this one is stopped. */
	copy(): Promise<Parley>;
	remove(): Promise<void>;
};

export type ParleyOptions = {
	providerPort: number;
	/** Default: SQLite in the folder. */
	database?: string;
	/** Where each run of Parley leaves a CPU profile. */
	profiles?: string;
};

/** As `npm start` starts it. */
const asInstalled = ["--max-semi-space-size=4", "src/start.js"];

/** A service sends at most 20 at once (its provider's patience), so a busy installation has several. */
const services = 4;

/** The most the form takes. */
function most(name: "sendsPerSecond" | "sendsAtOnce"): number {
	const { maximum } = commonSettingsSchema.properties[name] as { maximum?: number };
	return maximum ?? commonSettingsDefaults[name];
}

export async function newParley(options: ParleyOptions): Promise<Parley> {
	const place = { folder: newFolder(), ...(await portsOf()), options };
	const instance = new Installation(place, [] as unknown as [Target, ...Target[]], "");
	await instance.configure();
	return instance;
}

function newFolder(): string {
	return mkdtempSync(join(tmpdir(), "parley-bench-"));
}

type Place = { folder: string; port: number; opsPort: number; options: ParleyOptions };

async function portsOf(): Promise<{ port: number; opsPort: number }> {
	return { port: await freePort(), opsPort: await freePort() };
}

class Installation implements Parley {
	readonly #place: Place;
	readonly #api: Api;
	#child: ChildProcess | undefined;
	#output = "";
	targets: [Target, ...Target[]];
	token: string;

	constructor(place: Place, targets: [Target, ...Target[]], token: string) {
		this.#place = place;
		this.#api = apiAt(`http://127.0.0.1:${place.port}`);
		this.targets = targets;
		this.token = token;
		process.once("exit", this.#leave);
	}

	get port(): number {
		return this.#place.port;
	}

	get database(): string {
		const { folder, options } = this.#place;
		return options.database ?? `sqlite:${join(folder, "data", "parley.db")}`;
	}

	async configure(): Promise<void> {
		await this.start("gateway,matcher,rest");
		const [address = ""] = /https?:\/\/\S+\/bootstrap\/\S+/.exec(this.#output) ?? [];
		await makeAdministrator(address);
		const made = [];
		for (let number = 0; number < services; number++) {
			made.push(await this.#newService(number));
		}
		this.targets = made as [Target, ...Target[]];
		this.token = (await this.#api.call<{ token: string }>("POST", "/RI/rci/apiTokens", { name: "bench" })).token;
		await this.stop();
	}

	async #newService(number: number): Promise<Target> {
		const pageId = `10485760000000${number}`;
		const appSecret = `app-secret-of-page-${number}`;
		const service = await this.#api.call<ServiceObject>("POST", "/RI/rci/messagingServices", {
			type: "facebook",
			name: `Page ${number}`,
			serviceConnection: `http://127.0.0.1:${this.#place.options.providerPort}/v25.0`,
			authentications: [
				{ authenticationId: pageId, password: `page-token-${number}` },
				{ authenticationId: "webhook", password: appSecret },
				{ authenticationId: "verify", password: `verify-token-${number}` },
			],
			settings: { sendsPerSecond: most("sendsPerSecond"), sendsAtOnce: most("sendsAtOnce") },
		});
		return { serviceId: service.id, path: new URL(service.webhookUrl).pathname, pageId, appSecret };
	}

	async start(servers: Servers): Promise<number> {
		const { profiles } = this.#place.options;
		const runtime = profiles === undefined ? [] : ["--cpu-prof", `--cpu-prof-dir=${profiles}`];
		const startedMs = performance.now();
		const child = spawn(process.execPath, [...runtime, ...asInstalled, "serve", ...this.#argv(servers)], {
			cwd: join(import.meta.dirname, ".."),
			stdio: ["ignore", "pipe", "pipe"],
		});
		this.#child = child;
		this.#output = "";
		child.stdout.on("data", (chunk: Buffer) => (this.#output += chunk.toString()));
		child.stderr.on("data", (chunk: Buffer) => (this.#output += chunk.toString()));
		while (!(await this.#isReady())) {
			if (child.exitCode !== null || performance.now() - startedMs > startWithinMs) {
				throw new Error(`Parley did not start: ${this.#output}`);
			}
			await pause(10);
		}
		return performance.now() - startedMs;
	}

	#argv(servers: Servers): string[] {
		const { folder, port, opsPort } = this.#place;
		const paths = ["--data-dir", join(folder, "data"), "--key-ring", join(folder, "keyring")];
		const ports = ["--port", String(port), "--ops-port", String(opsPort)];
		const ways = ["--public-base-url", `http://127.0.0.1:${port}`, "--outbound-allow", "127.0.0.0/8"];
		return [...paths, ...ports, ...ways, "--database", this.database, "--serve", servers];
	}

	async #isReady(): Promise<boolean> {
		try {
			return (await fetch(`http://127.0.0.1:${this.#place.opsPort}/readyz`)).ok;
		} catch {
			return false; // Nobody listens yet; the caller counts the time.
		}
	}

	stop(): Promise<void> {
		return this.#end("SIGTERM");
	}

	kill(): Promise<void> {
		return this.#end("SIGKILL");
	}

	async #end(signal: "SIGTERM" | "SIGKILL"): Promise<void> {
		const child = this.#child;
		this.#child = undefined;
		if (child === undefined || child.exitCode !== null || child.signalCode !== null) {
			return;
		}
		const gone = new Promise((resolve) => child.once("exit", resolve));
		child.kill(signal);
		await gone;
	}

	residentBytes(): number {
		const status = readFileSync(`/proc/${this.#child?.pid}/status`, "utf8");
		return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) * 1024;
	}

	async copy(): Promise<Parley> {
		const { folder, options } = this.#place;
		const other = newFolder();
		for (const name of ["data", "keyring"].filter((entry) => existsSync(join(folder, entry)))) {
			cpSync(join(folder, name), join(other, name), { recursive: true });
		}
		return new Installation({ folder: other, ...(await portsOf()), options }, this.targets, this.token);
	}

	async remove(): Promise<void> {
		await this.kill();
		process.removeListener("exit", this.#leave);
		this.#leave();
	}

	readonly #leave = (): void => {
		this.#child?.kill("SIGKILL");
		rmSync(this.#place.folder, { recursive: true, force: true });
	};
}

const startWithinMs = 120_000;
