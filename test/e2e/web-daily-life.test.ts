// What happens to people who use the System Configurator every day: the first sign-in, leaving a form, several windows,
// numbers with a point, an address from elsewhere, and their own language and time zone.

import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import type { Page } from "playwright-core";
import { openBrowser, openPage, signIn, skipWithoutChromium, withBuiltWeb } from "#test/browser.ts";
import { codeAt } from "#test/one-time-codes.ts";
import { type Api, startParley } from "#test/parley.ts";
import { makeViewer } from "#test/viewers.ts";

const skip = skipWithoutChromium;
const first = { login: "nora", password: "what the administrator said" };
const own = "what only Nora knows by heart";

withBuiltWeb();

async function openApp(t: TestContext, options: Parameters<typeof openPage>[1] = {}) {
	const parley = await startParley(t);
	return { parley, ...(await openPage(await openBrowser(t), options)) };
}

function makeNora({ call }: Api, over: object = {}): Promise<unknown> {
	return call("POST", "/RI/rci/users", { firstName: "Nora", surname: "New", ...first, ...over });
}

function makeService({ call }: Api, name: string): Promise<unknown> {
	const serviceConnection = "https://api.telegram.org";
	return call("POST", "/RI/rci/messagingServices", { type: "telegram", name, serviceConnection, authentications: [] });
}

const press = (page: Page, name: string) => page.getByRole("button", { name, exact: true }).click();

async function logOn(page: Page, { login, password }: typeof first): Promise<void> {
	await page.getByLabel("Logon Name").fill(login);
	await page.locator("input[name=password]").fill(password);
	await press(page, "Sign in");
}

async function chooseOwnPassword(page: Page): Promise<void> {
	await page.getByRole("heading", { level: 1, name: "Choose a new password" }).waitFor();
	await page.getByLabel("Current password").fill(first.password);
	await page.getByLabel(/^New password(?! once)/).fill(own);
	await page.getByLabel("New password once more").fill(own);
	await press(page, "Change password and sign in again");
}

test("a new person chooses a password of their own and signs in with it", { skip }, async (t) => {
	const { parley, page, trouble } = await openApp(t);
	await makeNora(parley);
	await page.goto(parley.origin);
	await logOn(page, first);
	await chooseOwnPassword(page);
	await logOn(page, { ...first, password: own });
	await page.getByRole("heading", { level: 1, name: "Welcome, Nora" }).waitFor();
	assert.deepEqual(trouble, []);
});

test("recovery codes stay on the screen until they are kept, whatever is asked anew meanwhile", { skip }, async (t) => {
	const { parley, page, trouble } = await openApp(t);
	const policy = { secondFactorRequired: "everybody", initialPasswordMustBeChanged: false };
	await makeNora(parley);
	await parley.call("PATCH", "/RI/rci/authenticationPolicy", policy);
	await page.goto(parley.origin);
	await logOn(page, first);
	await page.getByLabel("Current password").fill(first.password);
	await press(page, "Set up a second factor");
	const secret = (await page.locator("text=/^[A-Z2-7]{32}$/").textContent()) ?? "";
	await page.getByRole("textbox", { name: "Code" }).fill(codeAt(secret, new Date()));
	await press(page, "Confirm");
	await page.getByText("Keep these recovery codes").waitFor();
	// Back from the password manager, more than a minute later.
	await page.clock.install();
	await page.clock.runFor(90_000);
	const asked = page.waitForResponse((answer) => answer.url().endsWith("/RI/rci/me"));
	await page.evaluate("window.dispatchEvent(new Event('visibilitychange')); window.dispatchEvent(new Event('focus'))");
	await asked;
	await page.getByText("Keep these recovery codes").waitFor();
	await press(page, "I have kept them");
	await page.getByRole("heading", { level: 1, name: "Welcome, Nora" }).waitFor();
	assert.deepEqual(trouble, []);
});

test("no form is left with what was typed without a question", { skip }, async (t) => {
	const { parley, page, trouble } = await openApp(t);
	await signIn(page, parley.origin);
	const forms = [
		{ at: "/services/new?type=twilio", field: "Name", from: "/services/new" },
		{ at: "/users/new", field: "First Name", from: "/users" },
		{ at: "/userGroups/new", field: "Name", from: "/userGroups" },
		{ at: "/roles/new", field: "Name", from: "/roles" },
		{ at: "/authenticationPolicy", field: "Minimum Password Length", from: "/" },
	];
	for (const { at, field, from } of forms) {
		await page.goto(parley.origin + from);
		await page.getByRole("heading", { level: 1 }).waitFor();
		await page.goto(parley.origin + at);
		const box = page.getByRole("textbox", { name: field, exact: true });
		await box.fill("14");
		const links = page.getByRole("navigation", { name: "Menu" }).getByRole("link", { name: "Health" });
		await links.click();
		await press(page, "Stay");
		assert.match(await box.inputValue(), /^14/, at);
		await links.click();
		await page.getByRole("dialog").getByRole("button").filter({ hasNotText: "Stay" }).last().click();
		await page.getByRole("heading", { level: 1, name: "Health" }).waitFor();
	}
	await page.goto(`${parley.origin}/services/new`);
	await page.getByRole("link", { name: "Twilio" }).click();
	await page.getByRole("textbox", { name: "Name", exact: true }).fill("Back");
	await page.goBack();
	await press(page, "Stay");
	assert.equal(await page.getByRole("textbox", { name: "Name", exact: true }).inputValue(), "Back");
	assert.deepEqual(trouble, []);
});

