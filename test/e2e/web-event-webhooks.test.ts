// Event webhooks in a real browser against a receiver that listens: from an empty list to a test that arrived, wrong entries
// told at their field, a delivery that was given up and is sent again, and the same screen for who may only look, or not at all.

import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";
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
import { type Api, startParley, until } from "#test/parley.ts";
import { peer } from "#test/peers.ts";
import { makeViewer } from "#test/viewers.ts";

const skip = skipWithoutChromium;

withBuiltWeb();

type Came = { headers: IncomingHttpHeaders; body: string };
type Receiver = { url: string; came: Came[]; answers(status: number, text?: string): void };

/** Answers 204 until the test says otherwise. */
async function receiver(t: TestContext): Promise<Receiver> {
	const came: Came[] = [];
	let next = { status: 204, text: "" };
	const { port } = await peer(t, ({ headers }, response, body) => {
		came.push({ headers, body });
		response.writeHead(next.status).end(next.text);
	});
	return {
		url: `http://127.0.0.1:${port}/events`,
		came,
		answers: (status, text = "") => {
			next = { status, text };
		},
	};
}

async function openApp(t: TestContext, options: Parameters<typeof openPage>[1] = {}) {
	const parley = await startParley(t);
	const browser = await openBrowser(t);
	return { parley, browser, ...(await openPage(browser, options)) };
}

function signatureOf({ headers, body }: Came, secret: string): string {
	const key = Buffer.from(secret.replace("whsec_", ""), "base64");
	const signed = `${String(headers["webhook-id"])}.${String(headers["webhook-timestamp"])}.${body}`;
	return `v1,${createHmac("sha256", key).update(signed).digest("base64")}`;
}

const isMarked = (page: Page, label: string) =>
	page.getByLabel(label, { exact: true }).and(page.locator("[aria-invalid=true]")).waitFor();

async function addHook({ call }: Api, name: string, url: string, events: readonly string[]): Promise<string> {
	const { id } = await call<{ id: string }>("POST", "/RI/cmi/subscriptions", { name, url, events });
	return id;
}

/** A contact of the sandbox writes. */
async function somebodyWrites({ call }: Api): Promise<void> {
	const types = ["smshttp"];
	const { services } = await call<{ services: { serviceId: string }[] }>("POST", "/RI/rci/sandbox", { types });
	await call("POST", "/RI/rci/sandbox/messages", { service: services[0]?.serviceId, text: "Where is my parcel?" });
}

