// What stands between a messaging service and its provider, in a real browser with simulated providers: the copy panel and
// its light, the incoming mode, the users who may call in, the check, the preview, and the SMS Server's lock.

import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import type { Locator, Page } from "playwright-core";
import { systemClock } from "#platform/clock.ts";
import type { Simulator } from "#simulators/simulator.ts";
import { simulators } from "#simulators/simulators.ts";
import {
	demandAccessible,
	demandNoSidewaysScroll,
	openBrowser,
	openPage,
	signIn,
	skipWithoutChromium,
	withBuiltWeb,
} from "#test/browser.ts";
import { apiAt, configure, type InProcess, type ServiceObject, startParley, until } from "#test/parley.ts";
import { seededRandom } from "#test/scene.ts";
import { makeViewer } from "#test/viewers.ts";

const skip = skipWithoutChromium;
const services = "/RI/rci/messagingServices";
type Stored = { incomingMode: string };
type Grant = { objectType: string; objectId: string | null; access: string[] };

withBuiltWeb();

async function openApp(t: TestContext, options: Parameters<typeof openPage>[1] = {}) {
	const parley = await startParley(t);
	const watched = await openPage(await openBrowser(t), options);
	return { parley, ...watched };
}

async function simulate(t: TestContext, type: string): Promise<Simulator> {
	const run = simulators[type];
	assert.ok(run);
	const simulator = await run({ clock: systemClock, random: seededRandom(11) });
	t.after(() => simulator.close());
	return simulator;
}

async function openTab(page: Page, { origin }: InProcess, { id }: ServiceObject, tab: string): Promise<void> {
	await page.goto(`${origin}/services/${id}?tab=${tab}`);
	await page.getByRole("heading", { level: 1 }).waitFor();
}

/** As somebody else would sign it. */
async function forge({ webhookUrl }: ServiceObject): Promise<number> {
	const headers = { "content-type": "application/json", "x-hub-signature-256": `sha256=${"0".repeat(64)}` };
	const answer = await fetch(webhookUrl, { method: "POST", headers, body: JSON.stringify({ object: "page" }) });
	return answer.status;
}

/** A change of the mode reaches the door a moment after it is stored. */
function untilForgedGets(service: ServiceObject, status: number): Promise<true> {
	return until(async () => ((await forge(service)) === status ? true : undefined), `a forged call gets ${status}`);
}

async function inDark(page: Page, look: () => Promise<void>): Promise<void> {
	await page.emulateMedia({ colorScheme: "dark" });
	await page.locator("html[data-mantine-color-scheme=dark]").waitFor();
	await look();
	await page.emulateMedia({ colorScheme: "light" });
	await page.locator("html[data-mantine-color-scheme=light]").waitFor();
}

/** By keyboard alone: forward until the element has the focus. */
async function tabTo(page: Page, wanted: Locator): Promise<void> {
	for (let presses = 0; presses < 80; presses += 1) {
		if ((await wanted.and(page.locator(":focus")).count()) > 0) {
			return;
		}
		await page.keyboard.press("Tab");
	}
	assert.fail("Tab does not lead there");
}

test("the light waits, turns green with a genuine call and tells why a forged one was refused", { skip }, async (t) => {
	const { parley, page, trouble } = await openApp(t);
	const simulator = await simulate(t, "facebook");
	const service = await configure(parley, simulator);
	await signIn(page, parley.origin);
	await openTab(page, parley, service, "webhook");
	const light = page.getByRole("status").filter({ hasText: /provider|call/i });
	await light.getByText("Waiting for the provider …").waitFor();
	assert.equal(await page.getByRole("textbox", { name: "URL (POST)" }).inputValue(), service.webhookUrl);
	await page.getByText("App Secret", { exact: true }).waitFor();
	await page.getByText("Verify Token", { exact: true }).waitFor();
	await demandAccessible(page, "the webhook, waiting");

	assert.equal((await simulator.contactWrites({ from: simulator.somebody, text: "Hello" })).status, 200);
	await light.getByText("The provider called, and the call is genuine").waitFor();
	await page.getByRole("button", { name: "Wait for the next call" }).click();
	await light.getByText("Waiting for the provider …").waitFor();

	assert.equal(await forge(service), 401);
	await light.getByText("A call came and was refused").waitFor();
	await light.getByText("The proof does not fit.").waitFor();
	const list = page.getByRole("list", { name: "Last calls" });
	await list.getByText("Refused", { exact: true }).waitFor();
	await list.getByText("Genuine", { exact: true }).waitFor();
	await demandAccessible(page, "the webhook after a refusal");
	await inDark(page, () => demandAccessible(page, "the webhook in dark"));
	await light.getByRole("link", { name: "Open it in the quarantine" }).click();
	await page.waitForURL("**/quarantine/*");
	const [entry] = await parley.call<{ id: string }[]>("GET", `/RI/cmi/quarantine?service=${service.id}`);
	assert.equal(new URL(page.url()).pathname, `/quarantine/${entry?.id}`, "the call names its entry");
	assert.deepEqual(trouble, []);
});