test("a number with a point is typed as anywhere else", { skip }, async (t) => {
	const { parley, page, trouble } = await openApp(t);
	await signIn(page, parley.origin);
	await page.goto(`${parley.origin}/services/new?type=telegram`);
	const field = page.getByLabel("Sends per second", { exact: true });
	for (const [typed, held] of [
		["12.5", "12.5"],
		["0.5", "0.5"],
		["1.25", "1.25"],
		["0,5", "0.5"],
	] as const) {
		await field.fill("");
		await field.pressSequentially(typed);
		await field.blur();
		assert.match(await field.inputValue(), new RegExp(`^${held.replace(".", "\\.")} `), typed);
	}
	assert.deepEqual(trouble, []);
});

test("eight windows at once stay live, one of them holding the connection for all", { skip }, async (t) => {
	const { parley, page, context, trouble } = await openApp(t);
	const streams = new Set<string>();
	context.on("request", (request) => {
		if (request.url().endsWith("/events")) {
			streams.add(request.url());
		}
	});
	await signIn(page, parley.origin);
	const pages = [page];
	for (let more = 0; more < 7; more += 1) {
		pages.push(await context.newPage());
	}
	for (const one of pages) {
		await one.goto(`${parley.origin}/services`);
		await one.getByRole("status").filter({ hasText: "Live" }).waitFor({ state: "attached" });
	}
	assert.equal(streams.size, 2);
	await pages[0]?.close(); // Another one takes over.
	await makeService(parley, "Seen everywhere");
	for (const one of pages.slice(1)) {
		await one.getByRole("link", { name: "Seen everywhere", exact: true }).first().waitFor();
	}
	assert.deepEqual(trouble, []);
});

test("who may not read messages is told of a lost connection too", { skip }, async (t) => {
	const { parley, page } = await openApp(t);
	const viewer = await makeViewer(parley, [{ objectType: "messagingService", objectId: null, access: ["view"] }]);
	await signIn(page, parley.origin, viewer);
	const mark = (words: string) => page.getByRole("status").filter({ hasText: words }).waitFor({ state: "attached" });
	await mark("Live");
	await parley.stop();
	await mark("Connection lost");
	await parley.again();
	await mark("Caught up");
});

test("an address from elsewhere is taken as the text that it is", { skip }, async (t) => {
	const { parley, page, trouble } = await openApp(t);
	await makeService(parley, "null");
	await signIn(page, parley.origin);
	for (const find of ["null", '{"a":1}', "[1,2]", "12345678901234567890", "1e3", "true"]) {
		for (const path of ["/services", "/users", "/messages"]) {
			await page.goto(`${parley.origin}${path}?find=${encodeURIComponent(find)}`);
			await page.getByRole("main").getByRole("searchbox").or(page.getByRole("main").locator("input")).first().waitFor();
			assert.equal(await page.getByRole("main").locator("input").first().inputValue(), find, path);
		}
	}
	const nothing = await page.goto(`${parley.origin}/nothing/here`);
	assert.equal(nothing?.status(), 404);
	await page.getByRole("heading", { level: 1, name: "Nothing here" }).waitFor();
	const { headers } = await parley.ask("GET", "/nothing/here");
	assert.match(headers.get("content-type") ?? "", /^application\/problem\+json/);
	assert.deepEqual(trouble, []);
});

test("a person's own language and time zone count; the direction of writing is remembered", { skip }, async (t) => {
	const { parley, page, trouble } = await openApp(t, { timezoneId: "Europe/London" });
	await parley.call("PATCH", "/RI/rci/authenticationPolicy", { initialPasswordMustBeChanged: false });
	await makeNora(parley, { uiLanguage: "de", timeZone: "Pacific/Auckland" });
	await page.goto(parley.origin);
	await logOn(page, first);
	await page.getByRole("heading", { level: 1, name: "Willkommen, Nora" }).waitFor();
	await page.goto(`${parley.origin}/account`);
	const shown = (await page.getByRole("main").locator("time").first().getAttribute("title")) ?? "";
	const [, at = ""] = /\((\d{4}-.*Z)\)/.exec(shown) ?? [];
	const there = new Intl.DateTimeFormat("de", {
		dateStyle: "medium",
		timeStyle: "medium",
		timeZone: "Pacific/Auckland",
	});
	assert.equal(shown, `${there.format(new Date(at))} (${at})`);
	await page.getByRole("button", { name: /^Konto/ }).click();
	await page.getByRole("menuitem", { name: /spiegeln/i }).click();
	await page.locator("html[dir=rtl]").waitFor();
	await page.reload();
	await page.locator("html[dir=rtl]").waitFor();
	await page.getByRole("main").locator("time").first().waitFor();
	assert.deepEqual(trouble, []);
});
