// The desk in a real browser with two people at once: a visitor at a socket and an agent in Chromium, through every step of a
// chat, a reload, and a restart of the server.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Page } from "playwright-core";
import {
	demandAccessible,
	demandAccessibleInBoth,
	demandNoSidewaysScroll,
	openBrowser,
	openPage,
	skipWithoutChromium,
	withBuiltWeb,
} from "#test/browser.ts";
import { chatStage, leaf, openPeer, type Person, until } from "#test/chat-scene.ts";
import { becomeReady, startChat } from "#test/desk-scene.ts";

const skip = skipWithoutChromium;

withBuiltWeb();

async function openDesk(page: Page, origin: string, { login, password }: Person): Promise<void> {
	await page.goto(`${origin}/`);
	await page.getByLabel("Logon Name").fill(login);
	await page.locator("input[name=password]").fill(password);
	await page.getByRole("button", { name: "Sign in" }).click();
	await page.getByRole("navigation", { name: "Menu" }).waitFor({ state: "attached" });
	await page.goto(`${origin}/desk`);
	await page.getByText("Live", { exact: true }).waitFor();
}

test("a chat is accepted, talked in, ended and wrapped up at the desk", { skip }, async (t) => {
	const stage = await chatStage(t, { wrapUpReasons: ["Delivery", "Invoice"] });
	const { page, trouble } = await openPage(await openBrowser(t));
	await openDesk(page, stage.origin, await stage.agent("mia"));
	await demandAccessible(page, "an empty desk");
	await becomeReady(page);
	const { visitor, id } = await startChat(t, stage);
	await page.getByRole("button", { name: "Accept Ann" }).click();
	await visitor.hear(leaf("status", "accepted"));
	await visitor.demand("POST", `/interactions/${id}/transcript/messages`, { message: "Where is my parcel?" });
	await page.getByRole("region", { name: "Transcript" }).getByText("Where is my parcel?").waitFor();
	await page.getByText("4711").waitFor();
	await page.getByLabel("Your answer").fill("I will check.");
	await visitor.hear(leaf("status", "typing"), "typing");
	await page.keyboard.press("Enter");
	await page.getByRole("region", { name: "Transcript" }).getByText("I will check.").waitFor();
	await page.getByText("Note", { exact: true }).click();
	await page.getByLabel(/Internal note/).fill("VIP");
	await page.getByRole("button", { name: "Add note" }).click();
	await page.getByRole("region", { name: "Transcript" }).getByText("VIP").waitFor();
	await demandAccessibleInBoth(page, "a chat");
	await page.getByRole("button", { name: "End", exact: true }).click();
	await visitor.hear(leaf("status", "ended"));
	await page.getByRole("combobox", { name: "Reason" }).click();
	await page.getByRole("option", { name: "Delivery" }).click();
	await page.getByRole("button", { name: "Done" }).click();
	await page.getByText("No chats yet").waitFor();
	assert.deepEqual(visitor.texts(), ["Where is my parcel?", "I will check."]);
	assert.deepEqual(trouble, []);
});

test("an agent has stopped typing who rests, takes it back, or goes to another chat", { skip }, async (t) => {
	const stage = await chatStage(t);
	const { page, trouble } = await openPage(await openBrowser(t));
	await openDesk(page, stage.origin, await stage.agent("mia"));
	await becomeReady(page);
	const { visitor: ann, id } = await startChat(t, stage);
	await page.getByRole("button", { name: "Accept Ann" }).click();
	const field = page.getByLabel("Your answer");
	const signs = (): unknown[] =>
		ann.told
			.filter(({ uri }) => uri.startsWith(`/users/me/interactions/${id}/participants/`) && uri.endsWith("/status"))
			.map(({ subscribed_resource: status }) => status);
	const hears = (...words: readonly string[]) =>
		until(
			() => signs().slice(0, words.length).join() === words.join() || undefined,
			`the visitor hears ${words.join()}`,
		);
	const rested = ["typing", "not_typing"];
	await field.fill("Hel");
	await hears(...rested);
	await field.fill("Hello");
	await hears(...rested, "typing");
	await field.fill("");
	await hears(...rested, ...rested);
	await field.fill("Hello Ann");
	await hears(...rested, ...rested, "typing");
	const { visitor: bob } = await startChat(t, stage, "Bob");
	await page.getByRole("button", { name: "Accept Bob" }).click();
	await field.and(page.locator(":focus")).fill("Hello Bob");
	await page.keyboard.press("Enter");
	await until(() => bob.texts().includes("Hello Bob") || undefined, "the other reads");
	await ann.demand("GET", "/properties"); // What was told before is there by then.
	assert.deepEqual(signs(), [...rested, ...rested, ...rested]);
	assert.deepEqual(trouble, []);
});

