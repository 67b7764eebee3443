// Takes the pictures of docs/configurator.md: the main screens in light and dark, of a Parley with the sandbox, which it
// starts for it. Needs Debian's Chromium. `node tools/screenshots.ts`

import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { chromium, type Page } from "playwright-core";

const root = join(import.meta.dirname, "..");
const pictures = join(root, "docs/pictures");
const port = 18_765;
const origin = `http://localhost:${port}`;
const person = { login: "admin", password: "correct horse battery staple" };
const basic = `Basic ${Buffer.from(`${person.login}:${person.password}`).toString("base64")}`;

async function call<T>(method: string, path: string, body?: unknown): Promise<T> {
	const answer = await fetch(origin + path, {
		method,
		headers: { authorization: basic, "content-type": "application/json" },
		...(body === undefined ? {} : { body: JSON.stringify(body) }),
	});
	if (!answer.ok) {
		throw new Error(`${method} ${path} answered ${answer.status}: ${await answer.text()}`);
	}
	return (await answer.json()) as T;
}

/** Resolves with the address that makes the first administrator. */
async function serve(folder: string): Promise<{ stop: () => void; bootstrap: string }> {
	const argv = [
		"src/start.js",
		"serve",
		"--data-dir",
		join(folder, "data"),
		"--port",
		String(port),
		"--ops-port",
		String(port + 1),
	];
	const keys = ["--key-ring", join(folder, "keys"), "--public-base-url", origin];
	const child = spawn(process.execPath, [...argv, ...keys], { cwd: root, stdio: ["ignore", "pipe", "inherit"] });
	let said = "";
	child.stdout.on("data", (piece: Buffer) => (said += piece.toString()));
	for (let tries = 0; tries < 600; tries += 1) {
		const [bootstrap] = /http\S+\/bootstrap\/\S+/.exec(said) ?? [];
		if (bootstrap !== undefined && said.includes("Health and metrics")) {
			return { stop: () => child.kill(), bootstrap };
		}
		await wait(100);
	}
	throw new Error(`Parley did not start: ${said}`);
}

type Scene = { service: string; message: string };

async function fill(bootstrap: string): Promise<Scene> {
	const names = { firstName: "Ada", surname: "Admin" };
	const headers = { "content-type": "application/json" };
	await fetch(bootstrap, { method: "POST", headers, body: JSON.stringify({ ...names, ...person }) });
	const { services } = await call<{ services: { serviceId: string }[] }>("POST", "/RI/rci/sandbox", {});
	for (const { serviceId: service } of services) {
		await call("POST", "/RI/rci/sandbox/messages", { service, text: "Hello, where is my parcel?" });
	}
	await wait(2000);
	const messages = await call<{ id: string; service: string; conversation: string }[]>("GET", "/RI/cmi/messages");
	for (const { service, conversation } of messages) {
		await call("POST", "/RI/cmi/messages", { service, conversation, text: "It comes tomorrow between 9 and 12." });
	}
	await wait(5000); // The receipts, and the contacts' answers.
	return { service: messages[0]?.service ?? "", message: messages[0]?.id ?? "" };
}

function screensOf({ service, message }: Scene): Readonly<Record<string, string>> {
	return {
		start: "/",
		services: "/services",
		"add-new": "/services/new",
		service: `/services/${service}`,
		webhook: `/services/${service}?tab=webhook`,
		messages: "/messages",
		message: `/messages/${message}`,
		health: "/health",
		users: "/users",
		audit: "/audit",
	};
}

async function signIn(page: Page): Promise<void> {
	await page.goto(origin);
	await page.getByLabel("Logon Name").fill(person.login);
	await page.locator("input[name=password]").fill(person.password);
	await page.getByRole("button", { name: "Sign in" }).click();
	await page.getByRole("heading", { level: 1, name: "Welcome" }).waitFor();
}

const folder = mkdtempSync(join(tmpdir(), "parley-pictures-"));
mkdirSync(pictures, { recursive: true });
const { stop, bootstrap } = await serve(folder);
const browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox", "--disable-gpu"] });
try {
	const scene = await fill(bootstrap);
	for (const colorScheme of ["light", "dark"] as const) {
		const viewport = { width: 1280, height: 800 };
		const page = await browser.newPage({ colorScheme, viewport, reducedMotion: "reduce", locale: "en-GB" });
		await signIn(page);
		for (const [name, path] of Object.entries(screensOf(scene))) {
			await page.goto(origin + path);
			await page.getByRole("heading", { level: 1 }).waitFor();
			await wait(1500); // What the screen asks for, and charts that draw themselves.
			await page.locator(".mantine-Skeleton-root").first().waitFor({ state: "detached" });
			await page.screenshot({ path: join(pictures, `${name}-${colorScheme}.png`) });
		}
		await page.close();
	}
} finally {
	await browser.close();
	stop();
	await wait(1000);
	rmSync(folder, { recursive: true, force: true });
}