test("one is added, wrong entries are told at their field, and its test arrives signed", { skip }, async (t) => {
	const { parley, page, trouble } = await openApp(t);
	const hooks = await receiver(t);
	await signIn(page, parley.origin);
	await page.getByRole("link", { name: "Event webhooks", exact: true }).click();
	await page.getByRole("heading", { name: "No event webhooks yet" }).waitFor();
	await demandAccessibleInBoth(page, "an empty list");
	await page.getByRole("link", { name: "Add event webhook" }).first().click();

	const add = page.getByRole("button", { name: "Add event webhook" });
	await page.getByLabel("Address", { exact: true }).fill("crm.example.com/parley");
	await add.click();
	await isMarked(page, "Name");
	await page.getByLabel("Name", { exact: true }).fill("CRM");
	await add.click();
	const events = page.getByRole("group", { name: "Events", exact: true });
	await events.locator(".mantine-InputWrapper-error").waitFor();
	await page.getByRole("checkbox", { name: "Everything in Chats" }).check();
	await page.getByRole("checkbox", { name: /^Message received/ }).check();
	await add.click();
	await isMarked(page, "Address");
	await demandAccessibleInBoth(page, "a refused form");
	await page.getByLabel("Address", { exact: true }).fill(hooks.url);
	await page.getByRole("button", { name: "Add header" }).click();
	await page.getByLabel("Name of header 1").fill("webhook-id");
	await page.getByLabel("Value of header 1").fill("t0ken");
	await add.click();
	await isMarked(page, "Name of header 1");
	await page.getByLabel("Name of header 1").fill("X-Token");
	await add.click();

	const secret = await page.getByRole("textbox", { name: "Secret" }).inputValue();
	assert.match(secret, /^whsec_/);
	await demandAccessibleInBoth(page, "the secret that is shown once");
	await page.getByRole("button", { name: "I have kept it" }).click();
	await page.getByRole("heading", { level: 1, name: "CRM" }).waitFor();
	await page.getByText("No event yet", { exact: true }).waitFor();
	assert.equal(await page.getByText(secret).count(), 0);
	assert.equal(await page.getByLabel("Name of header 1").inputValue(), "X-Token");

	await page.getByRole("button", { name: "Send a test" }).click();
	await page.getByText("The receiver took the test.").waitFor();
	await page.getByText(/^Answered 204 after/).waitFor();
	const [came] = hooks.came;
	assert.ok(came !== undefined);
	assert.equal(came.headers["x-token"], "t0ken");
	assert.equal(came.headers["webhook-signature"], signatureOf(came, secret));
	await demandAccessibleInBoth(page, "an event webhook with a test");

	hooks.answers(500, "out of order");
	await page.getByRole("button", { name: "Send a test" }).click();
	await page.getByText("The receiver did not take the test.").waitFor();
	await page.getByRole("region", { name: "Beginning of the answer" }).getByText("out of order").waitFor();
	const [stored] = await parley.call<{ events: string[] }[]>("GET", "/RI/cmi/subscriptions");
	assert.equal(stored?.events.length, 9);
	assert.deepEqual(trouble, []);
});

test("what was given up is seen with its reason, and sent again", { skip }, async (t) => {
	const { parley, page, trouble } = await openApp(t);
	const hooks = await receiver(t);
	hooks.answers(410, "we have moved");
	await addHook(parley, "CRM", hooks.url, ["message.received"]);
	await somebodyWrites(parley);
	await signIn(page, parley.origin);
	await page.goto(`${parley.origin}/eventWebhooks`);
	await page.getByText("410 Gone").waitFor();
	await page.getByText("Disabled", { exact: true }).waitFor();
	await demandAccessibleInBoth(page, "a list with one that is disabled");
	await page.getByRole("link", { name: "CRM" }).click();
	await page.getByRole("tab", { name: "Deliveries" }).click();
	const row = page.getByRole("row").filter({ hasText: "Message received" });
	await row.getByText("Given up").waitFor();
	await row.getByText(/^Answered 410/).waitFor();
	await page.getByText("Sending what was missed needs it to be enabled.").waitFor();
	await demandAccessibleInBoth(page, "the deliveries");
	await row.getByRole("button", { name: "Send again" }).click();
	await page.getByText("The subscription is disabled; enable it first.").waitFor();

	hooks.answers(204);
	await page.getByRole("button", { name: "Enable" }).click();
	await page.getByText("No event yet", { exact: true }).waitFor();
	await row.getByRole("link").click();
	await page.getByRole("heading", { level: 1, name: "Delivery" }).waitFor();
	await page.getByText("The last answer was 410.").waitFor();
	await page.getByText("we have moved").waitFor();
	await page.getByRole("button", { name: "Send again" }).click();
	await page.getByText("Delivered", { exact: true }).waitFor();
	await page.getByText(/^Answered 204 after/).waitFor();
	await demandAccessibleInBoth(page, "a delivery");
	const ids = hooks.came.map(({ headers }) => headers["webhook-id"]);
	assert.equal(new Set(ids).size, 1);
	assert.equal(ids.length, 2);

	await page.getByRole("link", { name: "CRM" }).click();
	assert.match(page.url(), /\?tab=deliveries$/);
	await page.getByText("Working", { exact: true }).waitFor();
	assert.deepEqual(trouble, []);
});

