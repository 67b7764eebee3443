// Scrolls the message explorer by the wheel, as fast as the browser takes it, and keeps the time of every frame.

import type { Page } from "playwright-core";
import { beginFrames, endFrames, wayLeft } from "./in-page.ts";
import { quantile } from "./statistics.ts";

const wheelPixels = 1200;
const slowFrameMs = 50;

export type Frames = { p95: number; slowShare: number; worst: number; count: number };

/** To the end of the list, with every page that there still is. */
export async function scrollLoading(page: Page, rows: number): Promise<Frames> {
	const more = page.getByRole("button", { name: "Show more" });
	return framesOf(page, async () => {
		for (;;) {
			await scroll(page, "down");
			const shown = Number.parseInt(await page.getByText(/^\d+ entries\.$/).innerText(), 10);
			if (shown >= rows) {
				return;
			}
			await more.press("Enter");
			await page.getByText(`${Math.min(rows, shown + 100)} entries.`).waitFor();
		}
	});
}

/** Through all that is loaded. */
export function scrollThrough(page: Page, way: "up" | "down"): Promise<Frames> {
	return framesOf(page, () => scroll(page, way));
}

async function framesOf(page: Page, work: () => Promise<void>): Promise<Frames> {
	await page.evaluate(beginFrames);
	await work();
	const frames = (await page.evaluate<number[]>(endFrames)).toSorted((a, b) => a - b);
	return {
		p95: quantile(frames, 0.95),
		slowShare: frames.filter((ms) => ms > slowFrameMs).length / frames.length,
		worst: frames.at(-1) ?? Number.NaN,
		count: frames.length,
	};
}

async function scroll(page: Page, way: "up" | "down"): Promise<void> {
	const box = await page.getByRole("region", { name: "Message explorer" }).boundingBox();
	if (box === null) {
		throw new Error("There is no long list to be scrolled.");
	}
	await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
	while ((await page.evaluate<{ up: number; down: number }>(wayLeft))[way] > 1) {
		await page.mouse.wheel(0, way === "down" ? wheelPixels : -wheelPixels);
	}
}
