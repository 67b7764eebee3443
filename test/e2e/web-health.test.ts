// The health page in a real browser: all services at a glance by what happened to them, one of them in detail, its day as a
// plot and as a table.

import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import type { Page } from "playwright-core";
import {
	demandAccessible,
	demandNoSidewaysScroll,
	openBrowser,
	openPage,
	signIn,
	skipWithoutChromium,
	withBuiltWeb,
} from "#test/browser.ts";
import { type InProcess, messages, startParley, until } from "#test/parley.ts";
import { makeViewer } from "#test/viewers.ts";

const skip = skipWithoutChromium;
const sandbox = "/RI/rci/sandbox";
const text = "Where is my lamp?";
type Sample = { id: string; name: string };

withBuiltWeb();

async function openApp(t: TestContext, options: Parameters<typeof openPage>[1] = {}) {
	const parley = await startParley(t);
	const watched = await openPage(await openBrowser(t), options);
	return { parley, ...watched };
}

/** A sample service that received a message, and refused a call that proved nothing. */
async function sampleWithTraffic(parley: InProcess): Promise<Sample> {
	const begun = await parley.call<{ services: { serviceId: string; name: string }[] }>("POST", sandbox, {
		types: ["whatsapp"],
	});
	const { serviceId: id = "", name = "" } = begun.services[0] ?? {};
	const refused = await fetch(`${parley.origin}/sms/whatsapp/${id}`, {
		method: "POST",
		headers: { "content-type": "application/json" },
		body: "{}",
	});
	assert.equal(refused.status, 401);
	await parley.call("POST", `${sandbox}/messages`, { service: id, text });
	await until(async () => {
		const { received, refusals } = await parley.call<{ received: number; refusals: object[] }>(
			"GET",
			`/RI/rci/messagingServices/${id}/health`,
		);
		return received > 0 && refusals.length > 0 ? true : undefined;
	}, "what happened is counted");
	return { id, name };
}

async function openHealth(page: Page, { origin }: InProcess, search = ""): Promise<void> {
	await page.goto(`${origin}/health${search}`);
	await page.getByRole("heading", { level: 1 }).waitFor();
}

test("all services at a glance: state, reason, next step; a press shows those in one state", { skip }, async (t) => {
	const { parley, page, trouble } = await openApp(t);
	const { name } = await sampleWithTraffic(parley);
	await parley.call("POST", "/RI/rci/messagingServices", { type: "telegram", name: "Support bot" });
	await signIn(page, parley.origin);
	await openHealth(page, parley);
	const sample = page.getByRole("row").filter({ hasText: name });
	await sample.getByText("Ready").waitFor();
	await sample.getByRole("img", { name: /^1 received, 0 sent, 0 failed, 1 refused\.$/ }).waitFor();
	const bot = page.getByRole("row").filter({ hasText: "Support bot" });
	await bot.getByText("Draft", { exact: true }).waitFor();
	await bot.getByRole("link", { name: "Complete it: Support bot" }).waitFor();

	await page.getByRole("button", { name: "Draft (1)" }).click();
	await sample.waitFor({ state: "detached" });
	await page.reload();
	await bot.waitFor();
	assert.equal(await sample.count(), 0);
	assert.equal(new URL(page.url()).searchParams.get("show"), "draft");
	assert.deepEqual(trouble, []);
});

test(
	"one service in detail, reached by keyboard: its day as a plot and as a table, its refusals",
	{ skip },
	async (t) => {
		const { parley, page, trouble } = await openApp(t);
		const { id, name } = await sampleWithTraffic(parley);
		await signIn(page, parley.origin);
		await openHealth(page, parley);
		await page.getByRole("link", { name, exact: true }).focus();
		await page.keyboard.press("Enter");
		await page.getByRole("heading", { level: 1, name }).waitFor();
		assert.equal(new URL(page.url()).searchParams.get("service"), id);

		const day = page.getByRole("region", { name: "The last 24 hours" });
		await day.getByText("1 received, 0 sent, 0 failed, 1 refused.").waitFor();
		await day.locator("svg .recharts-line-curve").first().waitFor({ state: "attached" });
		assert.equal(await day.locator("svg .recharts-line-curve").count(), 4);
		await day.getByText("Show the hours as a table").click();
		const hours = day.getByRole("table", { name: "The last 24 hours" }).getByRole("row");
		assert.equal(await hours.count(), 25);
		const figures = (await hours.allTextContents()).slice(1).map((row) => row.slice("00:00".length));
		assert.equal(figures.filter((row) => row === "0000").length >= 22, true, "the traffic is of one hour, or two");

		const refusals = page.getByRole("region", { name: "Refused calls of seven days" });
		await refusals.getByRole("row", { name: /No signature or secret Refused 1/ }).waitFor();
		await refusals.getByRole("link", { name: "No signature or secret" }).click();
		await page.waitForURL(`**/quarantine?service=${id}&reason=signature_missing`);
		assert.deepEqual(trouble, []);
	},
);

