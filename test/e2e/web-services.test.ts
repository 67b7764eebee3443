// The list of messaging services in a real browser: found, narrowed, switched off and on again, deleted with what hangs on
// them; by keyboard; without rights; and ten thousand of them.

import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import type { Page } from "playwright-core";
import {
	demandAccessible,
	demandNoSidewaysScroll,
	openBrowser,
	openPage,
	signIn,
	skipWithoutChromium,
	withBuiltWeb,
} from "#test/browser.ts";
import { type InProcess, messages, type ServiceObject, startParley, until } from "#test/parley.ts";
import { makeViewer } from "#test/viewers.ts";

const skip = skipWithoutChromium;
const services = "/RI/rci/messagingServices";
type Kept = { id: string; enabled: boolean; state: string };

withBuiltWeb();

async function openApp(t: TestContext, options: Parameters<typeof openPage>[1] = {}) {
	const parley = await startParley(t);
	const watched = await openPage(await openBrowser(t), options);
	return { parley, ...watched };
}

function make({ call }: InProcess, type: string, name: string, enabled = true): Promise<ServiceObject> {
	return call<ServiceObject>("POST", services, { type, name, enabled });
}

async function openList(page: Page, { origin }: InProcess, search = ""): Promise<void> {
	await page.goto(`${origin}/services${search}`);
	await page.getByRole("heading", { level: 1, name: "Messaging Services" }).waitFor();
}

/** In the order of the screen. */
function namesOn(page: Page): Promise<string[]> {
	return page.locator("tbody tr td:first-child a").allTextContents();
}

function untilNames(page: Page, expected: readonly string[]): Promise<boolean> {
	return until(
		async () => {
			const names = await namesOn(page);
			return names.join() === expected.join() ? true : undefined;
		},
		`the list shows ${expected.join(", ")}`,
	);
}

async function choose(page: Page, doing: string, name: string): Promise<void> {
	await page.getByRole("button", { name: `Actions for ${name}` }).click();
	await page.getByRole("menuitem", { name: doing }).click();
}

function rowOf(page: Page, name: string) {
	return page.getByRole("row").filter({ hasText: name });
}

test("who has no services yet is told what they are, and how to begin", { skip }, async (t) => {
	const { parley, page, trouble } = await openApp(t);
	await signIn(page, parley.origin);
	await openList(page, parley);
	await page.getByRole("heading", { name: "No messaging services yet" }).waitFor();
	await page.getByRole("link", { name: "Try it in the sandbox" }).waitFor();
	await demandAccessible(page, "the empty list");
	await page.getByRole("main").getByRole("link", { name: "Add New" }).last().click();
	await page.waitForURL("**/services/new");
	assert.deepEqual(trouble, []);
});

test("words, state, type and order narrow the list, and stay after a reload", { skip }, async (t) => {
	const { parley, page, trouble } = await openApp(t);
	await make(parley, "twilio", "Line 10");
	await make(parley, "twilio", "Line 9", false);
	await make(parley, "telegram", "Support bot");
	await signIn(page, parley.origin);
	await openList(page, parley);
	await untilNames(page, ["Line 9", "Line 10", "Support bot"]);

	await page.getByRole("button", { name: "Name" }).click();
	await untilNames(page, ["Support bot", "Line 10", "Line 9"]);
	await page
		.getByRole("textbox", { name: "Type" })
		.or(page.getByRole("combobox", { name: "Type" }))
		.first()
		.click();
	await page.getByRole("option", { name: "Twilio" }).click();
	await untilNames(page, ["Line 10", "Line 9"]);
	await page
		.getByRole("textbox", { name: "State" })
		.or(page.getByRole("combobox", { name: "State" }))
		.first()
		.click();
	await page.getByRole("option", { name: "Paused (1)" }).click();
	await untilNames(page, ["Line 9"]);
	await page.reload();
	await untilNames(page, ["Line 9"]);
	const asked = new URL(page.url()).searchParams;
	assert.deepEqual(Object.fromEntries(asked), { sort: "-name", type: "twilio", state: "paused" });

	await page.getByRole("searchbox", { name: "Search" }).fill("nothing like this");
	await page.getByRole("heading", { name: "No service fits" }).waitFor();
	await page.getByRole("main").getByRole("button", { name: "Show all" }).last().click();
	await untilNames(page, ["Support bot", "Line 10", "Line 9"]);
	await page.getByRole("searchbox", { name: "Search" }).fill("bot telegram");
	await untilNames(page, ["Support bot"]);
	assert.deepEqual(trouble, []);
});

test("a service is switched off at once, and one press takes it back", { skip }, async (t) => {
	const { parley, page, trouble } = await openApp(t);
	const { id } = await make(parley, "twilio", "Shop line");
	const isOn = async () => (await parley.call<Kept>("GET", `${services}/${id}`)).enabled;
	await signIn(page, parley.origin);
	await openList(page, parley);
	await choose(page, "Switch off", "Shop line");
	await rowOf(page, "Shop line").getByText("Paused").waitFor();
	await page.getByText("Shop line is switched off").waitFor();
	assert.equal(await isOn(), false);
	await page.getByRole("button", { name: "Undo" }).click();
	await rowOf(page, "Shop line").getByText("Draft").waitFor();
	await page.getByText("Shop line is switched on.").waitFor();
	assert.equal(await isOn(), true);
	await choose(page, "View as YAML or REST", "Shop line");
	await page.getByRole("tab", { name: "View as", selected: true }).waitFor();
	assert.deepEqual(trouble, []);
});