test("the mode is chosen by keyboard; enforcing while calls fail asks with their number", { skip }, async (t) => {
	const { parley, page, trouble } = await openApp(t);
	const service = await configure(parley, await simulate(t, "facebook"));
	const stored = () => parley.call<Stored>("GET", `${services}/${service.id}`);
	await signIn(page, parley.origin);
	await openTab(page, parley, service, "incoming");
	await page.getByText("Enforce would refuse nothing.", { exact: false }).waitFor();
	await tabTo(page, page.getByRole("radio", { name: "Enforce" }));
	await page.keyboard.press("ArrowUp");
	await page.getByText("Incoming mode is Warn.").waitFor();
	assert.equal((await stored()).incomingMode, "warn");

	await untilForgedGets(service, 200);
	assert.deepEqual([await forge(service), await forge(service)], [200, 200]);
	const cause = page.getByRole("row", { name: /Signature or secret does not fit/ });
	await until(async () => {
		await page.reload();
		await cause.waitFor();
		return /[3-9] would be refused/.test(await cause.innerText()) ? true : undefined;
	}, "the figure counts the forged calls");
	await demandAccessible(page, "the incoming mode");
	await inDark(page, () => demandAccessible(page, "the incoming mode in dark"));

	await tabTo(page, page.getByRole("radio", { name: "Warn" }));
	await page.keyboard.press("ArrowDown");
	const question = page.getByRole("dialog", { name: "Refuse these calls from now on?" });
	await question.getByText(/^\d+ calls of the last seven days proved nothing/).waitFor();
	assert.equal((await stored()).incomingMode, "warn");
	await tabTo(page, question.getByRole("button", { name: "Enforce" }));
	await page.keyboard.press("Enter");
	await page.getByText("Incoming mode is Enforce.").waitFor();
	assert.equal((await stored()).incomingMode, "enforce");
	await untilForgedGets(service, 401);
	await page.getByRole("button", { name: "Undo" }).last().click();
	await until(async () => ((await stored()).incomingMode === "warn" ? true : undefined), "the mode is back");
	assert.deepEqual(trouble, []);
});

test("a mode that somebody else changed meanwhile is not overwritten", { skip }, async (t) => {
	const { parley, page, trouble } = await openApp(t);
	const service = await configure(parley, await simulate(t, "facebook"));
	await signIn(page, parley.origin);
	await openTab(page, parley, service, "incoming");
	await page.getByRole("radio", { name: "Enforce" }).waitFor();
	await page.route(`**${services}/${service.id}`, async (route) => {
		if (route.request().method() === "PATCH") {
			await parley.call("PATCH", `${services}/${service.id}`, { name: "Changed by somebody else" });
		}
		await route.continue();
	});
	await page.getByRole("radio", { name: "Observe" }).click();
	await page.getByRole("alert").getByText("Somebody else changed this service meanwhile").waitFor();
	assert.equal((await parley.call<Stored>("GET", `${services}/${service.id}`)).incomingMode, "enforce");
	await page.unroute(`**${services}/${service.id}`);
	await page.getByRole("button", { name: "Show the present state" }).click();
	await page.getByRole("heading", { level: 1, name: "Changed by somebody else" }).waitFor();
	assert.deepEqual(trouble, []);
});

