// With a base path every page of the main listener works below it, asks for nothing outside of it, and nothing else is
// served: pages, browser parts, interfaces, streams, sockets, webhooks.

import assert from "node:assert/strict";
import test, { type TestContext } from "node:test";
import { openBrowser, openPage, signIn, skipWithoutChromium, withBuiltWeb } from "#test/browser.ts";
import { addPerson, logInAgent, openPeer, visit } from "#test/chat-scene.ts";
import { type Api, apiAt, type InProcess, startParley } from "#test/parley.ts";

const basePath = "/standarddemo";

withBuiltWeb();

async function start(t: TestContext): Promise<{ parley: InProcess; api: Api; base: string }> {
	const parley = await startParley(t, { argv: ["--base-path", basePath] });
	const base = `${parley.origin}${basePath}`;
	return { parley, api: apiAt(base), base };
}

/** What a page names: links, files, and where its forms go. */
function addressesIn(page: string): string[] {
	const named = [...page.matchAll(/\s(?:href|src|action)="([^"]*)"/g)].map(([, address = ""]) => address);
	return named.filter((address) => !/^(?:data:|#|https?:)/.test(address));
}

test("every page names addresses below the base path only, and each of them is there", async (t) => {
	const { parley, api } = await start(t);
	const html = { accept: "text/html" };
	const starts = [
		"",
		"/",
		"/login",
		"/desk",
		"/services",
		"/RI/docs",
		"/RI/docs/problems",
		"/ecf/latest/communicationpanel/embedded.html",
		"/ecf/latest/communicationpanel/embedded_sso.html",
	];
	const waiting = starts.map((path) => basePath + path);
	const seen = new Set<string>();
	for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
		if (seen.has(path)) {
			continue;
		}
		seen.add(path);
		const answer = await apiAt(parley.origin).ask("GET", path, undefined, html);
		const text = await answer.text();
		assert.ok(answer.status < 400 || answer.status === 405, `GET ${path} is answered ${answer.status}`);
		const addresses = answer.headers.get("content-type")?.includes("html") === true ? addressesIn(text) : [];
		for (const address of addresses) {
			assert.ok(address.startsWith(`${basePath}/`), `${path} names ${address}`);
			waiting.push(address.split("#")[0] ?? "");
		}
	}
	assert.ok(seen.size > 12, [...seen].join(" "));
	for (const path of ["/", "/login", "/desk", "/RI/docs", "/RI/rci/me", "/assets/parley.css", "/ecfs/authentication"]) {
		const answer = await apiAt(parley.origin).ask("GET", path);
		assert.equal(answer.status, 404, `${path} outside`);
		await answer.body?.cancel();
	}
	const asked = "/RI/rci/users/x";
	const refusal = (await (await api.ask("GET", asked)).json()) as { type: string };
	const explained = await fetch(new URL(refusal.type, `${parley.origin}${basePath}${asked}`));
	assert.equal(explained.status, 200, `${refusal.type} leads to its explanation`);
	await explained.body?.cancel();
});

test("interfaces, sockets and webhooks work below the base path, and tell addresses with it", async (t) => {
	const { parley, api, base } = await start(t);
	const service = await api.call<{ id: string; webhookUrl: string }>("POST", "/RI/rci/messagingServices", {
		type: "twilio",
		name: "T",
	});
	assert.equal(service.webhookUrl, `${base}/sms/twilio/${service.id}`);
	const knocked = await fetch(service.webhookUrl, { method: "POST", body: "x" });
	assert.ok(knocked.status === 401 || knocked.status === 403, `a webhook is answered ${knocked.status}`);
	const openApi = await api.call<{ servers: { url: string }[] }>("GET", "/RI/openapi/cmi.json");
	assert.equal(openApi.servers[0]?.url, `${basePath}/RI/cmi`);
	const page = await api.ask("GET", "/RI/cmi/messages?limit=1");
	assert.equal(page.status, 200);
	const stream = await api.ask("GET", "/RI/cmi/events");
	assert.equal(stream.headers.get("content-type"), "text/event-stream; charset=utf-8");
	await stream.body?.cancel();

	const person = await addPerson(api, "mia@desk.test", [{ objectType: "queue", objectId: null, access: ["serve"] }]);
	const mia = await openPeer(t, base, await logInAgent(base, person));
	await mia.demand("PUT", "/properties", { work_status: "ready" });
	const ann = await openPeer(t, base, { ...(await visit(base)), side: "visitor" });
	await ann.demand("PUT", "/properties", { alias: "Ann" });
	assert.equal((await fetch(`${parley.origin}/visitor/ecfs/authentication`, { method: "POST" })).status, 404);
});

test("the browser parts ask for nothing outside of the base path", { skip: skipWithoutChromium }, async (t) => {
	const { parley, api, base } = await start(t);
	const person = await addPerson(api, "mia@desk.test", [{ objectType: "queue", objectId: null, access: ["serve"] }]);
	const { page, trouble } = await openPage(await openBrowser(t));
	const strayed: string[] = [];
	page.on("response", (response) => {
		const { origin, pathname } = new URL(response.url());
		if (origin === parley.origin && (!pathname.startsWith(`${basePath}/`) || response.status() === 404)) {
			strayed.push(`${response.status()} ${pathname}`);
		}
	});
	await signIn(page, base);
	await page.getByRole("heading", { level: 1, name: "Welcome, Ada" }).waitFor();
	for (const path of ["/services", "/health", "/users", "/messages"]) {
		await page.goto(`${base}${path}`);
		await page.getByRole("heading", { level: 1 }).waitFor();
		assert.equal(new URL(page.url()).pathname, `${basePath}${path}`);
	}
	await page.context().clearCookies();
	await signIn(page, base, person);
	await page.goto(`${base}/desk`);
	await page.getByText("Live", { exact: true }).waitFor(); // Its socket is open.
	assert.deepEqual([strayed, trouble], [[], []]);
});
