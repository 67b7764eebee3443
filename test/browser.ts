// Debian's Chromium for the browser tests: a page that is signed in, and what must hold on every page: no script error, no
// breach of the content security policy, nothing that axe finds.

import assert from "node:assert/strict";
import { before, type TestContext } from "node:test";
import { setTimeout } from "node:timers/promises";
import { isDeepStrictEqual } from "node:util";
import { AxeBuilder } from "@axe-core/playwright";
import type { Browser, BrowserContext, BrowserContextOptions, Page } from "playwright-core";
import { buildWebIfStale } from "#commands/web-build.ts";
import { chromiumMissing, launchChromium } from "./chromium.ts";
import { administrator } from "./parley.ts";

export const skipWithoutChromium = chromiumMissing ?? false;

/** To be called at the top of a test file: its tests begin when the browser part is built as it stands. */
export function withBuiltWeb(): void {
	before(() => buildWebIfStale({ say: () => undefined, complain: (line) => assert.fail(line) }));
}

export async function openBrowser(t: TestContext, flags: readonly string[] = []): Promise<Browser> {
	const browser = await launchChromium(flags);
	t.after(() => browser.close());
	return browser;
}

export type Watched = { context: BrowserContext; page: Page; trouble: string[] };

/** A page whose troubles are gathered: what the page logs as an error, throws, or the policy refuses. */
export async function openPage(browser: Browser, options: BrowserContextOptions = {}): Promise<Watched> {
	const context = await browser.newContext({ locale: "en-GB", reducedMotion: "reduce", ...options });
	context.setDefaultTimeout(15_000);
	const page = await context.newPage();
	const trouble: string[] = [];
	page.on("pageerror", (error) => trouble.push(`threw ${error.message}`));
	page.on("console", (message) => {
		// A refused call is the page's business to show; the browser logs each of them by itself.
		if (message.type() === "error" && !message.text().startsWith("Failed to load resource")) {
			trouble.push(`logged ${message.text()}`);
		}
	});
	return { context, page, trouble };
}

export async function signIn(page: Page, origin: string, user = administrator): Promise<void> {
	await page.goto(`${origin}/`);
	await page.getByLabel("Logon Name").fill(user.login);
	await page.locator("input[name=password]").fill(user.password);
	await page.getByRole("button", { name: "Sign in" }).click();
	await page.getByRole("navigation", { name: "Menu" }).waitFor({ state: "attached" });
}

/** WCAG 2.0 to 2.2, A and AA, and axe's own best practices. */
export async function demandAccessible(page: Page, what: string): Promise<void> {
	// A tooltip lies where the pointer is, outside of every landmark.
	const { violations } = await new AxeBuilder({ page }).exclude("[role=tooltip]").analyze();
	const found = violations.map(({ id, help, nodes }) => `${id}: ${help}: ${nodes.map(({ html }) => html).join(" · ")}`);
	assert.deepEqual(found, [], `axe finds nothing on ${what}`);
}

/** Run by the page: what is computed now was drawn in the new colours. */
const drawnAnew = "new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))";

/** In light and in dark, of a page that goes with the system's colours. */
export async function demandAccessibleInBoth(page: Page, what: string): Promise<void> {
	for (const colorScheme of ["light", "dark"] as const) {
		await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
		await page.locator(`html[data-mantine-color-scheme=${colorScheme}]`).waitFor();
		await page.evaluate(drawnAnew);
		await demandAccessible(page, `${what}, ${colorScheme}`);
	}
}

// These texts are run by the page, whose names the server's types do not know.
const tooWide = "document.documentElement.scrollWidth - document.documentElement.clientWidth";
const cutOff = `[...document.querySelectorAll("main *")]
	.filter((element) => !element.matches("input, .mantine-Switch-track, .mantine-VisuallyHidden-root") && ["hidden", "clip"].includes(getComputedStyle(element).overflowX))
	.filter((element) => element.clientWidth > 0 && element.scrollWidth > element.clientWidth + 1)
	.filter(function isShown(element) {
		return element === null || (getComputedStyle(element).clipPath === "none" && isShown(element.parentElement));
	})
	.map((element) => element.className + ": " + element.textContent.slice(0, 80))`;

/** WCAG 2.2, 1.4.10: no scrolling in two directions, and nothing is cut off instead. Fields need a moment after a change of width. */
export async function demandNoSidewaysScroll(page: Page, what: string): Promise<void> {
	const fits = { pixels: 0, cut: [] as string[] };
	let found = fits;
	for (let turn = 0; turn < 20; turn += 1) {
		found = await page.evaluate<typeof fits>(`({ pixels: Math.max(0, ${tooWide}), cut: ${cutOff} })`);
		if (isDeepStrictEqual(found, fits)) {
			return;
		}
		await setTimeout(100);
	}
	assert.deepEqual(found, fits, `${what} is wider than the screen, or something on it is cut off`);
}