test(
	"a user is let in: a taken name is told at its field, then the password is shown once and opens the door",
	{ skip },
	async (t) => {
		const { parley, page, trouble } = await openApp(t);
		const simulator = await simulate(t, "smshttp");
		const account = { type: "smshttp", name: "Gateway", serviceConnection: simulator.account.serviceConnection };
		const { authentications, settings } = simulator.account;
		const service = await parley.call<ServiceObject>("POST", services, { ...account, authentications, settings });
		await signIn(page, parley.origin);
		await openTab(page, parley, service, "incoming");
		await page.getByText("Nobody may call in").waitFor();
		await page.getByRole("button", { name: "Let a user call in …" }).click();
		const dialog = page.getByRole("dialog", { name: "Let a user call in" });
		await dialog.getByLabel("Logon Name").fill("admin");
		await dialog.getByRole("button", { name: "Make the user" }).click();
		await dialog.getByRole("alert").waitFor();
		assert.equal(await dialog.getByLabel("Logon Name").getAttribute("aria-invalid"), "true");
		await demandAccessible(page, "the dialog with a mistake");
		await dialog.getByLabel("Logon Name").fill("gateway");
		await dialog.getByRole("button", { name: "Make the user" }).click();
		await dialog.getByText("The user may call in").waitFor();
		const password = await dialog.getByRole("textbox", { name: "Password" }).inputValue();
		await demandAccessible(page, "the password, shown once");
		await dialog.getByRole("button", { name: "I have kept it" }).click();
		await page.getByText("Holds Use").waitFor();
		await page.getByRole("link", { name: "gateway", exact: true }).waitFor();

		simulator.pointAt(service.webhookUrl, { login: "gateway", password });
		const said = await until(async () => {
			const answer = await simulator.contactWrites({ from: simulator.somebody, text: "Hello" });
			return answer.status < 300 ? answer : undefined;
		}, "the gateway gets in");
		assert.ok(said.status >= 200);
		assert.deepEqual(trouble, []);
	},
);

test(
	"Use is given to a user who is there beside other rights; a person's account is warned about",
	{ skip },
	async (t) => {
		const { parley, page, trouble } = await openApp(t);
		const service = await parley.call<ServiceObject>("POST", services, { type: "smshttp", name: "Gateway" });
		const person = { firstName: "Old", surname: "Gateway", login: "old-gateway", externalUser: true };
		const { id } = await parley.call<{ id: string }>("POST", "/RI/rci/users", person);
		const before: Grant = { objectType: "messagingService", objectId: null, access: ["view"] };
		await parley.call("PUT", `/RI/rci/users/${id}/rights`, [before]);
		await signIn(page, parley.origin);
		await openTab(page, parley, service, "incoming");
		await page.getByRole("button", { name: "Let a user call in …" }).click();
		const dialog = page.getByRole("dialog", { name: "Let a user call in" });
		await dialog.getByText("One that is there").click();
		const user = dialog.getByRole("textbox", { name: "User" }).or(dialog.getByRole("combobox", { name: "User" }));
		await user.first().click();
		await page.getByRole("option", { name: "admin" }).click();
		await dialog.getByText("This is a person's account").waitFor();
		await user.first().click();
		await page.getByRole("option", { name: "old-gateway" }).click();
		await dialog.getByText("This is a person's account").waitFor({ state: "hidden" });
		await dialog.getByRole("button", { name: "Give Use" }).click();
		await page.getByRole("link", { name: "old-gateway", exact: true }).waitFor();
		assert.deepEqual(await parley.call<Grant[]>("GET", `/RI/rci/users/${id}/rights`), [
			before,
			{ objectType: "messagingService", objectId: service.id, access: ["use"] },
		]);
		assert.deepEqual(trouble, []);
	},
);

test(
	"the check names the step that fails and what to do; with the right credentials it is green",
	{ skip },
	async (t) => {
		const { parley, page, trouble } = await openApp(t);
		const simulator = await simulate(t, "twilio");
		const service = await configure(parley, simulator);
		const [entry] = simulator.account.authentications;
		assert.ok(entry);
		const enter = (password: string) =>
			parley.call("PATCH", `${services}/${service.id}`, { authentications: [{ ...entry, password }] });
		const wrong = "0".repeat(32);
		await enter(wrong);
		await signIn(page, parley.origin);
		await openTab(page, parley, service, "check");
		await page.getByRole("button", { name: "Check now" }).click();
		await page.getByText("It does not work yet: Credentials failed.").waitFor();
		const progress = page.getByRole("region", { name: "Progress of the check" });
		const failed = progress.getByRole("listitem").filter({ hasText: "Credentials" });
		await failed.getByText("Failed", { exact: true }).waitFor();
		assert.ok((await failed.innerText()).includes("What was seen"));
		await progress.getByText("Next:").waitFor();
		assert.ok(!(await page.content()).includes(wrong), "no secret is shown");
		await demandAccessible(page, "a check that fails");
		await inDark(page, () => demandAccessible(page, "a check in dark"));

		await enter(entry.password);
		await until(async () => {
			await page.getByRole("button", { name: "Check again" }).click();
			const verdict = progress.getByText(/^(?:All is well|It works|It does not work yet)/);
			await verdict.waitFor();
			return /^(?:All is well|It works)/.test(await verdict.innerText()) ? true : undefined;
		}, "the check is green");
		await page.getByText("Earlier checks").waitFor();
		await page.getByText("at: Credentials").first().waitFor();
		assert.deepEqual(trouble, []);
	},
);

