// User and Role Management in a real browser: people, external users, groups, roles, rights and API tokens, by mouse and by
// keyboard, for who may and for who may not.

import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import type { Page } from "playwright-core";
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
import { administrator, type Api, apiAt, startParley, until } from "#test/parley.ts";

const skip = skipWithoutChromium;
const initial = "an initial sentence of words";
const chosen = "a sentence that only they know";

withBuiltWeb();

type Named = { id: string; name: string };
type Right = { objectType: string; objectId: string | null; access: string[] };

async function openApp(t: TestContext) {
	const parley = await startParley(t);
	const browser = await openBrowser(t);
	const watched = await openPage(browser);
	return { parley, browser, ...watched };
}

/** Two messaging services with simulated providers. */
async function sampleServices(api: Api): Promise<readonly [Named, Named]> {
	const types = ["smshttp", "facebook"];
	const { services } = await api.call<{ services: { serviceId: string; name: string }[] }>("POST", "/RI/rci/sandbox", {
		types,
	});
	const [one, other] = services.map(({ serviceId, name }) => ({ id: serviceId, name }));
	assert.ok(one !== undefined && other !== undefined);
	return [one, other];
}

/** Somebody who has chosen a password of their own. */
async function makePerson(api: Api, login: string, rights: readonly Right[]) {
	const person = { firstName: "Pat", surname: login, login, password: initial };
	const { id } = await api.call<{ id: string }>("POST", "/RI/rci/users", person);
	await api.call("PUT", `/RI/rci/users/${id}/rights`, rights);
	await apiAt(api.origin, { login, password: initial }).call("PUT", "/RI/rci/me/password", {
		currentPassword: initial,
		newPassword: chosen,
	});
	return { id, login, password: chosen };
}

const menuOf = (page: Page) =>
	page.getByRole("navigation", { name: "Menu" }).getByRole("link").filter({ visible: true }).allInnerTexts();

async function choose(page: Page, field: string | RegExp, option: string): Promise<void> {
	await page.getByRole("combobox", { name: field }).click();
	await page.getByRole("option", { name: option, exact: true }).click();
}

test("an external user gets a machine password, shown once, and Use on one messaging service", { skip }, async (t) => {
	const { parley, page, trouble } = await openApp(t);
	const [service, other] = await sampleServices(parley);
	await signIn(page, parley.origin);
	await page.getByRole("link", { name: "Users", exact: true }).click();
	await page.getByRole("link", { name: "Add external user" }).click();
	await page.getByLabel("First Name").fill("Pro");
	await page.getByLabel("Last Name").fill("Vider");
	await page.getByLabel("Logon Name").fill("provider.one");
	await page.getByRole("button", { name: "Add external user" }).click();

	await page.getByRole("heading", { level: 1, name: "Pro Vider" }).waitFor();
	await page.getByText("every call with this logon is refused").waitFor();
	await page.getByRole("button", { name: "Make a password" }).click();
	const password = await page.getByRole("textbox", { name: "Password" }).inputValue();
	const provider = apiAt(parley.origin, { login: "provider.one", password });
	const { id } = await provider.call<{ id: string }>("GET", "/RI/rci/me");
	await demandAccessible(page, "a password that is shown once");
	await page.getByRole("button", { name: "I have kept it" }).click();
	assert.equal(await page.getByRole("textbox", { name: "Password" }).count(), 0);

	await page.getByRole("link", { name: "Give it Use on a messaging service" }).click();
	await page.getByRole("button", { name: "Add right" }).click();
	await page.getByRole("button", { name: "Save rights" }).click();
	await page.getByText("Choose which object this is about").waitFor();
	await choose(page, "Object in row 1", service.name);
	assert.ok(await page.getByRole("checkbox", { name: "Use" }).isChecked());
	await page.getByRole("button", { name: "Save rights" }).click();
	const question = page.getByRole("dialog");
	await question.getByText(`Messaging service · ${service.name}`).waitFor();
	await demandAccessible(page, "what saving rights would change");
	await question.getByRole("button", { name: "Save rights" }).click();
	await page.getByText("Held directly", { exact: true }).waitFor();
	assert.deepEqual(await parley.call("GET", `/RI/rci/users/${id}/rights`), [
		{ objectType: "messagingService", objectId: service.id, access: ["use"] },
	]);

	await page.getByRole("tab", { name: "Authentication" }).click();
	await page.getByRole("link", { name: service.name }).waitFor();
	assert.equal(await page.getByRole("link", { name: other.name }).count(), 0);
	await page.getByRole("button", { name: "Make a new password" }).click();
	await page.getByText("The present one stops working at once.").waitFor();
	await page.getByRole("dialog").getByRole("button", { name: "Make a new password" }).click();
	await page.getByRole("textbox", { name: "Password" }).waitFor();
	assert.equal((await provider.ask("GET", "/RI/rci/me")).status, 401, "the password before works no longer");
	assert.deepEqual(trouble, []);
});