test("a switch that the server refuses is taken back, with its sentence", { skip }, async (t) => {
	const { parley, page, trouble } = await openApp(t);
	const { id } = await make(parley, "twilio", "Shop line");
	await signIn(page, parley.origin);
	await openList(page, parley);
	await page.route(`**${services}/${id}`, (route) =>
		route.request().method() === "PATCH"
			? route.fulfill({ status: 409, json: { code: "conflict", detail: "Not now, says the server." } })
			: route.continue(),
	);
	await choose(page, "Switch off", "Shop line");
	await page.getByRole("alert").filter({ hasText: "Not now, says the server." }).waitFor();
	await rowOf(page, "Shop line").getByText("Draft").waitFor();
	assert.deepEqual(trouble, []);
});

test(
	"deleting says what hangs on a service, wants its name, and gives up what waits only by a tick",
	{ skip },
	async (t) => {
		const { parley, page, trouble } = await openApp(t);
		const { id, name } = await sampleWithWaiting(parley);
		await signIn(page, parley.origin);
		await openList(page, parley);
		await choose(page, "Delete", name);
		const dialog = page.getByRole("dialog", { name: `Delete ${name}?` });
		await dialog.getByText("One part of a message that waits to be sent: it fails.").waitFor();
		await dialog.getByText("One open conversation: it cannot go on.").waitFor();
		await demandAccessible(page, "the question before deleting");

		await dialog.getByRole("button", { name: "Delete" }).click();
		await dialog.getByText("Tick this to give up what waits, or wait until it is sent.").waitFor();
		await dialog.getByRole("textbox").fill("Another name");
		await dialog.getByRole("checkbox").check();
		await dialog.getByRole("button", { name: "Delete" }).click();
		await dialog.getByText("This is not its name.").waitFor();
		assert.equal((await parley.ask("GET", `${services}/${id}`)).status, 200);

		await dialog.getByRole("textbox").fill(name);
		await dialog.getByRole("button", { name: "Delete" }).click();
		await page.getByText(`${name} is deleted.`).waitFor();
		await rowOf(page, name).waitFor({ state: "detached" });
		assert.equal((await parley.ask("GET", `${services}/${id}`)).status, 404);
		assert.deepEqual(trouble, []);
	},
);

test("by keyboard alone: along the rows, off by the menu, to Add New", { skip }, async (t) => {
	const { parley, page, trouble } = await openApp(t);
	await make(parley, "twilio", "Line 1");
	const { id } = await make(parley, "twilio", "Line 2");
	await signIn(page, parley.origin);
	await openList(page, parley);
	await untilNames(page, ["Line 1", "Line 2"]);

	await tabTo(page, "Line 1");
	await page.keyboard.press("ArrowDown");
	await tabTo(page, "Actions for Line 2");
	await page.keyboard.press("Enter");
	await page.getByRole("menuitem", { name: "Open" }).waitFor();
	await until(async () => {
		await page.keyboard.press("ArrowDown");
		return (await focused(page)) === "Switch off" ? true : undefined;
	}, "Switch off has the focus");
	await page.keyboard.press("Enter");
	await rowOf(page, "Line 2").getByText("Paused").waitFor();
	await until(async () => {
		const { enabled } = await parley.call<Kept>("GET", `${services}/${id}`);
		return enabled ? undefined : true;
	}, "it is off");

	await page.keyboard.press("n");
	await page.waitForURL("**/services/new");
	await page.goBack();
	await tabTo(page, "Line 1");
	await page.keyboard.press("ArrowDown");
	await page.keyboard.press("Enter");
	await page.waitForURL(`**/services/${id}`);
	assert.deepEqual(trouble, []);
});

test("who may only look sees no button that changes; who may not look is told so", { skip }, async (t) => {
	const { parley, page, context, trouble } = await openApp(t);
	await make(parley, "twilio", "Line 1");
	const { id } = await make(parley, "twilio", "Line 2", false);
	const right = { objectType: "messagingService", objectId: id, access: ["view"] };
	const viewer = await makeViewer(parley, [right]);
	await signIn(page, parley.origin, viewer);
	await openList(page, parley);
	await untilNames(page, ["Line 2"]);
	assert.equal(await page.getByRole("link", { name: "Add New" }).count(), 0);
	assert.equal(await page.getByRole("button", { name: /^Switch on/ }).count(), 0);
	await page.getByRole("button", { name: "Actions for Line 2" }).click();
	assert.deepEqual(await page.getByRole("menuitem").allTextContents(), ["Open", "View as YAML or REST"]);
	await page.keyboard.press("Escape");
	await page.getByRole("menuitem").first().waitFor({ state: "detached" });
	await page.getByRole("heading", { level: 1 }).click();
	await page.keyboard.press("n");
	assert.equal(new URL(page.url()).pathname, "/services");

	const [person] = await parley.call<{ id: string }[]>("GET", `/RI/rci/users?login=${viewer.login}`);
	await parley.call("PUT", `/RI/rci/users/${person?.id ?? ""}/rights`, []);
	await context.clearCookies();
	await signIn(page, parley.origin, viewer);
	await openList(page, parley);
	await page.getByText("You have no right to see this").waitFor();
	assert.deepEqual(trouble, []);
});

