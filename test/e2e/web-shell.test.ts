// The frame of the System Configurator in a real browser: signing in, what an ended session or a stopped server does to the
// work on the screen, the menu by rights, languages, widths, weight.

import assert from "node:assert/strict";
import { existsSync, statSync } from "node:fs";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import type { Locator, Page } from "playwright-core";
import { webFolder } from "#commands/web-build.ts";
import {
	demandAccessible,
	demandAccessibleInBoth,
	demandNoSidewaysScroll,
	openBrowser,
	openPage,
	signIn,
	skipWithoutChromium,
	withBuiltWeb,
} from "#test/browser.ts";
import { codeAt } from "#test/one-time-codes.ts";
import { administrator, type InProcess, startParley } from "#test/parley.ts";

const skip = skipWithoutChromium;
/** Bytes of the first screen, compressed by gzip. */
const firstLoadMax = 250_000;

withBuiltWeb();

async function openApp(t: TestContext, options: Parameters<typeof openPage>[1] = {}) {
	const parley = await startParley(t);
	const watched = await openPage(await openBrowser(t), options);
	return { parley, ...watched };
}

test(
	"who signs in wrongly is told so in a sentence, and who signs in rightly sees the start page",
	{ skip },
	async (t) => {
		const { parley, page, trouble } = await openApp(t);
		await page.goto(`${parley.origin}/policy-that-is-not-there`).catch(() => undefined);
		await page.goto(`${parley.origin}/`);
		await page.getByRole("heading", { level: 1, name: "Parley" }).waitFor();
		await demandAccessible(page, "the sign-in page");
		await page.getByLabel("Logon Name").fill("admin");
		await page.locator("input[name=password]").fill("wrong");
		await page.keyboard.press("Enter");
		await page.getByText("The logon name or the password is not right.").waitFor();
		await signIn(page, parley.origin);
		await page.getByRole("heading", { level: 1, name: "Welcome, Ada" }).waitFor();
		assert.deepEqual(trouble, []);
	},
);

test(
	"the second factor is enrolled with a scan, asked for at the next logon, and recovery codes are shown once",
	{ skip },
	async (t) => {
		const { parley, page, trouble } = await openApp(t);
		await signIn(page, parley.origin);
		await page.goto(`${parley.origin}/account?tab=secondFactor`);
		await page.getByLabel("Current password").fill(administrator.password);
		await page.getByRole("button", { name: "Set up a second factor" }).click();
		await page.getByRole("img", { name: /QR code/ }).waitFor();
		await demandAccessible(page, "enrolling the second factor");
		const secret = (await page.locator("text=/^[A-Z2-7]{32}$/").textContent()) ?? "";
		await page.getByRole("textbox", { name: "Code" }).fill(codeAt(secret, new Date()));
		await page.getByRole("button", { name: "Confirm" }).click();
		await page.getByText("Keep these recovery codes").waitFor();
		assert.equal(await page.getByRole("main").getByRole("listitem").count(), 10);
		const recovery = (await page.getByRole("main").getByRole("listitem").first().textContent()) ?? "";
		await page.getByRole("button", { name: "I have kept them" }).click();
		await page.getByText("10 recovery codes are left").waitFor();
		await page.getByRole("button", { name: /^Account of/ }).click();
		await page.getByRole("menuitem", { name: "Sign out" }).click();
		await page.getByLabel("Logon Name").fill(administrator.login);
		await page.locator("input[name=password]").fill(administrator.password);
		await page.getByRole("button", { name: "Sign in" }).click();
		await page.getByRole("textbox", { name: "Code" }).fill(recovery);
		await page.getByRole("button", { name: "Sign in" }).click();
		await page.getByRole("heading", { level: 1, name: "Welcome, Ada" }).waitFor();
		assert.deepEqual(trouble, []);
	},
);

test(
	"a session that ends under a form asks to sign in over it; what was typed stays and is saved",
	{ skip },
	async (t) => {
		const { parley, page, trouble } = await openApp(t);
		await signIn(page, parley.origin);
		await page.goto(`${parley.origin}/authenticationPolicy`);
		await page.getByLabel("Minimum Password Length").fill("20");
		const [session] = await parley.call<{ id: string }[]>("GET", "/RI/rci/sessions");
		await parley.call("DELETE", `/RI/rci/sessions/${session?.id ?? ""}`);
		await page.getByRole("button", { name: "Save" }).click();
		const dialog = page.getByRole("dialog", { name: "Your session has ended" });
		await dialog.locator("input[name=password]").fill(administrator.password);
		await page.keyboard.press("Enter");
		await page.getByText("The authentication policy is saved.").waitFor();
		const policy = await parley.call<{ minimumPasswordLength: number }>("GET", "/RI/rci/authenticationPolicy");
		assert.equal(policy.minimumPasswordLength, 20);
		assert.deepEqual(trouble, []);
	},
);