test(
	"what is entered wrongly is told at the field, and nobody overwrites what somebody else has saved",
	{ skip },
	async (t) => {
		const { parley, page, trouble } = await openApp(t);
		await signIn(page, parley.origin);
		await page.goto(`${parley.origin}/users/new`);
		await page.getByLabel("First Name").fill("Bea");
		await page.getByLabel("Last Name").fill("Berg");
		await page.getByLabel("Logon Name").fill("bea berg");
		await page.getByRole("button", { name: "Add user" }).click();
		const login = page.getByRole("textbox", { name: "Logon Name" });
		await page.locator("[aria-invalid=true]").first().waitFor();
		assert.equal(await login.getAttribute("aria-invalid"), "true", "a logon name has no blanks");
		await login.fill("ADMIN");
		await page.getByRole("button", { name: "Add user" }).click();
		await fieldSays(page, "Logon Name", "Another user has this logon name.");
		await login.fill("bea");
		await page.getByRole("textbox", { name: "Initial password" }).fill("short");
		await page.getByRole("button", { name: "Add user" }).click();
		await fieldSays(page, "Initial password", "The password must have at least");
		await demandAccessible(page, "a form with a mistake");
		assert.equal(await page.getByLabel("First Name").inputValue(), "Bea", "what was entered stays");
		await page.getByRole("textbox", { name: "Initial password" }).fill(initial);
		await page.getByRole("button", { name: "Add user" }).click();
		await page.getByRole("heading", { level: 1, name: "Bea Berg" }).waitFor();

		const id = new URL(page.url()).pathname.split("/").at(-1) ?? "";
		await page.getByRole("tab", { name: "Authentication" }).click();
		await page.getByRole("textbox", { name: "New password", exact: true }).fill("short");
		await page.getByRole("textbox", { name: "New password once more" }).fill("short");
		await page.getByRole("button", { name: "Set password" }).click();
		await fieldSays(page, "New password", "The password must have at least");
		await page.getByRole("textbox", { name: "New password", exact: true }).fill(chosen);
		await page.getByRole("textbox", { name: "New password once more" }).fill(chosen);
		await page.getByRole("button", { name: "Set password" }).click();
		await page.getByText("The password is set.").waitFor();
		await apiAt(parley.origin, { login: "bea", password: chosen }).call("GET", "/RI/rci/me");

		await page.getByRole("tab", { name: "Basics" }).click();
		await page.getByLabel("Phone").fill("+49 30 1");
		await parley.call("PATCH", `/RI/rci/users/${id}`, { surname: "Born" });
		await page.getByRole("heading", { level: 1, name: "Bea Born" }).waitFor();
		await page.getByRole("button", { name: "Save" }).click();
		await page.getByText("Changed meanwhile by somebody else").waitFor();
		await demandAccessible(page, "a change that came too late");
		assert.equal(await page.getByLabel("Phone").inputValue(), "+49 30 1", "one's entries are still there");
		await page.getByRole("button", { name: "Load theirs" }).click();
		assert.equal(await page.getByLabel("Last Name").inputValue(), "Born");
		await page.getByLabel("Phone").fill("+49 30 2");
		await page.getByRole("button", { name: "Save" }).click();
		await page.getByText("Saved.").waitFor();
		assert.equal((await parley.call<{ phone: string }>("GET", `/RI/rci/users/${id}`)).phone, "+49 30 2");
		assert.deepEqual(trouble, []);
	},
);

async function fieldSays(page: Page, field: string, sentence: string): Promise<void> {
	const input = page.getByRole("textbox", { name: field, exact: true });
	await page.getByText(sentence).last().waitFor();
	assert.equal(await input.getAttribute("aria-invalid"), "true", `${field} is marked`);
	const told = (await input.getAttribute("aria-describedby")) ?? "";
	const texts = await Promise.all(told.split(" ").map((id) => page.locator(`[id="${id}"]`).allInnerTexts()));
	assert.ok(
		texts.flat().some((text) => text.startsWith(sentence)),
		`${field} says: ${sentence}`,
	);
}