test("a draft survives a reload, and what is written without a connection goes out once", { skip }, async (t) => {
	const stage = await chatStage(t);
	const { page } = await openPage(await openBrowser(t));
	await openDesk(page, stage.origin, await stage.agent("mia"));
	await becomeReady(page);
	const { visitor, id } = await startChat(t, stage);
	await page.getByRole("button", { name: "Accept Ann" }).click();
	await page.getByLabel("Your answer").fill("Half a sen");
	await page.reload();
	await page.getByText("Live", { exact: true }).waitFor();
	assert.equal(await page.getByLabel("Your answer").inputValue(), "Half a sen");
	await stage.stop();
	await page.getByRole("alert").getByText("Connection lost").waitFor();
	await page.getByLabel("Your answer").fill("Half a sentence, and the rest.");
	await page.keyboard.press("Enter");
	await page.getByText("Waits for the connection").waitFor();
	await stage.again();
	await page.getByText("Caught up").waitFor({ timeout: 40_000 });
	await page.getByText("Waits for the connection").waitFor({ state: "detached" });
	const back = await openPeer(t, stage.origin, { id: visitor.id, cookie: visitor.cookie, side: "visitor" });
	const snapshot = await back.hear(({ uri }) => uri === "/users/me/interactions", "the snapshot");
	const [chat] = snapshot.subscribed_resource as { id: string; transcript: { messages: { message: string }[] } }[];
	assert.equal(chat?.id, id);
	const said = chat.transcript.messages.filter(({ message }) => message === "Half a sentence, and the rest.");
	assert.equal(said.length, 1);
	assert.equal(
		await page.getByRole("region", { name: "Transcript" }).getByText("Half a sentence, and the rest.").count(),
		1,
	);
});

test("a chat goes from one agent to another, on a narrow screen too", { skip }, async (t) => {
	const stage = await chatStage(t, { wrapUpSeconds: 0 });
	const browser = await openBrowser(t);
	const { page: mia } = await openPage(browser);
	const { page: leo, trouble } = await openPage(browser, { viewport: { width: 360, height: 740 } });
	await openDesk(mia, stage.origin, await stage.agent("mia"));
	await becomeReady(mia);
	const { visitor, id } = await startChat(t, stage);
	await mia.getByRole("button", { name: "Accept Ann" }).click();
	await openDesk(leo, stage.origin, await stage.agent("leo"));
	await mia.getByRole("button", { name: "Transfer" }).click();
	await mia.getByRole("button", { name: /leo Agent/ }).click();
	await leo.getByRole("button", { name: "Accept Ann" }).click();
	await mia.getByText("No chats yet").waitFor();
	await visitor.demand("POST", `/interactions/${id}/transcript/messages`, { message: "Are you new?" });
	await leo.getByRole("region", { name: "Transcript" }).getByText("Are you new?").waitFor();
	await demandAccessible(leo, "a chat on a narrow screen");
	await demandNoSidewaysScroll(leo, "a chat on a narrow screen");
	assert.equal(visitor.told.filter(leaf("status", "accepted")).length, 1);
	assert.deepEqual(trouble, []);
});