test("it is switched off, catches up from a time, gets another secret, and is deleted", { skip }, async (t) => {
	const { parley, page, trouble } = await openApp(t);
	const hooks = await receiver(t);
	const id = await addHook(parley, "CRM", hooks.url, ["message.received"]);
	await signIn(page, parley.origin);
	await page.goto(`${parley.origin}/eventWebhooks/${id}?tab=deliveries`);
	await page.getByRole("heading", { name: "Nothing was sent yet" }).waitFor();
	await page.getByRole("button", { name: "Disable" }).click();
	await demandAccessible(page, "the question before disabling");
	await page.getByRole("dialog").getByRole("button", { name: "Disable" }).click();
	await page.getByText("Somebody disabled it.").waitFor();
	await somebodyWrites(parley);
	await until(
		async () => ((await parley.call<unknown[]>("GET", "/RI/cmi/messages")).length > 0 ? true : undefined),
		"the message",
	);
	await page.getByRole("button", { name: "Enable" }).click();
	await page.getByRole("button", { name: "Send what was missed" }).click();
	const dialog = page.getByRole("dialog");
	await dialog.getByLabel("Since").fill("2999-01-01T00:00");
	await dialog.getByRole("button", { name: "Send what was missed" }).click();
	await dialog.getByLabel("Since").and(page.locator("[aria-invalid=true]")).waitFor();
	await demandAccessible(page, "a time that lies ahead");
	await dialog.getByLabel("Since").fill("2020-01-01T00:00");
	await dialog.getByRole("button", { name: "Send what was missed" }).click();
	await page.getByRole("row").filter({ hasText: "Message received" }).getByText("Delivered").waitFor();
	assert.equal(hooks.came.length, 1);

	await page.getByRole("tab", { name: "Settings" }).click();
	await page.getByLabel("Name", { exact: true }).fill("CRM of the sales department");
	await page.getByRole("tab", { name: "Secret" }).click();
	await page.getByRole("button", { name: "Make a new secret" }).click();
	await page.getByRole("dialog").getByRole("button", { name: "Make a new secret" }).click();
	const secret = await page.getByRole("textbox", { name: "Secret" }).inputValue();
	await page.getByText("The secret before signs as well, until").waitFor();
	await page.getByRole("button", { name: "I have kept it" }).click();
	await page.getByRole("button", { name: "Send a test" }).click();
	await page.getByText("The receiver took the test.").waitFor();
	const last = hooks.came.at(-1);
	assert.ok(last !== undefined);
	const signatures = String(last.headers["webhook-signature"]).split(" ");
	assert.equal(signatures.length, 2);
	assert.ok(signatures.includes(signatureOf(last, secret)));

	// What was typed before the rotation is not lost to it.
	await page.getByRole("tab", { name: "Settings" }).click();
	await page.getByRole("button", { name: "Save" }).click();
	await page.getByRole("heading", { level: 1, name: "CRM of the sales department" }).waitFor();

	await page.getByRole("button", { name: "Delete" }).click();
	await page.getByRole("dialog").getByRole("button", { name: "Delete" }).click();
	await page.getByRole("heading", { name: "No event webhooks yet" }).waitFor();
	assert.deepEqual(await parley.call("GET", "/RI/cmi/subscriptions"), []);
	assert.deepEqual(trouble, []);
});