test(
	"rights are given by keyboard alone; who has them on one messaging service sees just that one, read-only",
	{ skip },
	async (t) => {
		const { parley, browser, page, trouble } = await openApp(t);
		const [service, other] = await sampleServices(parley);
		const person = await makePerson(parley, "one.service", []);
		await signIn(page, parley.origin);
		await page.goto(`${parley.origin}/users/${person.id}?tab=rights`);
		await page.getByText("No rights held directly yet.").waitFor();
		await tabTo(page, "Add right");
		await page.keyboard.press("Enter");
		await focused(page, "Object type in row 1");
		await page.keyboard.press("Tab");
		await focused(page, "Object in row 1");
		await page.keyboard.type(service.name);
		await page.getByRole("option", { name: service.name }).waitFor();
		await page.keyboard.press("ArrowDown");
		await page.keyboard.press("Enter");
		await page.keyboard.press("Tab");
		assert.ok(await page.getByRole("checkbox", { name: "View" }).isChecked(), "a new right of a person is View");
		await tabTo(page, "Save rights");
		await page.keyboard.press("Enter");
		await page.getByRole("dialog").getByText(`Messaging service · ${service.name}`).waitFor();
		await tabTo(page, "Save rights");
		await page.keyboard.press("Enter");
		await page.getByText("Held directly", { exact: true }).waitFor();
		assert.deepEqual(trouble, []);

		const theirs = await openPage(browser);
		await signIn(theirs.page, parley.origin, person);
		assert.deepEqual(await menuOf(theirs.page), ["Start", "Messaging Services", "Health", "REST reference"]);
		await theirs.page.getByRole("link", { name: "Messaging Services" }).first().click();
		await theirs.page.getByRole("link", { name: service.name }).waitFor();
		assert.equal(await theirs.page.getByText(other.name).count(), 0);
		await theirs.page.getByRole("link", { name: service.name }).click();
		await theirs.page.getByRole("heading", { level: 1 }).waitFor();
		assert.equal(await theirs.page.getByRole("button", { name: "Save", exact: true }).count(), 0, "nothing to save");
		await theirs.page.goto(`${parley.origin}/users`);
		await theirs.page.getByText("You have no right to see this").waitFor();
		await theirs.page.goto(`${parley.origin}/users/new`);
		await theirs.page.getByText("Adding users needs Create on all users.").waitFor();
		await theirs.page.goto(`${parley.origin}/apiTokens`);
		await theirs.page.getByText("Making API tokens needs Create on all API tokens.").waitFor();
		assert.deepEqual(theirs.trouble, []);
	},
);

async function tabTo(page: Page, name: string): Promise<void> {
	for (let press = 0; press < 80; press += 1) {
		await page.keyboard.press("Tab");
		if ((await focusedName(page)) === name) {
			return;
		}
	}
	assert.fail(`Tab does not lead to ${name}.`);
}

function focusedName(page: Page): Promise<string> {
	return page.evaluate<string>(
		"document.activeElement?.getAttribute('aria-label') ?? document.activeElement?.textContent ?? ''",
	);
}

async function focused(page: Page, name: string): Promise<void> {
	await page.locator(`[aria-label="${name}"]:focus`).waitFor();
}

test(
	"who manages rights hands out what they hold themselves, and hears at the row what the server refuses",
	{ skip },
	async (t) => {
		const { parley, browser } = await openApp(t);
		const [service] = await sampleServices(parley);
		const own = (access: string[]): readonly Right[] => [
			{ objectType: "messagingService", objectId: service.id, access },
			{ objectType: "user", objectId: null, access: ["view", "manageRights"] },
		];
		const lead = await makePerson(parley, "lead", own(["view", "modify"]));
		const member = await makePerson(parley, "member", []);
		const { page, trouble } = await openPage(browser);
		await signIn(page, parley.origin, lead);
		await page.goto(`${parley.origin}/users/${member.id}`);
		await page.getByText("You may look at this, not change it").first().waitFor();
		assert.equal(await page.getByRole("button", { name: "Delete" }).count(), 0);
		await page.getByRole("tab", { name: "Rights" }).click();
		await page.getByRole("button", { name: "Add right" }).click();
		await choose(page, "Object in row 1", service.name);
		await page.getByText("You cannot hand out what you do not hold yourself: Create, Delete, Use").waitFor();
		assert.ok(await page.getByRole("checkbox", { name: "Use" }).isDisabled());
		await page.getByRole("checkbox", { name: "Modify" }).check();
		await page.mouse.move(0, 0); // Away from the checkbox, whose meaning a tooltip tells.
		await page.getByRole("tooltip").waitFor({ state: "hidden" });
		await demandAccessible(page, "rights that may not be handed out");
		await parley.call("PUT", `/RI/rci/users/${lead.id}/rights`, own(["view"]));
		await page.getByRole("button", { name: "Save rights" }).click();
		await page.getByRole("dialog").getByRole("button", { name: "Save rights" }).click();
		await page.getByText("You cannot hand out what you do not hold: modify on one messagingService.").waitFor();
		assert.ok(await page.getByRole("checkbox", { name: "Modify" }).isChecked(), "what was ticked stays");

		await page.getByRole("checkbox", { name: "Modify" }).uncheck();
		await parley.call("PUT", `/RI/rci/users/${member.id}/rights`, own(["use"]));
		await page.getByRole("button", { name: "Save rights" }).click();
		await page.getByRole("dialog").getByRole("button", { name: "Save rights" }).click();
		await page.getByText("Changed meanwhile by somebody else").waitFor();
		await page.getByRole("button", { name: "Load theirs" }).click();
		await page.getByRole("combobox", { name: "Object type in row 2" }).waitFor();
		await page.getByText("An ordinary person's account should not be reused").waitFor();
		assert.deepEqual(trouble, []);
	},
);

