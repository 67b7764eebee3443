// Queue Management in a real browser: a queue with its addresses, a prompt, a calendar, schedules that open and close the
// queue, a reply template, and the chat settings.

import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import type { Page } from "playwright-core";
import {
	demandAccessible,
	demandAccessibleInBoth,
	demandNoSidewaysScroll,
	openBrowser,
	openPage,
	signIn,
	skipWithoutChromium,
	withBuiltWeb,
} from "#test/browser.ts";
import { startParley } from "#test/parley.ts";

const skip = skipWithoutChromium;

withBuiltWeb();

async function openApp(t: TestContext, options: Parameters<typeof openPage>[1] = {}) {
	const parley = await startParley(t);
	const watched = await openPage(await openBrowser(t), options);
	await signIn(watched.page, parley.origin);
	return { parley, ...watched };
}

async function choose(page: Page, field: string, option: string): Promise<void> {
	await page.getByRole("combobox", { name: field, exact: true }).click();
	await page.getByRole("option", { name: option, exact: true }).click();
}

test("a queue is made, a taken address is told at its field, and a schedule closes it", { skip }, async (t) => {
	const { parley, page, trouble } = await openApp(t);
	await parley.call("POST", "/RI/rci/queues", { name: "Sales", addresses: ["sales@desk.test"] });
	await page.getByRole("link", { name: "Queues", exact: true }).click();
	await page.getByRole("link", { name: "Sales" }).waitFor();
	await demandAccessible(page, "the list of queues");
	await page.getByRole("link", { name: "Add queue" }).first().click();
	await page.getByLabel("Name", { exact: true }).fill("Support");
	await page
		.getByRole("combobox", { name: "Addresses" })
		.or(page.getByLabel("Addresses"))
		.first()
		.fill("Sales@desk.test");
	await page.keyboard.press("Enter");
	await page.getByRole("button", { name: "Add queue" }).click();
	await page
		.getByText(/belongs to the queue Sales/)
		.first()
		.waitFor();
	await page.keyboard.press("Backspace");
	await page.keyboard.press("Backspace");
	await page.getByLabel("Addresses").first().fill("support@desk.test");
	await page.keyboard.press("Enter");
	await choose(page, "Overflow queue", "Sales");
	await page.getByRole("button", { name: "Add queue" }).click();
	await page.getByText("Open now").waitFor();
	await demandAccessibleInBoth(page, "a queue");
	type Listed = { id: string; name: string; addresses: string[]; overflowQueueId: string | null };
	const queues = await parley.call<Listed[]>("GET", "/RI/rci/queues");
	const made = queues.find(({ name }) => name === "Support");
	assert.deepEqual(made?.addresses, ["support@desk.test"]);
	assert.equal(made?.overflowQueueId, queues.find(({ name }) => name === "Sales")?.id);

	await page.getByRole("link", { name: "Schedules", exact: true }).click();
	await page.getByRole("link", { name: "Add schedule" }).first().click();
	await choose(page, "Queue", "Support");
	await choose(page, "Calendar", "Default (every day)");
	await page.getByRole("button", { name: "Add schedule" }).click();
	await page.getByRole("heading", { name: /^Support · Service times/ }).waitFor();
	await demandAccessible(page, "a schedule");
	await page.getByRole("link", { name: "Queues", exact: true }).first().click();
	await page.getByRole("link", { name: "Support" }).click();
	await page.getByText("Closed now").waitFor();
	assert.deepEqual(trouble, []);
});

test("prompts, calendars, templates and settings are made and changed, on a narrow screen too", { skip }, async (t) => {
	const { parley, page, trouble } = await openApp(t, { viewport: { width: 360, height: 740 } });
	await page.goto(`${parley.origin}/prompts/new`);
	await page.getByLabel("Name", { exact: true }).fill("Hello");
	await page.getByRole("button", { name: "Add language" }).click();
	await page.getByLabel("Text", { exact: true }).fill("You are number {position} of {what}.");
	await page.getByRole("button", { name: "Add prompt" }).click();
	await page
		.getByText(/has \{what\}/)
		.first()
		.waitFor();
	await page.getByLabel("Text", { exact: true }).fill("You are number {position}.");
	await demandAccessible(page, "a prompt");
	await demandNoSidewaysScroll(page, "a prompt");
	await page.getByRole("button", { name: "Add prompt" }).click();
	await page.getByRole("heading", { name: "Hello" }).waitFor();

	await page.goto(`${parley.origin}/calendars/new`);
	await page.getByLabel("Name", { exact: true }).fill("Holidays");
	await page.getByLabel("Dates").first().fill("2026-12-24…2026-12-26");
	await page.keyboard.press("Enter");
	await demandAccessible(page, "a calendar");
	await page.getByRole("button", { name: "Add calendar" }).click();
	await page.getByRole("heading", { name: "Holidays" }).waitFor();
	const [calendar] = await parley.call<{ include: { dates: unknown } }[]>("GET", "/RI/rci/calendars");
	assert.deepEqual(calendar?.include.dates, [{ from: "2026-12-24", until: "2026-12-26" }]);

	await page.goto(`${parley.origin}/replyTemplates/new`);
	await page.getByLabel("Name", { exact: true }).fill("Greeting");
	await page.getByLabel("Text", { exact: true }).fill("Hello {name}!");
	await page.getByLabel("Template of the provider").fill("order_update\nen\nname=Ann");
	await page.getByRole("button", { name: "Add reply template" }).click();
	await page.getByRole("heading", { name: "Greeting" }).waitFor();
	const [template] = await parley.call<{ template: unknown }[]>("GET", "/RI/rci/replyTemplates");
	assert.deepEqual(template?.template, { id: "order_update", language: "en", parameters: { name: "Ann" } });

	await page.goto(`${parley.origin}/chatSettings`);
	await page.getByLabel("Chats per agent").fill("5");
	await page.getByRole("button", { name: "Save" }).click();
	await page.getByText("Saved").first().waitFor();
	await demandAccessible(page, "the chat settings");
	await demandNoSidewaysScroll(page, "the chat settings");
	const settings = await parley.call<{ chatsPerAgent: number }>("GET", "/RI/rci/chatSettings");
	assert.equal(settings.chatsPerAgent, 5);
	assert.deepEqual(trouble, []);
});