test("who may only look is told so, and a stranger finds nothing of it", { skip }, async (t) => {
	const { parley, browser, page, trouble } = await openApp(t);
	const hooks = await receiver(t);
	hooks.answers(410);
	const id = await addHook(parley, "CRM", hooks.url, ["message.received"]);
	await somebodyWrites(parley);
	const viewer = await makeViewer(parley, [{ objectType: "eventSubscription", objectId: null, access: ["view"] }]);
	await signIn(page, parley.origin, viewer);
	await page.getByRole("link", { name: "Event webhooks", exact: true }).click();
	await page.getByRole("link", { name: "CRM" }).click();
	await page.getByText(/^You may look at this, not change it: changing it needs Modify/).waitFor();
	assert.equal(await page.getByLabel("Name", { exact: true }).getAttribute("readonly"), "");
	await page.getByRole("checkbox", { name: "Everything in Chats" }).click();
	assert.equal(await page.getByRole("checkbox", { name: "Everything in Chats" }).isChecked(), false);
	await demandAccessible(page, "what one may only look at");
	await page.getByRole("tab", { name: "Deliveries" }).click();
	await page.getByRole("row").filter({ hasText: "Message received" }).getByText("Given up").waitFor();
	for (const verb of ["Send a test", "Enable", "Delete", "Save", "Send again", "Send what was missed"]) {
		assert.equal(await page.getByRole("button", { name: verb, exact: true }).count(), 0, verb);
	}
	await page.getByRole("tab", { name: "Secret" }).click();
	const secret = page.getByRole("region", { name: "Secret" });
	await secret.getByText(/takes the right Modify on this event subscription/).waitFor();
	assert.equal(await page.getByRole("button", { name: "Make a new secret" }).count(), 0);

	const { id: strangerId } = await parley.call<{ id: string }>("POST", "/RI/rci/users", {
		firstName: "Sam",
		surname: "Stranger",
		login: "sam",
		password: viewer.password,
	});
	const rights = [{ objectType: "queue", objectId: null, access: ["view"] }];
	await parley.call("PUT", `/RI/rci/users/${strangerId}/rights`, rights);
	const stranger = await openPage(browser);
	await signIn(stranger.page, parley.origin, { login: "sam", password: viewer.password });
	await stranger.page.getByRole("link", { name: "Queues", exact: true }).waitFor();
	assert.equal(await stranger.page.getByRole("link", { name: "Event webhooks" }).count(), 0);
	for (const path of ["/eventWebhooks", `/eventWebhooks/${id}`, "/eventWebhooks/new"]) {
		await stranger.page.goto(parley.origin + path);
		await stranger.page.getByRole("heading", { name: "You have no right to see this" }).waitFor();
	}
	assert.deepEqual([...trouble, ...stranger.trouble], []);
});

test("all of it fits at 360 pixels, and is there in German", { skip }, async (t) => {
	const { parley, page, trouble } = await openApp(t, { viewport: { width: 360, height: 740 } });
	const hooks = await receiver(t);
	hooks.answers(503, "<b>down for maintenance</b>");
	const name = "A customer relations programme of a very long name";
	const id = await addHook(parley, name, `${hooks.url}/${"long".repeat(30)}`, ["message.received", "chat.ended"]);
	await somebodyWrites(parley);
	const [delivery] = await until(async () => {
		const found = await parley.call<{ id: string; attempts: { status: number | null }[] }[]>(
			"GET",
			`/RI/cmi/subscriptions/${id}/deliveries`,
		);
		return found[0]?.attempts[0]?.status === 503 ? found : undefined;
	}, "the first try");
	await signIn(page, parley.origin);
	const one = `/eventWebhooks/${id}`;
	const paths = ["", "/new", `/${id}`, `/${id}?tab=secret`, `/${id}?tab=deliveries`];
	for (const path of [...paths.map((end) => `/eventWebhooks${end}`), `${one}/deliveries/${delivery?.id}`]) {
		await page.goto(parley.origin + path);
		await page.getByRole("heading", { level: 1 }).waitFor();
		await page.getByRole("status", { name: "Loading" }).waitFor({ state: "detached" });
		await demandNoSidewaysScroll(page, path);
		await demandAccessible(page, path);
	}
	await page.getByText("<b>down for maintenance</b>").first().waitFor();
	await page.goto(parley.origin + one);
	await page.getByText("Waiting", { exact: true }).first().waitFor();
	await page.getByText(/one event waits and is tried again/).waitFor();
	await page.evaluate(`localStorage.setItem("parley.language", "de")`);
	await page.goto(`${parley.origin}${one}?tab=deliveries`);
	await page.getByRole("button", { name: "Nachsenden, was fehlt" }).waitFor();
	await demandNoSidewaysScroll(page, "the deliveries in German");
	assert.deepEqual(trouble, []);
});