test("nothing axe finds in light and dark, at 360 px and in German", { skip }, async (t) => {
	for (const colorScheme of ["light", "dark"] as const) {
		const { parley, page, trouble } = await openApp(t, { colorScheme });
		await make(parley, "twilio", "Draft line");
		await make(parley, "smshttp", "Paused line", false);
		await signIn(page, parley.origin);
		await openList(page, parley);
		await rowOf(page, "Paused line").getByText("Paused", { exact: true }).waitFor();
		await demandAccessible(page, `the list in ${colorScheme}`);
		await page.getByRole("button", { name: "Actions for Draft line" }).click();
		await page.getByRole("menuitem", { name: "Delete" }).waitFor();
		await demandAccessible(page, `the menu of a row in ${colorScheme}`);
		await page.keyboard.press("Escape");
		await page.setViewportSize({ width: 360, height: 740 });
		await demandAccessible(page, `the list at 360 px in ${colorScheme}`);
		await demandNoSidewaysScroll(page, "the list");
		await page.getByRole("button", { name: /^Account of/ }).click();
		await page.getByRole("menuitemradio", { name: "Deutsch" }).click();
		await page.getByRole("heading", { level: 1, name: "Nachrichtendienste" }).waitFor();
		await demandNoSidewaysScroll(page, "the list in German");
		assert.deepEqual(trouble, []);
	}
});

test("ten thousand services: few rows are drawn, and the last one is reached", { skip }, async (t) => {
	const count = 10_000;
	const { parley, page, trouble } = await openApp(t);
	const { id } = await make(parley, "twilio", "Line");
	const sample = await parley.call<object>("GET", `${services}/${id}`);
	await page.route(`**${services}?*`, (route) => {
		const asked = new URL(route.request().url()).searchParams;
		const [limit, offset] = [Number(asked.get("limit")), Number(asked.get("offset"))];
		const size = Math.max(0, Math.min(limit, count - offset));
		return route.fulfill({ json: Array.from({ length: size }, (_, index) => numbered(sample, offset + index + 1)) });
	});
	await signIn(page, parley.origin);
	await openList(page, parley);
	await page.getByText("10000 of 10000 services").waitFor();
	assert.ok((await page.locator("tr").count()) < 200);

	const list = page.getByRole("region", { name: "Messaging Services" });
	await until(async () => {
		await list.press("End");
		return (await page.getByRole("link", { name: "Line 10000", exact: true }).count()) > 0 ? true : undefined;
	}, "the last row is drawn");
	assert.ok((await page.locator("tr").count()) < 200);
	await page.getByRole("searchbox", { name: "Search" }).fill("line 4711");
	await untilNames(page, ["Line 4711"]);
	assert.deepEqual(trouble, []);
});

function numbered(sample: object, number: number): object {
	return { ...sample, id: number.toString(16).toUpperCase().padStart(32, "0"), name: `Line ${number}` };
}

/** A service of the sandbox whose provider refuses us: what an agent writes waits. */
async function sampleWithWaiting(parley: InProcess): Promise<{ id: string; name: string }> {
	const sandbox = "/RI/rci/sandbox";
	const begun = await parley.call<{ services: { serviceId: string; name: string }[] }>("POST", sandbox, {
		types: ["twilio"],
	});
	const { serviceId: service = "", name = "" } = begun.services[0] ?? {};
	await parley.call("POST", `${sandbox}/messages`, { service, text: "Where is my lamp?" });
	const asked = await until(async () => {
		const [first] = await messages(parley, `service=${service}&direction=in&state=matched`);
		return first;
	}, "the message is in a conversation");
	await parley.call("POST", `${sandbox}/faults`, { service, fault: "wrongCredentials" });
	await parley.call("POST", "/RI/cmi/messages", { service, conversation: asked.conversation, text: "It comes." });
	await until(async () => {
		const { state } = await parley.call<Kept>("GET", `${services}/${service}`);
		return state === "unauthorised" ? true : undefined;
	}, "the provider refused us");
	return { id: service, name };
}

/** What has the focus, by its label or its text. */
function focused(page: Page): Promise<string> {
	return page.evaluate<string>(
		"document.activeElement?.getAttribute('aria-label') ?? document.activeElement?.textContent ?? ''",
	);
}

async function tabTo(page: Page, label: string): Promise<void> {
	await until(async () => {
		if ((await focused(page)) === label) {
			return true;
		}
		await page.keyboard.press("Tab");
		return undefined;
	}, `${label} has the focus`);
}