test(
	"a role goes to a group and from there to its members; what depends on a group is told before it is deleted",
	{ skip },
	async (t) => {
		const { parley, page, trouble } = await openApp(t);
		const person = await makePerson(parley, "member", []);
		await signIn(page, parley.origin);
		await page.goto(`${parley.origin}/roles`);
		await page.getByRole("link", { name: "Add role" }).first().click();
		await page.getByLabel("Name", { exact: false }).first().fill("Night watch");
		await page.getByRole("button", { name: "Add role" }).click();
		await page.getByRole("button", { name: "Add right" }).click();
		await choose(page, "Object in row 1", "All messaging services");
		await page.getByRole("checkbox", { name: "Delete" }).check();
		await page.getByRole("checkbox", { name: "View" }).uncheck();
		await page.getByText("Delete also needs View.").waitFor();
		await page.getByRole("checkbox", { name: "View" }).check();
		await page.getByRole("button", { name: "Save rights" }).click();
		await page.getByRole("dialog").getByRole("button", { name: "Save rights" }).click();
		await page.getByText("The rights are saved.").waitFor();

		await page.getByRole("link", { name: "User groups" }).click();
		await page.getByRole("link", { name: "Add user group" }).first().click();
		await page.getByRole("button", { name: "Add user group" }).click();
		await page.locator("[aria-invalid=true]").first().waitFor();
		await page.getByRole("textbox", { name: "Name" }).fill("Night shift");
		await page.getByRole("button", { name: "Add user group" }).click();
		await page.getByRole("heading", { level: 1, name: "Night shift" }).waitFor();
		await choose(page, "Add a user", "Pat member (member)");
		await page.getByRole("button", { name: "Add", exact: true }).click();
		await page.getByRole("button", { name: "Remove Pat member" }).waitFor();
		await page.getByRole("tab", { name: "Roles" }).click();
		await choose(page, "Add a role", "Night watch");
		await page.getByRole("button", { name: "Add", exact: true }).click();
		await page.getByRole("button", { name: "Remove Night watch" }).waitFor();

		await page.goto(`${parley.origin}/users/${person.id}?tab=rights`);
		await page.getByText("Role Night watch through User group Night shift").waitFor();
		await page.goto(`${parley.origin}/users?find=night`);
		await page.getByRole("link", { name: "Pat member" }).waitFor();
		const groups = page.getByRole("cell", { name: "Night shift" });
		await groups.waitFor();
		await page.setViewportSize({ width: 360, height: 740 });
		await groups.waitFor({ state: "hidden" });
		await page.setViewportSize({ width: 1280, height: 900 });
		await page.goto(`${parley.origin}/userGroups`);
		await page.getByRole("link", { name: "Night shift" }).click();
		await page.getByRole("button", { name: "Delete" }).click();
		await page.getByText("One user has it directly.").waitFor();
		await page.getByRole("dialog").getByRole("button", { name: "Delete" }).click();
		await page.getByRole("heading", { level: 1, name: "User groups" }).waitFor();
		await page.goto(`${parley.origin}/users/${person.id}?tab=rights`);
		await page.getByText("No rights at all").waitFor();
		await page.getByRole("button", { name: "Delete" }).click();
		await page.getByText("To keep the account for later").waitFor();
		await page.getByRole("dialog").getByRole("button", { name: "Delete" }).click();
		await page.getByRole("heading", { level: 1, name: "Users" }).waitFor();
		assert.equal((await parley.ask("GET", `/RI/rci/users/${person.id}`)).status, 404);
		assert.deepEqual(trouble, []);
	},
);

