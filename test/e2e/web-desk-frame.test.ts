// The frame of the desk in a real browser: signing in at the desk itself, who sits there next, and keys that can be switched off.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Page } from "playwright-core";
import {
	demandAccessible,
	demandAccessibleInBoth,
	openBrowser,
	openPage,
	signIn,
	skipWithoutChromium,
	withBuiltWeb,
} from "#test/browser.ts";
import { chatStage, type Person, until } from "#test/chat-scene.ts";
import { becomeReady, startChat } from "#test/desk-scene.ts";

const skip = skipWithoutChromium;

withBuiltWeb();

async function signInAtDesk(page: Page, { login, password }: Person): Promise<void> {
	await page.getByLabel("Logon Name").fill(login);
	await page.locator("input[name=password]").fill(password);
	await page.keyboard.press("Enter");
	await page.getByText("Live", { exact: true }).waitFor();
}

test(
	"an agent signs in at the desk itself; who comes next sees nothing of what the first one wrote",
	{ skip },
	async (t) => {
		const stage = await chatStage(t);
		const { context, page, trouble } = await openPage(await openBrowser(t));
		const mia = await stage.agent("mia");
		await page.goto(`${stage.origin}/desk`);
		await page.getByLabel("Logon Name").waitFor();
		await demandAccessibleInBoth(page, "the desk's sign-in");
		await signInAtDesk(page, mia);
		await becomeReady(page);
		await startChat(t, stage);
		await page.getByRole("button", { name: "Accept Ann" }).click();
		await page.getByLabel("Your answer").fill("Between Ann and me");
		const { pathname } = new URL(page.url());
		await context.clearCookies(); // As when the session has ended.
		await page.goto(`${stage.origin}/desk`);
		await signInAtDesk(page, await stage.agent("leo"));
		await page.getByText("No chats yet").waitFor();
		assert.equal(await page.getByText("Between Ann and me").count(), 0);
		await context.clearCookies();
		await page.goto(`${stage.origin}${pathname}`);
		await signInAtDesk(page, mia);
		assert.equal(await page.getByLabel("Your answer").inputValue(), "Between Ann and me");
		await page.getByRole("button", { name: /^Account of/ }).click();
		await page.getByRole("menuitem", { name: "Sign out" }).click();
		await page.getByRole("heading", { level: 1, name: "Parley" }).waitFor();
		assert.equal(await page.evaluate("localStorage.length"), 0);
		assert.deepEqual(trouble, []);
	},
);

test("the configurator shows an agent the way; shortcuts of a single key can be switched off", { skip }, async (t) => {
	const stage = await chatStage(t);
	const { page, trouble } = await openPage(await openBrowser(t));
	await signIn(page, stage.origin, await stage.agent("mia"));
	await page.getByRole("navigation", { name: "Menu" }).getByRole("link", { name: "Desk" }).waitFor();
	await demandAccessible(page, "an agent's start page");
	await page.getByRole("link", { name: "Open the desk" }).click();
	await page.getByText("Live", { exact: true }).waitFor();
	const { keyboard } = page;
	await keyboard.press("?");
	const keys = page.getByRole("dialog", { name: "Keyboard" });
	await keys.getByRole("switch", { name: "Shortcuts of a single key" }).focus();
	await keyboard.press("Space");
	await keyboard.press("Escape");
	await keys.waitFor({ state: "detached" });
	await keyboard.press("s");
	await keyboard.press("?");
	assert.equal(await keys.count(), 0);
	assert.equal(await page.getByRole("switch", { name: "Not ready" }).isChecked(), false);
	assert.deepEqual(trouble, []);
});

/** Run in the page before it begins: a person who looks elsewhere, and what they are notified of. */
const looksElsewhere = `
	document.hasFocus = () => false;
	window.notified = [];
	window.Notification = class extends EventTarget {
		static permission = "default";
		static async requestPermission() { return (this.permission = "granted"); }
		constructor(title, { body, tag }) { super(); window.notified.push(body + " " + tag); }
		close() {}
	};`;

/** The title follows what is drawn, a moment later. Asked from here: the page's policy lets nothing be evaluated in it twice. */
const titled = (page: Page, title: string) =>
	until(async () => ((await page.title()) === title ? true : undefined), `the title ${title}`);

test(
	"who looks elsewhere is called: by the title, and by notifications once they allowed them",
	{ skip },
	async (t) => {
		const stage = await chatStage(t);
		const { context, page, trouble } = await openPage(await openBrowser(t));
		await context.addInitScript(looksElsewhere);
		await page.goto(`${stage.origin}/desk`);
		await signInAtDesk(page, await stage.agent("mia"));
		await becomeReady(page);
		await page.getByRole("button", { name: "Allow notifications" }).click();
		await page.getByRole("button", { name: "Allow notifications" }).waitFor({ state: "detached" });
		await titled(page, "Desk · Parley");
		const { visitor, id } = await startChat(t, stage);
		await page.getByRole("button", { name: "Accept Ann" }).waitFor();
		await titled(page, "(1) Desk · Parley");
		await page.getByRole("button", { name: "Accept Ann" }).click();
		await page.getByLabel("Your answer").waitFor();
		await titled(page, "Desk · Parley");
		await page.getByRole("link", { name: "History" }).click();
		await visitor.demand("POST", `/interactions/${id}/transcript/messages`, { message: "Are you there?" });
		await titled(page, "(1) Desk · Parley");
		assert.deepEqual(await page.evaluate("window.notified"), [
			`Ann waits for an answer: accept or reject. ${id}`,
			`Ann wrote. ${id}`,
		]);
		assert.deepEqual(trouble, []);
	},
);
