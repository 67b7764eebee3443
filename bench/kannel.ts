// Debian's Kannel, the SMS gateway in C, set up for comparison: its HTTP connection to a provider at one end, its HTTP
// interface for applications at the other.

import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { freePort } from "#test/free-port.ts";

export type Kannel = {
	/** Where a provider delivers, and the path with places for what differs. */
	incoming: { port: number; path: string };
	/** Where an application sends. */
	outgoing: { port: number; path: string };
	end(): Promise<void>;
};

export function hasKannel(): boolean {
	const folders = (process.env["PATH"] ?? "").split(delimiter);
	return ["bearerbox", "smsbox"].every((name) => folders.some((folder) => existsSync(join(folder, name))));
}

type Ports = { admin: number; boxes: number; provider: number; sending: number };

/** @param sinkPort takes what Kannel sends to the provider (`/out`) and to the application (`/in`) */
export async function startKannel(sinkPort: number, options: { durable: boolean }): Promise<Kannel> {
	const folder = mkdtempSync(join(tmpdir(), "parley-bench-"));
	mkdirSync(join(folder, "spool"));
	const [admin, boxes, provider, sending] = [await freePort(), await freePort(), await freePort(), await freePort()];
	const file = join(folder, "kannel.conf");
	writeFileSync(
		file,
		configuration({ admin, boxes, provider, sending }, sinkPort, options.durable ? folder : undefined),
	);
	const running: ChildProcess[] = [];
	const leave = (): void => {
		running.forEach((box) => box.kill("SIGKILL"));
		rmSync(folder, { recursive: true, force: true });
	};
	process.once("exit", leave);
	running.push(await startBox("bearerbox", file, boxes));
	running.push(await startBox("smsbox", file, sending));
	const credentials = "username=bench&password=bench";
	return {
		incoming: { port: provider, path: `/sms?${credentials}&from={contact}&to=1234&text=Message+{number}` },
		outgoing: { port: sending, path: `/cgi-bin/sendsms?${credentials}&from=1234&to={contact}&text=Answer+{number}` },
		async end() {
			process.removeListener("exit", leave);
			const ended = running.map((box) => new Promise((resolve) => box.once("exit", resolve)));
			leave();
			await Promise.all(ended);
		},
	};
}

function configuration(
	{ admin, boxes, provider, sending }: Ports,
	sinkPort: number,
	folder: string | undefined,
): string {
	const store = folder === undefined ? {} : { "store-type": "spool", "store-location": join(folder, "spool") };
	const user = { username: "bench", password: "bench" };
	const local = { "box-allow-ip": "127.0.0.1", "log-level": 4, "access-log": "/dev/null" };
	return [
		group("core", { "admin-port": admin, "admin-password": "bench", "smsbox-port": boxes, ...local, ...store }),
		group("smsc", {
			smsc: "http",
			"smsc-id": "bench",
			"system-type": "kannel",
			port: provider,
			"smsc-username": "bench",
			"smsc-password": "bench",
			"send-url": `http://127.0.0.1:${sinkPort}/out`,
		}),
		group("smsbox", { "bearerbox-host": "127.0.0.1", "sendsms-port": sending, "log-level": 4 }),
		group("sendsms-user", user),
		// No answer of the application is sent back as a message.
		group("sms-service", {
			keyword: "default",
			"get-url": `http://127.0.0.1:${sinkPort}/in?text=%a`,
			"max-messages": 0,
		}),
	].join("\n");
}

function group(name: string, values: Readonly<Record<string, string | number>>): string {
	return [`group = ${name}`, ...Object.entries(values).map(([key, value]) => `${key} = ${value}`), ""].join("\n");
}

const startWithinMs = 10_000;

async function startBox(program: string, file: string, port: number): Promise<ChildProcess> {
	const box = spawn(program, ["-v", "4", file], { stdio: ["ignore", "pipe", "pipe"] });
	let said = "";
	box.stdout.on("data", (chunk: Buffer) => (said += chunk.toString()));
	box.stderr.on("data", (chunk: Buffer) => (said += chunk.toString()));
	const end = performance.now() + startWithinMs;
	while (!(await answers(port))) {
		if (box.exitCode !== null || performance.now() > end) {
			box.kill("SIGKILL");
			throw new Error(`${program} did not start: ${said}`);
		}
		await pause(50);
	}
	return box;
}

function answers(port: number): Promise<boolean> {
	return new Promise((resolve) => {
		const socket = connect(port, "127.0.0.1");
		socket.once("connect", () => resolve(true));
		socket.once("error", () => resolve(false));
		socket.once("connect", () => socket.destroy());
	});
}
