// Message explorer, quarantine, parked entries and audit log in a real browser, with traffic of the simulated providers.

import assert from "node:assert/strict";
import { before, test, type TestContext } from "node:test";
import type { Page } from "playwright-core";
import { buildWebIfStale } from "#commands/web-build.ts";
import {
	demandAccessible,
	demandNoSidewaysScroll,
	openBrowser,
	openPage,
	signIn,
	skipWithoutChromium,
} from "#test/browser.ts";
import { type InProcess, startParley } from "#test/parley.ts";

const skip = skipWithoutChromium;
const hostile = "Hi <img src=x onerror=\"document.title='owned'\"> \u202Egnorw 👋";

before(() => buildWebIfStale({ say: () => undefined, complain: (line) => assert.fail(line) }));

type Sandbox = { services: { type: string; serviceId: string }[] };

async function openScene(t: TestContext, options: Parameters<typeof openPage>[1] = {}, type = "twilio") {
	const parley = await startParley(t);
	const { services } = await parley.call<Sandbox>("POST", "/RI/rci/sandbox", { types: [type] });
	const service = services[0]?.serviceId ?? "";
	await parley.call("POST", "/RI/rci/sandbox/messages", { service, text: hostile });
	const watched = await openPage(await openBrowser(t), options);
	await signIn(watched.page, parley.origin);
	return { parley, service, ...watched };
}

test(
	"a message is found by a word, its number and its id, and told from the request to the receipt",
	{ skip },
	async (t) => {
		const { parley, page, trouble } = await openScene(t);
		await page.keyboard.press("/");
		await page.keyboard.type("onerror");
		await page.keyboard.press("Enter");
		const link = page.getByRole("link", { name: /Hi <img/ });
		await link.waitFor();
		await demandAccessible(page, "the message explorer");
		const [found] = await parley.call<{ id: string; from: string }[]>("GET", "/RI/cmi/messages");
		for (const find of [found?.id ?? "", found?.from ?? ""]) {
			await page.goto(`${parley.origin}/messages?find=${encodeURIComponent(find)}`);
			await link.waitFor();
		}
		await link.click();
		await page.getByText("The Chain Matcher found its conversation").waitFor();
		await page.getByText("The provider's request came in").waitFor();
		await page.getByRole("button", { name: "Show the raw request" }).click();
		await page
			.getByRole("region", { name: "Raw request" })
			.getByText(/POST .*\/sms\/twilio\//)
			.waitFor();
		await demandAccessible(page, "one message");
		assert.match(await page.title(), /^Message/, "nothing of the text was run");
		assert.equal(await page.locator("main img").count(), 0);
		assert.deepEqual(trouble, []);
	},
);

test(
	"a forged call lies in quarantine with its reason; it is opened, refused again and deleted",
	{ skip },
	async (t) => {
		const { parley, service, page, trouble } = await openScene(t, { colorScheme: "dark" }, "facebook");
		const forged = await fetch(`${parley.origin}/sms/facebook/${service}`, {
			method: "POST",
			headers: { "content-type": "application/json", "x-hub-signature-256": `sha256=${"0".repeat(64)}` },
			body: JSON.stringify({ object: "page", entry: [{ id: "forged" }] }),
		});
		assert.ok(forged.status >= 400);
		await page.goto(`${parley.origin}/quarantine`);
		const row = page.getByRole("table").getByRole("link").first();
		await row.waitFor();
		await demandAccessible(page, "the quarantine");
		await row.click();
		await page.getByRole("heading", { name: "What would have fitted" }).waitFor();
		await page.getByRole("button", { name: "Open the request" }).click();
		await page.getByRole("region", { name: "Content" }).getByText('"forged"').waitFor();
		await demandAccessible(page, "a refused request");
		await page.getByRole("button", { name: "Delete" }).click();
		await page.getByRole("dialog").getByRole("button", { name: "Delete" }).click();
		await page.getByText("Nothing is in quarantine").waitFor();
		assert.deepEqual(trouble, []);
	},
);

test("the audit log shows who did what, with before and after, and says that it is whole", { skip }, async (t) => {
	const { parley, page, trouble } = await openScene(t);
	await parley.call("PATCH", "/RI/rci/authenticationPolicy", { minimumPasswordLength: 18 });
	await page.goto(`${parley.origin}/audit?objectType=authenticationPolicy`);
	await page.getByText("modify").first().waitFor();
	await page.getByText("One field").first().click();
	await page.getByRole("rowheader", { name: "minimumPasswordLength" }).waitFor();
	await page.getByRole("button", { name: "Verify" }).click();
	await page.getByText(/The log is whole: all \d+ entries fit/).waitFor();
	await demandAccessible(page, "the audit log");
	assert.deepEqual(trouble, []);
});

test(
	"the sandbox: a customer writes, one answers, and the answer's receipts and the customer's own come in live",
	{ skip },
	async (t) => {
		const { parley, page, trouble } = await openScene(t);
		await page.goto(`${parley.origin}/`);
		await page.getByLabel(/^Answer /).fill("We are on it.");
		await page.getByRole("button", { name: "Answer" }).click();
		await page
			.getByRole("listitem")
			.filter({ hasText: "We are on it." })
			.getByRole("link", { name: /delivered|read/ })
			.waitFor();
		await demandAccessible(page, "the start page with the sandbox");
		await page.waitForFunction("document.querySelectorAll('.chat-in').length >= 2");
		assert.deepEqual(trouble, []);
	},
);

test("on a narrow screen rows are cards, and nothing scrolls sideways", { skip }, async (t) => {
	const { parley, page } = await openScene(t, { viewport: { width: 360, height: 740 } });
	for (const path of await screens(parley)) {
		await page.goto(parley.origin + path);
		await page.getByRole("heading", { level: 1 }).waitFor();
		await settled(page);
		await demandNoSidewaysScroll(page, path);
	}
});

async function screens({ call }: InProcess): Promise<readonly string[]> {
	const [message] = await call<{ id: string }[]>("GET", "/RI/cmi/messages");
	return [
		"/",
		"/services",
		"/health",
		"/messages",
		`/messages/${message?.id ?? ""}`,
		"/quarantine",
		"/parked",
		"/audit",
		"/users",
	];
}

/** No skeleton stands for content any more. */
async function settled(page: Page): Promise<void> {
	await page.locator(".mantine-Skeleton-root").first().waitFor({ state: "detached" });
}
