// Takes the pictures of docs/configurator.md, docs/desk.md and docs/widget.md: the main screens in light and dark, of a Parley
// with the sandbox, which it starts for it. Needs Debian's Chromium. `node tools/screenshots.ts`

import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { type Browser, chromium, type Page } from "playwright-core";

const root = join(import.meta.dirname, "..");
const pictures = join(root, "docs/pictures");
const port = 18_765;
const origin = `http://localhost:${port}`;
const receiverPort = port + 2;
const shopPort = port + 3;
const shop = `http://localhost:${shopPort}`;
const queueAddress = "support@desk.example";
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
	return (answer.status === 204 ? undefined : await answer.json()) as T;
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
		"--outbound-allow",
		"127.0.0.0/8",
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

/** What event webhooks call. */
function startReceiver(): Server {
	return createServer((request, response) => {
		request.resume();
		response.writeHead(request.url === "/orders" ? 503 : 204).end();
	}).listen(receiverPort, "127.0.0.1");
}

/** A page of somebody else that shows the widget. */
function startShop(): Server {
	const html = `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Garden Shop</title>
		<meta name="viewport" content="width=device-width, initial-scale=1">
		<style>:root { color-scheme: light dark } body { font: 16px/1.6 sans-serif; max-width: 44rem; margin: 3rem 4rem }</style>
		</head><body><main><h1>Garden Shop</h1><p>Tools, seeds and everything that grows. Parcels leave us the day you order.</p>
		<h2>Your order 4711</h2><ul><li>Watering can, 10 litres</li><li>Tomato seeds, five kinds</li><li>Garden gloves</li></ul>
		<p>On its way since this morning. Questions? Ask us in the corner.</p></main>
		<script>window.parley = function () { (parley.q = parley.q || []).push(arguments) }; parley("cad", { order: "4711" });</script>
		<script src="${origin}/widget.js" data-queue="${queueAddress}" data-language="en" async></script></body></html>`;
	return createServer((_request, response) => {
		response.setHeader("content-type", "text/html; charset=utf-8");
		response.end(html);
	}).listen(shopPort, "localhost");
}

type Scene = { service: string; message: string };

async function fill(bootstrap: string): Promise<Scene> {
	const names = { firstName: "Ada", surname: "Admin" };
	const headers = { "content-type": "application/json" };
	await fetch(bootstrap, { method: "POST", headers, body: JSON.stringify({ ...names, ...person }) });
	const { services } = await call<{ services: { serviceId: string }[] }>("POST", "/RI/rci/sandbox", {});
	await subscribe();
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

async function subscribe(): Promise<void> {
	const url = `http://127.0.0.1:${receiverPort}`;
	const wanted = { CRM: ["message.received", "chat.started", "chat.ended"], Orders: ["message.state"] };
	for (const [name, events] of Object.entries(wanted)) {
		await call("POST", "/RI/cmi/subscriptions", { name, url: `${url}/${name.toLowerCase()}`, events });
	}
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
		"event-webhooks": "/eventWebhooks",
		users: "/users",
		audit: "/audit",
	};
}

async function signIn(page: Page, path: string, { login, password } = person): Promise<void> {
	await page.goto(origin + path);
	await page.getByLabel("Logon Name").fill(login);
	await page.locator("input[name=password]").fill(password);
	await page.getByRole("button", { name: "Sign in" }).click();
}

const look = { viewport: { width: 1280, height: 800 }, reducedMotion: "reduce", locale: "en-GB" } as const;
const schemes = ["light", "dark"] as const;

async function takeScreens(browser: Browser, scene: Scene): Promise<void> {
	for (const colorScheme of schemes) {
		const page = await browser.newPage({ ...look, colorScheme });
		await signIn(page, "/");
		await page.getByRole("heading", { level: 1, name: "Welcome" }).waitFor();
		for (const [name, path] of Object.entries(screensOf(scene))) {
			await page.goto(origin + path);
			await page.getByRole("heading", { level: 1 }).waitFor();
			await wait(1500); // What the screen asks for, and charts that draw themselves.
			await page.locator(".mantine-Skeleton-root").first().waitFor({ state: "detached" });
			await page.screenshot({ path: join(pictures, `${name}-${colorScheme}.png`) });
		}
		await page.close();
	}
}

async function openQueue(): Promise<typeof person> {
	const agent = { login: "mia", password: person.password };
	const { id: queue } = await call<{ id: string }>("POST", "/RI/rci/queues", {
		name: "Support",
		addresses: [queueAddress],
	});
	await call("PATCH", "/RI/rci/chatSettings", { widgetOrigins: [shop] });
	await call("PATCH", "/RI/rci/authenticationPolicy", { initialPasswordMustBeChanged: false });
	const { id } = await call<{ id: string }>("POST", "/RI/rci/users", { firstName: "Mia", surname: "Berg", ...agent });
	await call("PUT", `/RI/rci/users/${id}/rights`, [{ objectType: "queue", objectId: queue, access: ["serve"] }]);
	return agent;
}

/** A visitor of the shop and an agent talk, each in a browser. */
async function takeChat(browser: Browser): Promise<void> {
	const desk = await (await browser.newContext(look)).newPage();
	await signIn(desk, "/desk", await openQueue());
	await desk.getByRole("switch", { name: "Not ready" }).click({ force: true });
	await desk.getByRole("switch", { name: "Ready", exact: true }).waitFor({ state: "attached" });

	const page = await (await browser.newContext(look)).newPage();
	await page.goto(shop);
	await page.getByRole("button", { name: "Open chat" }).click();
	const widget = page.frameLocator("iframe[title=Chat]");
	await widget.getByLabel("Your name").fill("Ann Lee");
	await widget.getByLabel("Your e-mail address").fill("ann.lee@example.com");
	await widget.getByRole("button", { name: "Start chat" }).click();
	await desk.getByRole("button", { name: "Accept Ann Lee" }).click();
	const say = async (text: string) => {
		await widget.getByLabel("Your message").fill(text);
		await widget.getByRole("button", { name: "Send", exact: true }).click();
		await desk.getByRole("region", { name: "Transcript" }).getByText(text).waitFor();
	};
	const answer = async (text: string) => {
		await desk.getByLabel("Your answer").fill(text);
		await desk.keyboard.press("Enter");
		await widget.getByText(text).waitFor();
	};
	await say("Hello, where is my parcel? My order is 4711.");
	await answer("Hello Ann! Let me look that up.");
	await answer("It comes tomorrow between 9 and 12.");
	await say("Perfect, thank you!");
	await desk.getByText("Team", { exact: true }).waitFor();
	for (const [name, shown] of Object.entries({ desk, widget: page })) {
		for (const colorScheme of schemes) {
			await shown.emulateMedia({ colorScheme, reducedMotion: "reduce" });
			await wait(1000); // Until "is writing" has gone, and all is drawn in the new colours.
			await shown.screenshot({ path: join(pictures, `${name}-${colorScheme}.png`) });
		}
	}
}

const folder = mkdtempSync(join(tmpdir(), "parley-pictures-"));
mkdirSync(pictures, { recursive: true });
const neighbours = [startReceiver(), startShop()];
const { stop, bootstrap } = await serve(folder);
const browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox", "--disable-gpu"] });
try {
	await takeScreens(browser, await fill(bootstrap));
	await takeChat(browser);
} finally {
	await browser.close();
	neighbours.forEach((server) => {
		server.close();
		server.closeAllConnections();
	});
	stop();
	await wait(1000);
	rmSync(folder, { recursive: true, force: true });
}
