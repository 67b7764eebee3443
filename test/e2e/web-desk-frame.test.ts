// The frame of the desk in a real browser: signing in, who sits there next, the keyboard alone, German mirrored on a narrow
// screen, and the weight of the first load.

import assert from "node:assert/strict";
import { existsSync, statSync } from "node:fs";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import type { Page } from "playwright-core";
import { webFolder } from "#commands/web-build.ts";
import {
	demandAccessible,
	demandAccessibleInBoth,
	demandNoSidewaysScroll,
	openBrowser,
	openPage,
	skipWithoutChromium,
	withBuiltWeb,
} from "#test/browser.ts";
import { appears, chatStage, type ChatStage, idIn, openPeer, type Peer, type Person, visit } from "#test/chat-scene.ts";

const skip = skipWithoutChromium;
/** Bytes of the first screen, compressed by gzip. */
const firstLoadMax = 250_000;

withBuiltWeb();

async function signInAtDesk(page: Page, { login, password }: Person): Promise<void> {
	await page.getByLabel("Logon Name").fill(login);
	await page.locator("input[name=password]").fill(password);
	await page.keyboard.press("Enter");
	await page.getByText("Live", { exact: true }).waitFor();
}

async function startChat(t: TestContext, { origin }: ChatStage): Promise<{ visitor: Peer; id: string }> {
	const visitor = await openPeer(t, origin, { ...(await visit(origin)), side: "visitor" });
	await visitor.demand("PUT", "/properties", { chat_address: "ann@home.test", alias: "Ann" });
	await visitor.demand("POST", "/interactions", { channel_type: "chat", destination: "support@desk.test" });
	return { visitor, id: idIn(await visitor.hear(appears("queued"), "that it waits")) };
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
		await page.getByRole("switch", { name: "Not ready" }).click({ force: true });
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

test("a chat is had by keyboard alone, and single keys can be switched off", { skip }, async (t) => {
	const stage = await chatStage(t);
	const { page, trouble } = await openPage(await openBrowser(t));
	await page.goto(`${stage.origin}/desk`);
	await signInAtDesk(page, await stage.agent("mia"));
	const { keyboard } = page;
	await keyboard.press("s");
	await page.getByRole("switch", { name: "Ready", exact: true }).waitFor({ state: "attached" });
	const { visitor } = await startChat(t, stage);
	await page.getByRole("button", { name: "Accept Ann" }).waitFor();
	await keyboard.press("a");
	await page.getByLabel("Your answer").waitFor();
	await keyboard.type("Hello Ann");
	await keyboard.press("Enter");
	await visitor.hear(({ subscribed_resource: one }) => (one as { message?: string } | null)?.message === "Hello Ann");
	await keyboard.press("Escape");
	await keyboard.press("?");
	const keys = page.getByRole("dialog", { name: "Keyboard" });
	await keys.waitFor();
	await demandAccessible(page, "the keys");
	await keys.getByRole("switch", { name: "Shortcuts of a single key" }).focus();
	await keyboard.press("Space");
	await keyboard.press("Escape");
	await keys.waitFor({ state: "detached" });
	await keyboard.press("e");
	await keyboard.press("?");
	assert.equal(await keys.count(), 0);
	assert.equal(await page.getByLabel("Your answer").isVisible(), true);
	assert.deepEqual(trouble, []);
});

test("in German, mirrored and on a narrow screen nothing is cut off", { skip }, async (t) => {
	const stage = await chatStage(t);
	const { page, trouble } = await openPage(await openBrowser(t), { viewport: { width: 360, height: 740 } });
	await page.goto(`${stage.origin}/desk`);
	await signInAtDesk(page, await stage.agent("mia"));
	await page.evaluate('localStorage.setItem("parley.language", "de"); localStorage.setItem("parley.direction", "rtl")');
	await page.reload();
	await page.getByRole("switch", { name: "Nicht bereit" }).click({ force: true });
	assert.equal(await page.locator("html").getAttribute("lang"), "de");
	assert.equal(await page.locator("html").getAttribute("dir"), "rtl");
	await startChat(t, stage);
	await page.getByRole("button", { name: "Ann annehmen" }).waitFor();
	await demandAccessible(page, "an offer");
	await demandNoSidewaysScroll(page, "an offer");
	await page.getByRole("button", { name: "Ann annehmen" }).click();
	await page.getByLabel("Ihre Antwort").waitFor();
	await demandAccessible(page, "a chat");
	await demandNoSidewaysScroll(page, "a chat");
	await page.getByRole("button", { name: "Kontakt zeigen" }).click();
	await page.getByRole("dialog", { name: "Kontakt" }).getByText("Frühere Chats").waitFor();
	await demandAccessible(page, "the contact");
	assert.deepEqual(trouble, []);
});

test("the first load of the desk is below 250 kB", { skip }, async (t) => {
	const stage = await chatStage(t);
	const browser = await openBrowser(t);
	const { context, page } = await openPage(browser);
	await page.goto(`${stage.origin}/desk`);
	await signInAtDesk(page, await stage.agent("mia"));
	const anew = (await openPage(browser, { storageState: await context.storageState() })).page;
	const files = new Set<string>();
	anew.on("request", (request) => files.add(/\/assets\/desk\/([^?]+)$/.exec(request.url())?.[1] ?? ""));
	await anew.goto(`${stage.origin}/desk`);
	await anew.getByText("No chats yet").waitFor();
	await anew.waitForLoadState("networkidle");
	files.delete("");
	const sizes = [...files].map((file) => {
		const path = join(webFolder, "desk/assets", file);
		return statSync(existsSync(`${path}.gz`) ? `${path}.gz` : path).size;
	});
	assert.ok(sizes.length > 3);
	const bytes = sizes.reduce((sum, size) => sum + size, 0);
	t.diagnostic(`${bytes} bytes`);
	assert.ok(bytes < firstLoadMax, `${bytes} bytes`);
});
