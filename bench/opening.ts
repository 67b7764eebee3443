// Opens a screen of the System Configurator with nothing in the browser's cache on a processor slowed down, and tells when it
// could be used: the heading is drawn, what was typed is answered, and no long task follows.

import type { Browser, BrowserContext } from "playwright-core";
import { administrator } from "#test/parley.ts";
import { openingTimes, type OpeningTimes, watchOpening } from "./in-page.ts";

const slowdown = 4;
const quietMs = 1500;
const viewport = { width: 1280, height: 800 };

export type Opening = OpeningTimes & { interactive: number };

export async function open(browser: Browser, origin: string, isSignedIn: boolean): Promise<Opening> {
	// A context of its own has neither cookies nor a cache.
	const context = await browser.newContext({ locale: "en-GB", viewport });
	try {
		if (isSignedIn) {
			await signIn(context, origin);
		}
		return await openIn(context, origin);
	} finally {
		await context.close();
	}
}

export async function signIn(context: BrowserContext, origin: string): Promise<void> {
	const answer = await context.request.post(`${origin}/login`, { data: administrator });
	if (!answer.ok()) {
		throw new Error(`Signing in answered ${answer.status()}.`);
	}
}

async function openIn(context: BrowserContext, origin: string): Promise<Opening> {
	const page = await context.newPage();
	// By the mouse and keyboard themselves: a locator would first wait until the page is at rest.
	await page.exposeFunction("drawn", async (x: number, y: number) => {
		await page.mouse.click(x, y);
		await page.keyboard.type("a");
	});
	await page.addInitScript(watchOpening);
	const tools = await context.newCDPSession(page);
	await tools.send("Emulation.setCPUThrottlingRate", { rate: slowdown });
	await page.goto(`${origin}/`);
	const times = await page.evaluate<OpeningTimes>(openingTimes(quietMs));
	return { ...times, interactive: Math.max(times.heading, times.answered, times.lastLongTaskEnd) };
}
