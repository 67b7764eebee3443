// A stage for tests of the visitor widget: a running Parley, and a page of somebody else that shows the widget.

import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { TestContext } from "node:test";
import type { FrameLocator, Page } from "playwright-core";
import { demandAccessible } from "./browser.ts";
import { type ChatStage, chatStage, logInAgent, openPeer, type Peer } from "./chat-scene.ts";

export type HostPage = {
	/** Further attributes of the page's root and of the script's tag. */
	root?: string;
	tag?: string;
	/** Runs before the script is there. */
	before?: string;
};

/** A page of another origin that shows the widget. */
export async function hostPage(t: TestContext, origin: string, page: HostPage = {}): Promise<string> {
	const { root = 'lang="en"', tag = 'data-queue="support@desk.test" data-language="en"', before = "" } = page;
	const html = `<!doctype html><html ${root}><head><title>Shop</title>
		<meta name="viewport" content="width=device-width, initial-scale=1"><script>${before}</script></head>
		<body><main aria-label="Shop"><h1>Shop</h1><button type="button">Buy</button></main>
		<script src="${origin}/widget.js" ${tag} async></script></body></html>`;
	const server = createServer((_request, response) => {
		response.setHeader("content-type", "text/html; charset=utf-8");
		response.end(html);
	});
	await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
	t.after(() => server.close());
	const address = server.address();
	assert.ok(typeof address === "object" && address !== null);
	// Another origin, but not another site: for those, browsers in private windows keep nothing.
	return `http://127.0.0.1:${address.port}`;
}

export async function stageWithHost(
	t: TestContext,
	page: HostPage = {},
	queue: Readonly<Record<string, unknown>> = {},
): Promise<{ stage: ChatStage; host: string }> {
	const stage = await chatStage(t, queue);
	const host = await hostPage(t, stage.origin, page);
	await stage.call("PATCH", "/RI/rci/chatSettings", { widgetOrigins: [host] });
	return { stage, host };
}

export function frameIn(page: Page): FrameLocator {
	return page.frameLocator("iframe[title=Chat]");
}

/** The line that says how it stands, as it is seen; who listens has one of their own, see `heardIn`. */
export const statusIn = (frame: FrameLocator) => frame.locator("p.status");
export const heardIn = (frame: FrameLocator) => frame.getByRole("status");

export async function openChat(page: Page, host: string): Promise<FrameLocator> {
	await page.goto(host);
	await page.getByRole("button", { name: "Open chat" }).click();
	return frameIn(page);
}

export async function readyAgent(t: TestContext, stage: ChatStage, login = "mia"): Promise<Peer> {
	const agent = await openPeer(t, stage.origin, await logInAgent(stage.origin, await stage.agent(login)));
	await agent.demand("PUT", "/properties", { work_status: "ready" });
	return agent;
}

/** In light and in dark. */
export async function demandBoth(page: Page, what: string): Promise<void> {
	for (const colorScheme of ["light", "dark"] as const) {
		await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
		await demandAccessible(page, `${what}, ${colorScheme}`);
	}
}
