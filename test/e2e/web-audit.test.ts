// The audit log in a real browser: who did what, with before and after; narrowed by what stands in the address; page after
// page; and whether the log is whole, also after somebody tampered with it.

import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { DatabaseSync } from "node:sqlite";
import { join } from "node:path";
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
import { startParley, until } from "#test/parley.ts";

const skip = skipWithoutChromium;

withBuiltWeb();

async function openApp(t: TestContext, options: Parameters<typeof openPage>[1] = {}) {
	const parley = await startParley(t);
	const watched = await openPage(await openBrowser(t), options);
	await signIn(watched.page, parley.origin);
	return { parley, ...watched };
}

test("who did what, by which way, with before and after; objects and people lead on", { skip }, async (t) => {
	const { parley, page, trouble } = await openApp(t);
	const body = { type: "telegram", name: "Support <b>bot</b>" };
	const { id } = await parley.call<{ id: string }>("POST", "/RI/rci/messagingServices", body);
	await parley.call("PATCH", `/RI/rci/messagingServices/${id}`, { name: "Renamed bot" });
	await page.goto(`${parley.origin}/audit`);
	const newest = page.getByRole("list").getByRole("listitem").filter({ hasText: "Renamed bot" }).first();
	await newest.getByText("Changed", { exact: true }).waitFor();
	await newest.getByText("by the RCI or this page").waitFor();
	await newest.getByText("One field: name").first().click();
	await newest.getByRole("rowheader", { name: "name" }).waitFor();
	assert.equal(await newest.locator("del").textContent(), "Support <b>bot</b>");
	assert.equal(await newest.locator("ins").textContent(), "Renamed bot");
	await demandAccessibleInBoth(page, "the audit log");
	// Live: what somebody else does appears by itself.
	await parley.call("PATCH", `/RI/rci/messagingServices/${id}`, { name: "Renamed again" });
	await page.getByRole("link", { name: "Renamed again" }).waitFor();
	await page.getByRole("link", { name: "admin" }).first().click();
	await page.waitForURL("**/audit?userId=*");
	await page.getByRole("button", { name: "One user only" }).click();
	await page.waitForURL("**/audit");
	await page.getByRole("link", { name: "Renamed again" }).click();
	await page.waitForURL(`**/services/${id}`);
	assert.deepEqual(trouble, []);
});

test("filters are chosen by keyboard, stay after a reload and go back", { skip }, async (t) => {
	const { parley, page, trouble } = await openApp(t);
	await parley.call("PATCH", "/RI/rci/authenticationPolicy", { minimumPasswordLength: 18 });
	await page.goto(`${parley.origin}/audit`);
	await page.getByRole("listitem").getByText("First administrator made").waitFor();
	await page.getByRole("combobox", { name: "What was done" }).focus();
	await page.keyboard.type("Chang");
	await page.keyboard.press("ArrowDown");
	await page.keyboard.press("Enter");
	await page.waitForURL("**/audit?action=modify");
	await page.getByRole("listitem").getByText("First administrator made").waitFor({ state: "detached" });
	await page.getByText("One field: minimumPasswordLength").first().waitFor();
	await page.reload();
	await page.getByText("One field: minimumPasswordLength").first().waitFor();
	await page.getByLabel("Before").fill("2020-01-01");
	await page.waitForURL("**/audit?action=modify&until=2020-01-01");
	await page.getByRole("heading", { name: "No entry fits" }).waitFor();
	await page.goBack();
	await page.getByText("One field: minimumPasswordLength").first().waitFor();
	await page.goto(`${parley.origin}/audit?objectId=x`);
	await page.getByRole("main").getByRole("alert").waitFor();
	assert.deepEqual(trouble, []);
});

test("a long log goes on page after page, on a narrow screen too", { skip }, async (t) => {
	const { parley, page, trouble } = await openApp(t, { viewport: { width: 360, height: 740 } });
	for (let length = 10; length < 70; length += 1) {
		await parley.call("PATCH", "/RI/rci/authenticationPolicy", { minimumPasswordLength: length });
	}
	await page.goto(`${parley.origin}/audit`);
	await page.getByText("50 entries.").waitFor();
	await page.getByRole("button", { name: "Show more" }).click();
	await page.getByRole("listitem").getByText("First administrator made").waitFor();
	await demandNoSidewaysScroll(page, "the audit log");
	// What is wider than the screen is scrolled by keyboard.
	await page.locator("summary").first().click();
	const fields = page.getByRole("region", { name: /field/ }).first();
	await fields.focus();
	await page.keyboard.press("ArrowRight");
	await until(
		async () => (await page.evaluate<number>("document.activeElement.scrollLeft")) > 0 || undefined,
		"the fields are scrolled by the arrow key",
	);
	assert.deepEqual(trouble, []);
});

test("the log says that it is whole, and where it is broken when somebody changed a row", { skip }, async (t) => {
	const { parley, page, trouble } = await openApp(t);
	await parley.call("PATCH", "/RI/rci/authenticationPolicy", { minimumPasswordLength: 18 });
	await page.goto(`${parley.origin}/audit`);
	await page.getByRole("button", { name: "Verify" }).click();
	await page.getByText(/^The log is whole: all \d+ entries fit\.$/).waitFor();
	tamper(parley.settings.dataDir);
	await page.getByRole("button", { name: "Verify" }).click();
	await page.getByText(/^Entry 1 does not fit the one before it\./).waitFor();
	await demandAccessible(page, "a log that is broken");
	assert.deepEqual(trouble, []);
});

function tamper(dataDir: string): void {
	const db = new DatabaseSync(join(dataDir, "parley.db"));
	db.exec("UPDATE audit_log SET actor = 'nobody' WHERE seq = (SELECT min(seq) FROM audit_log)");
	db.close();
}
