// Message explorer and message page in a real browser, with traffic of a simulated provider: found, followed live, told from
// the request to the receipt, sent again; hostile texts stay texts; and what a person without rights sees.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Page } from "playwright-core";
import {
	demandAccessible,
	demandAccessibleInBoth,
	demandNoSidewaysScroll,
	skipWithoutChromium,
	withBuiltWeb,
} from "#test/browser.ts";
import { messages, until, untilState } from "#test/parley.ts";
import { contactWrites, makeHeld, openTraffic, signInWith, type Traffic, weWrite } from "#test/traffic.ts";

const skip = skipWithoutChromium;
const hostile = "Hi <img src=x onerror=\"document.title='owned'\"> \u202Egnorw 👋";
const png = Buffer.from(
	"iVBORw0KGgoAAAANSUhEUgAAAAoAAAAKCAYAAACNMs+9AAAAFUlEQVR42mNk+M9Qz0AEYBxVSF+FABJADveWkH6oAAAAAElFTkSuQmCC",
	"base64",
);

withBuiltWeb();

async function open(page: Page, { parley }: Pick<Traffic, "parley">, path: string, title: string): Promise<void> {
	await page.goto(parley.origin + path);
	await page.getByRole("heading", { level: 1, name: title }).waitFor();
}

/** What the messages of the list say, in the order of the screen. */
function textsOn(page: Page): Promise<string[]> {
	return page.locator("tbody td[data-label=Text] a").allTextContents();
}