test(
	"a server that stops and comes back: lost is shown, then caught up, and what was typed is saved",
	{ skip },
	async (t) => {
		const { parley, page } = await openApp(t);
		await signIn(page, parley.origin);
		await page.goto(`${parley.origin}/authenticationPolicy`);
		await page.getByLabel("Minimum Password Length").fill("21");
		await page
			.getByText("What you see is live.")
			.waitFor({ state: "attached" })
			.catch(() => undefined);
		await parley.stop();
		await page.getByText("Connection lost", { exact: true }).waitFor();
		await page.getByRole("button", { name: "Save" }).click();
		await page.getByText("Parley does not answer.").waitFor();
		await parley.again();
		await page.getByText("Caught up", { exact: true }).waitFor();
		await page.getByRole("button", { name: "Save" }).click();
		await page.getByText("The authentication policy is saved.").waitFor();
	},
);

test(
	"two administrators: the second save of an old state is refused, explained, and nothing is overwritten",
	{ skip },
	async (t) => {
		const { parley, page } = await openApp(t);
		await signIn(page, parley.origin);
		await page.goto(`${parley.origin}/authenticationPolicy`);
		await page.getByLabel("Password Expiry").fill("90");
		await page.route("**/RI/rci/events", (route) => route.abort());
		await page.route("**/RI/rci/authenticationPolicy", async (route) => {
			if (route.request().method() === "PATCH") {
				await parley.call("PATCH", "/RI/rci/authenticationPolicy", { minimumPasswordLength: 33 });
			}
			await route.continue();
		});
		await page.getByRole("button", { name: "Save" }).click();
		await page
			.getByRole("alert")
			.filter({ hasText: /changed|version/i })
			.waitFor();
		assert.equal(await page.getByLabel("Password Expiry").inputValue(), "90 days");
		const policy = await parley.call<Record<string, unknown>>("GET", "/RI/rci/authenticationPolicy");
		assert.equal(policy["passwordExpiryDays"], 0);
	},
);

test("shortcuts of a single key can be switched off, and the browser remembers it", { skip }, async (t) => {
	const { parley, page, trouble } = await openApp(t);
	await signIn(page, parley.origin);
	const search = page.getByRole("searchbox", { name: "Find messages by any id, number or word" });
	await page.goto(`${parley.origin}/account?tab=keyboard`);
	const shortcuts = page.getByRole("switch", { name: "Shortcuts of a single key" });
	const title = page.getByRole("heading", { level: 1 });
	await shortcuts.waitFor();
	await title.focus();
	await page.keyboard.press("/");
	await assertFocused(search);
	await demandAccessibleInBoth(page, "the keyboard's settings");
	await shortcuts.focus();
	await page.keyboard.press("Space");
	await page.reload();
	await shortcuts.waitFor();
	assert.equal(await shortcuts.isChecked(), false);
	await title.focus();
	await page.keyboard.press("/");
	await assertFocused(title);
	assert.equal(await search.getAttribute("aria-keyshortcuts"), null);
	await page.getByRole("link", { name: "Messaging Services" }).click();
	await page.getByRole("heading", { name: "Messaging Services", level: 1 }).waitFor();
	await page.keyboard.press("n");
	await page.keyboard.press("/");
	await page.getByRole("link", { name: "Start" }).click();
	await page.waitForURL(`${parley.origin}/`);
	await page.goto(`${parley.origin}/account?tab=keyboard`);
	await shortcuts.check();
	await page.getByRole("link", { name: "Messaging Services" }).click();
	await page.getByRole("heading", { name: "Messaging Services", level: 1 }).waitFor();
	await page.keyboard.press("n");
	await page.waitForURL("**/services/new");
	assert.deepEqual(trouble, []);
});

/** The function is run by the page, whose names the server's types do not know. */
async function assertFocused(place: Locator): Promise<void> {
	assert.equal(
		await place.evaluate((element: { matches(selector: string): boolean }) => element.matches(":focus")),
		true,
	);
}