test("an API token is shown once, works, warns before its end and is deleted", { skip }, async (t) => {
	const { parley, page, trouble } = await openApp(t);
	const soon = new Date(Date.now() + 3 * 86_400_000).toISOString();
	await parley.call("POST", "/RI/rci/apiTokens", { name: "Old export", expiresAt: soon });
	await signIn(page, parley.origin);
	await page.goto(`${parley.origin}/apiTokens`);
	await page.getByText("One API token ends within 30 days.").waitFor();
	await page.getByText("Ends within 7 days").waitFor();
	await page.getByRole("button", { name: "Make API token" }).click();
	const form = page.getByRole("dialog");
	await form.getByLabel("Name").fill("New export");
	await choose(page, "Ends after", "365 days");
	await demandAccessible(page, "the form of an API token");
	await form.getByRole("button", { name: "Make API token" }).click();
	const token = await page.getByRole("textbox", { name: "API token" }).inputValue();
	await page.getByText(`curl -H "Authorization: Bearer ${token}"`).waitFor();
	const answer = await fetch(`${parley.origin}/RI/rci/me`, { headers: { authorization: `Bearer ${token}` } });
	assert.equal(((await answer.json()) as { login: string }).login, administrator.login);
	await page.getByRole("button", { name: "I have kept it" }).click();
	assert.equal(await page.getByText(token).count(), 0);
	await page.getByRole("button", { name: "Delete New export" }).click();
	await page.getByText("is refused at once").waitFor();
	await page.getByRole("dialog").getByRole("button", { name: "Delete" }).click();
	await page.getByRole("button", { name: "Delete New export" }).waitFor({ state: "detached" });
	const refused = await fetch(`${parley.origin}/RI/rci/me`, { headers: { authorization: `Bearer ${token}` } });
	assert.equal(refused.status, 401);
	assert.deepEqual(trouble, []);
});

test("every screen is accessible in light and dark, and fits a narrow window", { skip }, async (t) => {
	const { parley, page, trouble } = await openApp(t);
	const [service] = await sampleServices(parley);
	const person = await makePerson(parley, "reused", [
		{ objectType: "messagingService", objectId: service.id, access: ["view", "use"] },
		{ objectType: "user", objectId: null, access: ["delete"] },
	]);
	const make = (path: string, name: string) => parley.call<Named>("POST", `/RI/rci/${path}`, { name });
	const [group, role] = [await make("userGroups", "Night shift"), await make("roles", "Night watch")];
	await parley.call("POST", `/RI/rci/userGroups/${group.id}/users`, { id: person.id });
	await parley.call("POST", `/RI/rci/userGroups/${group.id}/roles`, { id: role.id });
	await make("apiTokens", "Export");
	const tabs = (path: string, names: readonly string[]) => names.map((name) => `${path}?tab=${name}`);
	const screens = [
		"/users",
		"/users/new",
		"/users/new?external=1",
		...tabs(`/users/${person.id}`, ["basics", "authentication", "groups", "rights", "tokens"]),
		"/userGroups",
		"/userGroups/new",
		...tabs(`/userGroups/${group.id}`, ["basics", "members", "roles", "rights"]),
		"/roles",
		...tabs(`/roles/${role.id}`, ["members", "rights"]),
		"/apiTokens",
	];
	await signIn(page, parley.origin);
	for (const screen of screens) {
		await page.setViewportSize({ width: 1280, height: 900 });
		await page.goto(`${parley.origin}${screen}`);
		await page.getByRole("heading", { level: 1 }).waitFor();
		await page.getByRole("status", { name: "Loading" }).first().waitFor({ state: "hidden" });
		await demandAccessibleInBoth(page, screen);
		await page.setViewportSize({ width: 360, height: 740 });
		await until(async () => (await isWithin(page)) || undefined, `${screen} fits 360 px`);
		await demandNoSidewaysScroll(page, screen);
	}
	assert.deepEqual(trouble, []);
});

/** After a change of width the layout needs a moment. */
function isWithin(page: Page): Promise<boolean> {
	return page.evaluate<boolean>("document.documentElement.scrollWidth <= document.documentElement.clientWidth");
}