test("by keyboard: a message is found by a word, opened, and told from request to match", { skip }, async (t) => {
	const scene = await openTraffic(t, "whatsapp");
	const { page, trouble } = scene;
	await contactWrites(scene, "Where is my parcel?");
	await contactWrites(scene, "Thank you");
	await page.getByRole("heading", { level: 1 }).waitFor();
	await page.keyboard.press("/");
	await page.keyboard.type("parcel");
	await page.keyboard.press("Enter");
	const link = page.getByRole("link", { name: "Where is my parcel?" });
	await link.waitFor();
	await until(async () => ((await textsOn(page)).length === 1 ? true : undefined), "only what fits is listed");
	await demandAccessibleInBoth(page, "the message explorer");
	await link.focus();
	await page.keyboard.press("Enter");
	await page.getByText("It starts a new conversation").waitFor();
	await page.getByRole("paragraph").filter({ hasText: "The contact writes for the first time." }).waitFor();
	await page.getByText("The provider's request came in and proved who it is from").waitFor();
	await page.getByText("There was none to continue or to reopen.").waitFor();
	const first = page.getByRole("list", { name: "What happened" }).locator("summary").first();
	await first.focus();
	await page.keyboard.press("Enter");
	await page.getByText("remoteAddress").waitFor();
	await page.getByRole("button", { name: "Show the raw request" }).focus();
	await page.keyboard.press("Enter");
	const raw = page.getByRole("region", { name: "Raw request" });
	await raw.getByText(/POST .*\/sms\/whatsapp\//).waitFor();
	await demandAccessibleInBoth(page, "one message");
	assert.deepEqual(trouble, []);
});

test("an id that is one message leads straight to it; a number leads to a list", { skip }, async (t) => {
	const scene = await openTraffic(t, "whatsapp");
	const { page, trouble } = scene;
	const { id, remoteIds } = await contactWrites(scene, "Hello");
	for (const find of [id, id.toLowerCase(), remoteIds[0] ?? ""]) {
		await page.goto(`${scene.parley.origin}/messages?find=${encodeURIComponent(find)}`);
		await page.waitForURL(`**/messages/${id}`);
		await page.getByRole("heading", { level: 1, name: "Message" }).waitFor();
	}
	await open(page, scene, `/messages?find=${encodeURIComponent(scene.simulator.somebody)}`, "Message explorer");
	await page.getByRole("link", { name: "Hello" }).waitFor();
	await open(page, scene, "/messages?find=nothing+like+it", "Message explorer");
	await page.getByRole("heading", { name: "No message fits" }).waitFor();
	assert.deepEqual(trouble, []);
});

test(
	"new messages are told and move nothing; states change where they stand; filters live in the address",
	{ skip },
	async (t) => {
		const scene = await openTraffic(t, "whatsapp");
		const { page, parley, trouble } = scene;
		await open(page, scene, "/messages", "Message explorer");
		await page.getByRole("heading", { name: "No messages yet" }).waitFor();
		await demandAccessible(page, "the empty explorer");
		await contactWrites(scene, "one");
		await page.getByRole("link", { name: "one", exact: true }).waitFor();
		await page.getByRole("table").getByText("In its conversation").waitFor();
		await contactWrites(scene, "two");
		const news = page.getByRole("button", { name: "Show 1 new message" });
		await news.waitFor();
		assert.deepEqual(await textsOn(page), ["one"]);
		await news.click();
		await page.getByRole("link", { name: "two", exact: true }).waitFor();
		assert.deepEqual(await textsOn(page), ["two", "one"]);
		const { id } = await weWrite(scene, "an answer");
		await page.getByRole("button", { name: /Show \d new message/ }).click();
		await untilState(parley, id, "read");
		await page
			.getByRole("row", { name: /an answer/ })
			.getByText("Read", { exact: true })
			.waitFor();

		await page.getByRole("combobox", { name: "Direction" }).click();
		await page.getByRole("option", { name: "Outgoing" }).click();
		await page.waitForURL("**/messages?direction=out");
		await page.getByRole("link", { name: "two", exact: true }).waitFor({ state: "detached" });
		await page.reload();
		await page.getByRole("link", { name: "an answer" }).waitFor();
		assert.deepEqual(await textsOn(page), ["an answer"]);
		await open(page, scene, "/messages?state=lost", "Message explorer");
		await page.getByRole("main").getByRole("alert").waitFor();
		assert.deepEqual(trouble, []);
	},
);

test(
	"a hostile text is a text; a picture is looked at on demand; the conversation is beside it",
	{ skip },
	async (t) => {
		const scene = await openTraffic(t, "whatsapp");
		const { page, parley, simulator, service, trouble } = scene;
		const { id, conversation } = await contactWrites(scene, hostile);
		const picture = simulator.hostFile({ bytes: png, contentType: "image/png" });
		await contactWrites(scene, "Look", [picture]);
		const kept = await until(async () => {
			const [found] = await parley.call<{ id: string; attachments: { state?: string }[] }[]>(
				"GET",
				`/RI/cmi/messages?service=${service}&limit=1`,
			);
			return found?.attachments[0]?.state === "kept" ? found : undefined;
		}, "the picture is kept");
		await open(page, scene, `/messages/${id}`, "Message");
		await page.getByText(hostile.slice(0, 20)).first().waitFor();
		await page.getByText("It starts a new conversation").waitFor();
		assert.match(await page.title(), /^Message/, "nothing of the text was run");
		assert.equal(await page.locator("main img").count(), 0);
		assert.equal(await page.locator(".chat-text").textContent(), hostile);

		await page.getByRole("list").getByRole("link", { name: "Look" }).click();
		await page.waitForURL(`**/messages/${kept.id}`);
		await page.getByRole("button", { name: /^Look at/ }).click();
		await until(
			async () =>
				(await page.evaluate<number>("document.querySelector('main img')?.naturalWidth ?? 0")) === 10
					? true
					: undefined,
			"the picture is drawn",
		);
		const saving = page.waitForEvent("download");
		await page.getByRole("button", { name: /^Save/ }).click();
		assert.match((await saving).suggestedFilename(), /\.png$/);
		await demandAccessible(page, "a message with a picture");
		await page.getByRole("link", { name: "The whole conversation" }).first().click();
		await page.waitForURL(`**/messages?conversation=${conversation ?? ""}`);
		await page.getByRole("button", { name: "One conversation only" }).click();
		await page.waitForURL("**/messages");
		assert.deepEqual(trouble, []);
	},
);

test(
	"what the provider refused tells why and the next step; what nobody knows is sent again after a question",
	{ skip },
	async (t) => {
		const scene = await openTraffic(t, "whatsapp");
		const { page, parley, simulator, trouble } = scene;
		await contactWrites(scene, "hi");
		const error = { error: { code: 131_026, message: "Message undeliverable" } };
		simulator.script = [{ kind: "answer", status: 400, body: JSON.stringify(error) }];
		const refused = await weWrite(scene, "Does this reach you?");
		await untilState(parley, refused.id, "failed");
		await open(page, scene, `/messages/${refused.id}`, "Message");
		await page.getByText("What is wrong: recipient").waitFor();
		await page.getByText(/This address cannot be reached\./).waitFor();
		await page.getByText("The provider refused it for good").waitFor();
		await page.getByText(/^POST .* → 400, \d+ ms$/).waitFor();

		const held = await makeHeld(scene, "Is it there?");
		await open(page, scene, `/messages/${held.id}`, "Message");
		await page.getByRole("button", { name: "Send again" }).click();
		const question = page.getByRole("dialog", { name: "Send again" });
		await question.getByText(/may get it twice/).waitFor();
		await demandAccessibleInBoth(page, "the question before sending again");
		await question.getByRole("button", { name: "Send again" }).click();
		await untilState(parley, held.id, "sent");
		await page.getByText(/^It may have reached the contact twice/).waitFor();
		await page
			.getByText("Somebody had it tried again")
			.or(page.getByText("State: Held for a person → Queued"))
			.first()
			.waitFor();
		await page.getByRole("heading", { name: "It waits for a person" }).waitFor({ state: "detached" });
		assert.deepEqual(trouble, []);
	},
);

test(
	"who may send but not read the history sees no raw request; who may neither sees no menu entry",
	{ skip },
	async (t) => {
		const scene = await openTraffic(t, "whatsapp");
		const { id } = await contactWrites(scene, "Hello");
		const held = await makeHeld(scene, "Is it there?");
		const agent = await signInWith(t, scene, ["messaging"]);
		await agent.page.getByRole("link", { name: "Message explorer" }).waitFor();
		assert.equal(await agent.page.getByRole("link", { name: "Parked" }).count(), 0);
		await open(agent.page, scene, "/messages", "Message explorer");
		await agent.page.getByRole("link", { name: "Hello" }).waitFor();
		assert.equal(await agent.page.getByRole("combobox", { name: "Messaging service" }).count(), 0);
		await open(agent.page, scene, `/messages/${id}`, "Message");
		await agent.page.getByText("It starts a new conversation").waitFor();
		assert.equal(await agent.page.getByRole("button", { name: "Show the raw request" }).count(), 0);
		await open(agent.page, scene, `/messages/${held.id}`, "Message");
		await agent.page.getByText(/^Somebody with the right Manage Contact History/).waitFor();
		assert.equal(await agent.page.getByRole("button", { name: "Send again" }).count(), 0);
		assert.deepEqual(agent.trouble, []);
	},
);

test(
	"without rights on messages there is no menu entry, and the addresses say what is missing",
	{ skip },
	async (t) => {
		const scene = await openTraffic(t, "whatsapp");
		const { id } = await contactWrites(scene, "Hello");
		const { page, trouble } = await signInWith(t, scene, ["view"]);
		await page.getByRole("link", { name: "Messaging Services", exact: true }).first().waitFor();
		for (const name of ["Message explorer", "Quarantine", "Parked", "Audit log"]) {
			assert.equal(await page.getByRole("link", { name, exact: true }).count(), 0, name);
		}
		assert.equal(await page.getByRole("searchbox").count(), 0);
		for (const path of ["/messages", "/quarantine", "/parked", "/audit"]) {
			await page.goto(scene.parley.origin + path);
			await page.getByRole("heading", { name: "You have no right to see this" }).waitFor();
			assert.equal(await page.getByRole("table").count(), 0, path);
		}
		await demandAccessible(page, "a screen without rights");
		await page.goto(`${scene.parley.origin}/messages/${id}`);
		await page.getByRole("main").getByRole("alert").waitFor();
		assert.doesNotMatch(await page.getByRole("main").innerText(), /Hello/);
		assert.deepEqual(trouble, []);
	},
);

test(
	"many messages: the next page is asked for, and the list stays quick and upright on a narrow screen",
	{ skip },
	async (t) => {
		const scene = await openTraffic(t, "whatsapp", { viewport: { width: 360, height: 740 } });
		const { page, parley, service, trouble } = scene;
		await contactWrites(scene, "hi");
		scene.simulator.manners = { ...scene.simulator.manners, receipts: [] };
		await Promise.all(Array.from({ length: 130 }, (_, index) => weWrite(scene, `Number ${index}`)));
		await open(page, scene, "/messages", "Message explorer");
		await page.getByText("100 entries.").waitFor();
		assert.ok((await textsOn(page)).length < 100, "only what is in view is drawn");
		await page.getByRole("button", { name: "Show more" }).click();
		await page.getByText("131 entries.").waitFor();
		const [some] = await messages(parley, `service=${service}`);
		for (const path of ["/messages", `/messages/${some?.id ?? ""}`, "/quarantine", "/parked", "/audit"]) {
			await page.goto(parley.origin + path);
			await page.getByRole("heading", { level: 1 }).waitFor();
			await page.locator(".mantine-Skeleton-root").first().waitFor({ state: "detached" });
			await demandNoSidewaysScroll(page, path);
		}
		assert.deepEqual(trouble, []);
	},
);

test(
	"the sandbox: a contact writes, one answers, and the answer's receipts and the contact's own come in live",
	{ skip },
	async (t) => {
		const scene = await openTraffic(t, "whatsapp");
		const { page, parley, trouble } = scene;
		const { services } = await parley.call<{ services: { serviceId: string }[] }>("POST", "/RI/rci/sandbox", {
			types: ["twilio"],
		});
		const service = services[0]?.serviceId ?? "";
		await parley.call("POST", "/RI/rci/sandbox/messages", { service, text: hostile });
		await until(async () => (await messages(parley, `service=${service}&state=matched`))[0], "it is matched");
		await page.goto(`${parley.origin}/`);
		await page.getByLabel(/^Answer /).fill("We are on it.");
		await page.getByRole("button", { name: "Answer" }).click();
		await page
			.getByRole("listitem")
			.filter({ hasText: "We are on it." })
			.getByRole("link", { name: /delivered|read/i })
			.waitFor();
		await demandAccessible(page, "the start page with the sandbox");
		await page.locator(".chat-in").nth(1).waitFor();
		assert.deepEqual(trouble, []);
	},
);