test("who may only look sees neither secrets nor buttons, and is told why", { skip }, async (t) => {
	const { parley, page, trouble } = await openApp(t);
	const service = await configure(parley, await simulate(t, "facebook"));
	const viewer = await makeViewer(parley, [{ objectType: "messagingService", objectId: null, access: ["view"] }]);
	await signIn(page, parley.origin, viewer);
	await openTab(page, parley, service, "webhook");
	await page.getByText("What to enter at the provider is shown to who may modify this messaging service.").waitFor();
	await openTab(page, parley, service, "incoming");
	await page.getByText("Only who may modify this messaging service can change the mode.").waitFor();
	assert.ok(await page.getByRole("radio", { name: "Observe" }).isDisabled());
	await openTab(page, parley, service, "check");
	await page.getByText("Only who may modify this messaging service can check it.", { exact: false }).waitFor();
	assert.equal(await page.getByRole("button", { name: "Check now" }).count(), 0);
	await demandAccessible(page, "the check for who may look");
	assert.deepEqual(trouble, []);
});

test(
	"the SMS Server: the lock asks before it is switched off; the SMS Interface shows its request, never the secret",
	{ skip },
	async (t) => {
		const { parley, page, trouble } = await openApp(t);
		const simulator = await simulate(t, "smshttp");
		await configure(parley, simulator, {});
		const secret = simulator.account.authentications[0]?.password ?? "";
		assert.ok(secret !== "");
		await signIn(page, parley.origin);
		await page.goto(`${parley.origin}/smsServer`);
		await page.getByText("Follows the settings file", { exact: true }).waitFor();
		const body = page.getByRole("region", { name: "Body of the request" });
		await body.waitFor();
		await page.getByLabel("Text", { exact: true }).fill("Typed just now");
		await body.getByText("Typed%20just%20now", { exact: false }).waitFor();
		assert.ok(!(await page.content()).includes(secret));
		await page.getByText("••• stands for every secret", { exact: false }).waitFor();
		await demandAccessible(page, "the SMS Server");
		await inDark(page, () => demandAccessible(page, "the SMS Server in dark"));

		const lock = page.getByRole("switch", { name: "Use Local Http Authentication" });
		await lock.click();
		const question = page.getByRole("dialog", { name: "Switch this lock off?" });
		await question.getByText("SMS Interface (HTTP) · 1 messaging service").waitFor();
		await question.getByText("Only the signature remains").waitFor();
		assert.ok(await lock.isChecked(), "nothing is changed before the answer");
		await demandAccessible(page, "the question about the lock");
		await question.getByRole("button", { name: "Switch it off" }).click();
		await page.getByText("Set here", { exact: true }).waitFor();
		await page.getByRole("button", { name: "Follow the settings file again" }).click();
		await page.getByText("Follows the settings file", { exact: true }).waitFor();
		assert.ok(await lock.isChecked());
		assert.deepEqual(trouble, []);
	},
);

test("all of it fits a narrow screen, in German", { skip }, async (t) => {
	const { parley, page, trouble } = await openApp(t, { viewport: { width: 360, height: 740 }, locale: "de-DE" });
	const service = await configure(parley, await simulate(t, "smshttp"));
	const stranger = apiAt(parley.origin, { login: "nobody", password: "nothing" });
	await stranger.ask("POST", new URL(service.webhookUrl).pathname, {});
	await page.goto(parley.origin);
	await page.locator("input[name=login]").fill("admin");
	await page.locator("input[name=password]").fill("correct horse battery staple");
	await page.locator("button[type=submit]").click();
	await page.getByRole("heading", { level: 1 }).waitFor();
	for (const [tab, text] of [
		["webhook", "Beim Anbieter einzutragen"],
		["incoming", "Eingangsmodus"],
		["check", "Jetzt prüfen"],
	] as const) {
		await openTab(page, parley, service, tab);
		await page.getByText(text, { exact: true }).waitFor();
		await demandNoSidewaysScroll(page, tab);
	}
	await page.goto(`${parley.origin}/smsServer`);
	await page.getByText("Vorlagen der Anfrage").waitFor();
	await demandNoSidewaysScroll(page, "the SMS Server");
	assert.deepEqual(trouble, []);
});