test("what happens is on the screen by itself", { skip }, async (t) => {
	const { parley, page, trouble } = await openApp(t);
	const { id } = await sampleWithTraffic(parley);
	await signIn(page, parley.origin);
	await openHealth(page, parley, `?service=${id}`);
	await page.getByText("1 received, 0 sent, 0 failed, 1 refused.").waitFor();
	const [first] = await messages(parley, `service=${id}&direction=in&state=matched`);
	const { conversation } = first ?? {};
	await parley.call("POST", "/RI/cmi/messages", { service: id, conversation, text: "It comes." });
	await page.getByText(/\d received, 1 sent, 0 failed, 1 refused\./).waitFor();
	assert.deepEqual(trouble, []);
});

test("a fault is told with its kind and its sentence, and what waits is counted", { skip }, async (t) => {
	const { parley, page, trouble } = await openApp(t);
	const { id } = await sampleWithTraffic(parley);
	const [first] = await messages(parley, `service=${id}&direction=in&state=matched`);
	await parley.call("POST", `${sandbox}/faults`, { service: id, fault: "wrongCredentials" });
	const { conversation } = first ?? {};
	await parley.call("POST", "/RI/cmi/messages", { service: id, conversation, text: "It comes." });
	await signIn(page, parley.origin);
	await openHealth(page, parley, `?service=${id}`);
	await page.getByText("Bad credentials").waitFor();
	const fault = page.getByRole("region", { name: "Last fault" });
	await fault.getByText("Credentials refused (credentials)").waitFor();
	await page.getByRole("region", { name: "What waits" }).getByText("1", { exact: true }).waitFor();
	await page.getByRole("link", { name: /^Enter credentials/ }).waitFor();
	assert.deepEqual(trouble, []);
});

test("without a right there is nothing to see, and it is said", { skip }, async (t) => {
	const { parley, page, trouble } = await openApp(t);
	const viewer = await makeViewer(parley, []);
	await signIn(page, parley.origin, viewer);
	await openHealth(page, parley);
	await page.getByText("You have no right to see this").waitFor();
	assert.deepEqual(trouble, []);
});

test("nothing axe finds in light and dark, at 360 px and in German", { skip }, async (t) => {
	for (const colorScheme of ["light", "dark"] as const) {
		const { parley, page, trouble } = await openApp(t, { colorScheme });
		const { id, name } = await sampleWithTraffic(parley);
		await signIn(page, parley.origin);
		for (const [what, search] of [
			["all", ""],
			[name, `?service=${id}`],
		] as const) {
			await page.setViewportSize({ width: 1280, height: 900 });
			await openHealth(page, parley, search);
			await page.locator("svg .recharts-line-curve").first().waitFor({ state: "attached" });
			await demandAccessible(page, `health of ${what} in ${colorScheme}`);
			await page.getByText("Show the hours as a table").click();
			await page.setViewportSize({ width: 360, height: 740 });
			await demandAccessible(page, `health of ${what} at 360 px in ${colorScheme}`);
			await demandNoSidewaysScroll(page, `health of ${what}`);
		}
		await page.getByRole("button", { name: /^Account of/ }).click();
		await page.getByRole("menuitemradio", { name: "Deutsch" }).click();
		await page.getByRole("heading", { name: "Die letzten 24 Stunden" }).waitFor();
		await demandNoSidewaysScroll(page, "health in German");
		assert.deepEqual(trouble, []);
	}
});
