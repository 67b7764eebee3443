// Agents at the desk in real browsers, and visitors who write to them.

import type { TestContext } from "node:test";
import type { Page } from "playwright-core";
import { appears, type ChatStage, idIn, openPeer, type Peer, type Person, visit } from "./chat-scene.ts";

/** Signs in at the desk itself. */
export async function sitDown(page: Page, origin: string, { login, password }: Person): Promise<void> {
	await page.goto(`${origin}/desk`);
	await page.getByLabel("Logon Name").fill(login);
	await page.locator("input[name=password]").fill(password);
	await page.getByRole("button", { name: "Sign in" }).click();
	await page.getByRole("switch").waitFor({ state: "attached" });
}

export async function becomeReady(page: Page): Promise<void> {
	await page.getByRole("switch", { name: "Not ready" }).click({ force: true });
	await page.getByRole("switch", { name: "Ready", exact: true }).waitFor({ state: "attached" });
}

export type Visiting = { visitor: Peer; id: string; say(message: string): Promise<unknown> };

export async function startChat(t: TestContext, { origin }: ChatStage, name = "Ann"): Promise<Visiting> {
	const visitor = await openPeer(t, origin, { ...(await visit(origin)), side: "visitor" });
	await visitor.demand("PUT", "/properties", { chat_address: `${name.toLowerCase()}@home.test`, alias: name });
	const body = { channel_type: "chat", destination: "support@desk.test", attached_data: { order: "4711" } };
	await visitor.demand("POST", "/interactions", body);
	const id = idIn(await visitor.hear(appears("queued"), "that it waits"));
	const say = (message: string) => visitor.demand("POST", `/interactions/${id}/transcript/messages`, { message });
	return { visitor, id, say };
}

export const transcriptOf = (page: Page) => page.getByRole("region", { name: "Transcript" });
