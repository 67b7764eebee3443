// Debian's Chromium, as tests and benches start it.

import { existsSync } from "node:fs";
import { type Browser, chromium } from "playwright-core";

const program = "/usr/bin/chromium";

/** Why there is none. */
export const chromiumMissing = existsSync(program)
	? undefined
	: `There is no ${program}; install the package chromium.`;

const flags = [
	"--no-sandbox",
	"--disable-gpu",
	"--disable-quic",
	"--no-first-run",
	"--disable-background-networking",
	"--disable-component-update",
	"--disable-sync",
];

/** @param more flags besides those of every test */
export function launchChromium(more: readonly string[] = []): Promise<Browser> {
	return chromium.launch({ executablePath: program, headless: true, args: [...flags, ...more] });
}