test(
	"the menu shows what one may see, and an address of something else says which right is missing",
	{ skip },
	async (t) => {
		const { parley, page, trouble } = await openApp(t);
		const viewer = { login: "vera", password: "a long enough password" };
		await makePerson(parley, viewer, [{ objectType: "messagingService", objectId: null, access: ["view"] }]);
		await signIn(page, parley.origin, viewer);
		const menu = page.getByRole("navigation", { name: "Menu" });
		assert.deepEqual(await menu.getByRole("link").allTextContents(), [
			"Start",
			"Messaging Services",
			"Health",
			"REST reference",
		]);
		await page.goto(`${parley.origin}/authenticationPolicy`);
		await page.getByText("You have no right to see this").waitFor();
		await page.getByText("Needs the right View on").waitFor();
		assert.deepEqual(trouble, []);
	},
);

test(
	"nothing axe finds in light and dark, at 360 px, mirrored and in German; nothing is wider than the screen",
	{ skip },
	async (t) => {
		for (const colorScheme of ["light", "dark"] as const) {
			const { parley, page, trouble } = await openApp(t, { colorScheme, viewport: { width: 360, height: 740 } });
			await signIn(page, parley.origin);
			for (const path of ["/", "/account", "/account?tab=password", "/authenticationPolicy"]) {
				await page.goto(parley.origin + path);
				await page.getByRole("heading", { level: 1 }).waitFor();
				await demandAccessible(page, `${path} in ${colorScheme}`);
				await demandNoSidewaysScroll(page, path);
			}
			await page.getByRole("button", { name: /^Account of/ }).click();
			await page.getByRole("menuitemradio", { name: "Deutsch" }).click();
			await page.getByText("Wer eine Authentifizierungs-App einrichten muss").waitFor();
			assert.equal(await page.locator("html").getAttribute("lang"), "de");
			await page.getByRole("button", { name: /^Konto von/ }).click();
			await page.getByRole("menuitem", { name: "Ansicht spiegeln" }).click();
			assert.equal(await page.locator("html").getAttribute("dir"), "rtl");
			await demandAccessible(page, `the policy in German, mirrored, ${colorScheme}`);
			await demandNoSidewaysScroll(page, "the mirrored policy");
			assert.deepEqual(trouble, []);
		}
	},
);

test("the first load is below 250 kB, comes compressed, and is kept by the browser", { skip }, async (t) => {
	const parley = await startParley(t);
	const browser = await openBrowser(t);
	const { context, page } = await openPage(browser);
	const asset = page.waitForResponse((response) => /\/assets\/configurator\/index-.*\.js$/.test(response.url()));
	t.diagnostic(`sign-in page: ${await weighLoad(page, () => page.goto(parley.origin), "Parley")} bytes`);
	const headers = (await asset).headers();
	assert.equal(headers["content-encoding"], "br");
	assert.equal(headers["cache-control"], "public, max-age=31536000, immutable");
	assert.equal((await fetch(`${(await asset).url()}.map`)).status, 404, "no source map for strangers");
	await signIn(page, parley.origin);
	const anew = await openPage(browser, { storageState: await context.storageState() });
	const bytes = await weighLoad(anew.page, () => anew.page.goto(parley.origin), "Welcome, Ada");
	t.diagnostic(`start page: ${bytes} bytes`);
	assert.ok(bytes < firstLoadMax, `${bytes} bytes`);
});

/** Bytes of the application's files that a load asks for, compressed by gzip. */
async function weighLoad(page: Page, load: () => Promise<unknown>, heading: string): Promise<number> {
	const files = new Set<string>();
	page.on("request", (request) => {
		const [, file] = /\/assets\/configurator\/([^?]+)$/.exec(request.url()) ?? [];
		files.add(file ?? "");
	});
	await load();
	await page.getByRole("heading", { level: 1, name: heading }).waitFor();
	await page.waitForLoadState("networkidle").catch(() => undefined); // The event streams stay open.
	files.delete("");
	const sizes = [...files].map((file) => {
		const path = join(webFolder, "configurator/assets", file);
		return statSync(existsSync(`${path}.gz`) ? `${path}.gz` : path).size;
	});
	assert.ok(sizes.length > 3);
	return sizes.reduce((sum, size) => sum + size, 0);
}

async function makePerson(
	{ call }: InProcess,
	{ login, password }: typeof administrator,
	rights: readonly object[],
): Promise<void> {
	await call("PATCH", "/RI/rci/authenticationPolicy", { initialPasswordMustBeChanged: false });
	const { id } = await call<{ id: string }>("POST", "/RI/rci/users", {
		firstName: "Vera",
		surname: "Viewer",
		login,
		password,
	});
	await call("PUT", `/RI/rci/users/${id}/rights`, rights);
}
