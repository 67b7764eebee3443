// Every type of messaging service in a real browser, from nothing to a green check: the form is filled for a simulated account
// as a person would, the provider calls in at the address that the page shows, and the check finds nothing wrong.

import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import type { Locator, Page } from "playwright-core";
import { systemClock } from "#platform/clock.ts";
import type { Simulator } from "#simulators/simulator.ts";
import { simulators } from "#simulators/simulators.ts";
import { openBrowser, openPage, signIn, skipWithoutChromium, withBuiltWeb } from "#test/browser.ts";
import { startParley } from "#test/parley.ts";
import { seededRandom } from "#test/scene.ts";

const skip = skipWithoutChromium;
withBuiltWeb();

type Rule = {
	idLabel: string;
	secretLabel: string;
	idExample: string;
	idParts: { label: string }[] | null;
	schema: { properties: { authenticationId: { pattern: string } } };
};
type Type = {
	type: string;
	label: string;
	inboundProof: string;
	localHttpAuthentication: string;
	fields: {
		serviceConnection: { title: string };
		authenticationUrl: { title: string } | null;
		settings: { properties: Readonly<Record<string, { title: string; type?: string; enum?: unknown }>> };
	};
	authentications: Rule[];
};

type Credentials = { login: string; password: string };

const field = (place: Page | Locator, name: string) => place.getByRole("textbox", { name, exact: true });
const press = (place: Page | Locator, name: string) => place.getByRole("button", { name, exact: true }).click();

async function simulate(t: TestContext, type: string): Promise<Simulator> {
	const run = simulators[type];
	assert.ok(run, `${type} has a simulator`);
	const simulator = await run({ clock: systemClock, random: seededRandom(17) });
	t.after(() => simulator.close());
	return simulator;
}

function isLiteral({ schema, idExample }: Rule): boolean {
	return schema.properties.authenticationId.pattern === `^${idExample}$`;
}

/** The kind of authentication that an Authentication ID belongs to. */
function ruleOf({ authentications }: Type, id: string): Rule {
	const fits = ({ schema }: Rule) => new RegExp(schema.properties.authenticationId.pattern, "u").test(id);
	const rule =
		authentications.find((one) => isLiteral(one) && one.idExample === id) ??
		authentications.find((one) => !isLiteral(one) && fits(one));
	assert.ok(rule, `there is a rule for ${id}`);
	return rule;
}

async function entryAt(page: Page, rule: Rule, number: number): Promise<Locator> {
	const title = isLiteral(rule) ? rule.secretLabel : rule.idLabel;
	const group = page.getByRole("group", { name: isLiteral(rule) ? title : `${title} ${number}`, exact: true });
	if ((await group.count()) === 0) {
		await press(page, `Add: ${title}`);
	}
	return group;
}

async function fillAuthentications(page: Page, type: Type, { account }: Simulator): Promise<void> {
	const counts = new Map<Rule, number>();
	for (const { authenticationId, password } of account.authentications) {
		const rule = ruleOf(type, authenticationId);
		const number = (counts.get(rule) ?? 0) + 1;
		counts.set(rule, number);
		const group = await entryAt(page, rule, number);
		if (!isLiteral(rule)) {
			// A whole id that is pasted into its first field is divided by the form.
			await field(group, rule.idParts?.[0]?.label ?? rule.idLabel).fill(authenticationId);
		}
		await group.getByLabel(rule.secretLabel, { exact: true }).fill(password);
	}
}

/** Of the settings only what the form cannot know: the account's own words. */
async function fillSettings(page: Page, { fields }: Type, { account }: Simulator): Promise<void> {
	for (const [key, value] of Object.entries(account.settings)) {
		const schema = fields.settings.properties[key];
		if (
			schema !== undefined &&
			!("enum" in schema || "oneOf" in schema || "anyOf" in schema) &&
			typeof value === "string"
		) {
			await field(page, schema.title).fill(value);
		}
	}
}

async function fillForm(page: Page, type: Type, simulator: Simulator): Promise<void> {
	await page.getByRole("link", { name: type.label }).click();
	await field(page, "Name").fill(`Our ${type.label}`);
	await field(page, type.fields.serviceConnection.title).fill(simulator.account.serviceConnection);
	if (simulator.account.authenticationUrl !== undefined && type.fields.authenticationUrl !== null) {
		await field(page, type.fields.authenticationUrl.title).fill(simulator.account.authenticationUrl);
	}
	await fillSettings(page, type, simulator);
	await fillAuthentications(page, type, simulator);
	await press(page, "Save and go on");
	await page.waitForURL(/step=incoming/);
}

/** Where the type asks for a user to call in as, one is made; its password is shown this once. */
async function letIn(page: Page, { localHttpAuthentication }: Type): Promise<Credentials | undefined> {
	if (localHttpAuthentication !== "required") {
		return undefined;
	}
	await press(page, "Let a user call in …");
	await press(page.getByRole("dialog"), "Make the user");
	const dialog = page.getByRole("dialog");
	await dialog.getByText("Enter both at the provider now.").waitFor();
	const [login, password] = [field(dialog, "Logon Name"), field(dialog, "Password")];
	const user = { login: await login.inputValue(), password: await password.inputValue() };
	await press(dialog, "I have kept it");
	return user;
}

/** The provider is told the address that the page shows, somebody writes, and the light turns. */
async function letProviderCall(page: Page, type: Type, simulator: Simulator, user?: Credentials): Promise<void> {
	if (type.inboundProof !== "line") {
		const shown = await page.getByRole("textbox", { name: /^URL \(.*POST/ }).all();
		const urls = await Promise.all(shown.map((one) => one.inputValue()));
		simulator.pointAt(urls.find((url) => !url.includes("?")) ?? assert.fail("no address to enter"), user);
		const light = page.getByRole("status").filter({ hasText: /provider|call/i });
		const { status } = await simulator.contactWrites({ from: simulator.somebody, text: "Hello" });
		assert.ok(status === 200 || status === 202, `the call was answered with ${status}`);
		await light.getByText("The provider called, and the call is genuine").waitFor();
	}
}

async function demandGreen(page: Page): Promise<void> {
	const progress = page.getByRole("region", { name: "Progress of the check" });
	await progress.getByRole("button", { name: "Copy for support" }).waitFor();
	assert.match(await progress.innerText(), /All is well: \d+ steps passed\.|It works\. Have a look at one thing/);
	await press(page, "Done");
	await page.waitForURL(/\/services\/[A-F0-9]{32}$/);
	await page.getByText("Ready", { exact: true }).first().waitFor();
}

async function open(t: TestContext) {
	const parley = await startParley(t);
	const watched = await openPage(await openBrowser(t));
	await signIn(watched.page, parley.origin);
	return { parley, types: await parley.call<Type[]>("GET", "/RI/rci/messagingServiceTypes"), ...watched };
}

test("every type is added from nothing to a green check, with its provider calling in", { skip }, async (t) => {
	const { parley, page, types, trouble } = await open(t);
	assert.ok(types.length > 9);
	for (const type of types) {
		await t.test(type.label, async (within) => {
			const simulator = await simulate(within, type.type);
			await page.goto(`${parley.origin}/services/new`);
			await fillForm(page, type, simulator);
			const user = await letIn(page, type);
			await press(page, "Go on");
			await page.waitForURL(/step=webhook/);
			await letProviderCall(page, type, simulator, user);
			await press(page, "Go on");
			await page.waitForURL(/step=check/);
			await demandGreen(page);
		});
	}
	assert.deepEqual(trouble, []);
});
