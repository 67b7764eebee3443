// The contact beside a chat, in a real browser: what they said about our messages, entered by who was told; and two contacts
// that are one person, previewed, merged and given back.

import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import type { Locator, Page } from "playwright-core";
import {
	demandAccessible,
	demandAccessibleInBoth,
	demandNoSidewaysScroll,
	openBrowser,
	openPage,
	skipWithoutChromium,
	withBuiltWeb,
} from "#test/browser.ts";
import { addPerson, apiAt, type Person } from "#test/chat-scene.ts";
import { type ProviderStage, providerStage } from "#test/chat-provider.ts";
import { becomeReady, sitDown, transcriptOf } from "#test/desk-scene.ts";
import { until } from "#test/parley.ts";

const skip = skipWithoutChromium;

withBuiltWeb();

const [mobile, office] = ["+4915110000001", "+4915110000002"];

type Scene = ProviderStage & { page: Page; trouble: string[]; card: Locator; mia: Person };

/** `Mia` may manage contact history and consents, unless told otherwise. */
async function openDesk(t: TestContext, access: readonly object[] = all): Promise<Scene> {
	const scene = await providerStage(t, "twilio");
	const { stage } = scene;
	const serve = { objectType: "queue", objectId: stage.queueId, access: ["serve"] };
	const rights = [serve, ...access] as Parameters<typeof addPerson>[2];
	const { page, trouble } = await openPage(await openBrowser(t), { viewport: { width: 1400, height: 900 } });
	const mia = await addPerson(stage, "mia", rights);
	await sitDown(page, stage.origin, mia);
	await becomeReady(page);
	const card = page.getByRole("region", { name: "Contact", exact: true });
	return { ...scene, page, trouble, card, mia };
}

const all = [
	{ objectType: "messagingService", objectId: null, access: ["manageContactHistory"] },
	{ objectType: "customerConsent", objectId: null, access: ["view", "create"] },
];

async function talk({ simulator, page }: Scene, from: string, text: string): Promise<void> {
	await simulator.contactWrites({ from, text });
	await page.getByRole("button", { name: `Accept ${from}` }).click();
	await transcriptOf(page).getByText(text).waitFor();
}

/** By the keyboard alone, up to the preview. */
async function findOther({ page, card }: Scene, words: string): Promise<Locator> {
	await card.getByRole("button", { name: "Merge with another contact" }).press("Enter");
	const dialog = page.getByRole("dialog", { name: "Merge with another contact" });
	await dialog.getByLabel("Name or address").fill(words);
	await page.keyboard.press("Enter");
	await dialog.getByText("One contact.").waitFor();
	await demandAccessible(page, "the contacts that were found");
	await dialog.getByRole("button", { name: new RegExp(`^\\${words}`) }).focus();
	await page.keyboard.press("Enter");
	await dialog.getByRole("heading", { name: "What would become of them" }).waitFor();
	return dialog;
}

test("two contacts are previewed, merged and given back, by keys", { skip }, async (t) => {
	const scene = await openDesk(t);
	const { page, card, trouble } = scene;
	await talk(scene, mobile, "From my mobile");
	await talk(scene, office, "From my office");
	const dialog = await findOther(scene, mobile);
	await dialog.getByText("Nothing is done yet.").waitFor();
	const outcome = dialog.getByRole("region", { name: "The merged contact" });
	await outcome.getByText(`Is called ${office}`).waitFor();
	await outcome.getByText(`From ${mobile} come: one conversation, one chat, one message.`).waitFor();
	await demandAccessibleInBoth(page, "the preview of a merge");
	await dialog.getByRole("radio", { name: `${mobile} (the other)` }).check();
	await outcome.getByText(`Is called ${mobile}`).waitFor();
	await dialog.getByRole("radio", { name: `${office} (of this chat)` }).check();
	await outcome.getByText(`Is called ${office}`).waitFor();
	assert.equal(await dialog.getByRole("button", { name: "Merge" }).isDisabled(), true, "a reason is asked");
	await dialog.getByLabel("Why they are one person").fill("She told me.");
	await dialog.getByRole("button", { name: "Merge" }).press("Enter");
	await dialog.waitFor({ state: "hidden" });
	await card.getByText(/^\+4915110000001 was merged into this contact by mia Agent .*: She told me\.$/).waitFor();
	await card.getByText(mobile, { exact: true }).waitFor();
	await page.getByRole("region", { name: "Earlier chats" }).getByRole("button").waitFor();
	await demandAccessibleInBoth(page, "a contact of two addresses");
	await card.getByRole("button", { name: "Undo this merge" }).press("Enter");
	const question = page.getByRole("dialog", { name: "Undo the merge" });
	await question.getByText(/go back with their conversations/).waitFor();
	await demandAccessible(page, "the question before an undo");
	await page.keyboard.press("Enter");
	await card.getByText(mobile, { exact: true }).waitFor({ state: "detached" });
	await until(async () => (await card.locator("h2:focus").count()) === 1 || undefined, "the focus is not lost");
	await page.getByText("None that you may see.").waitFor();
	assert.deepEqual(trouble, []);
});

test("what somebody else merged meanwhile is said and shown, and nothing is done twice", { skip }, async (t) => {
	const scene = await openDesk(t);
	const { page, card, stage, trouble } = scene;
	await talk(scene, mobile, "From my mobile");
	await talk(scene, office, "From my office");
	const dialog = await findOther(scene, mobile);
	await dialog.getByText(/^From .* come/).waitFor();
	type Listed = { id: string; addresses: { address: string }[] };
	const contacts = await stage.call<Listed[]>("GET", "/RI/cmi/contacts");
	const idOf = (address: string) => contacts.find((one) => one.addresses[0]?.address === address)?.id ?? "";
	const body = { with: idOf(mobile), reason: "the same voice" };
	await stage.call("POST", `/RI/cmi/contacts/${idOf(office)}/merges`, body);
	await dialog.getByLabel("Why they are one person").fill("She told me.");
	await dialog.getByRole("button", { name: "Merge" }).click();
	await page.getByRole("alert").getByText("The other is part of this contact already.").waitFor();
	await page.keyboard.press("Escape");
	await card.getByText(/merged into this contact by Ada Admin .*: the same voice$/).waitFor();
	await page.getByRole("region", { name: "Earlier chats" }).getByRole("button").waitFor();
	assert.deepEqual(trouble, []);
});

test("a refusal is told in a sentence, stands in the way, and is lifted by who was told", { skip }, async (t) => {
	const scene = await openDesk(t);
	const { page, card, simulator, trouble } = scene;
	await talk(scene, mobile, "Hello");
	await card.getByText("They said nothing about our messages yet.").waitFor();
	await simulator.contactWrites({ from: mobile, text: "STOP" });
	await card.getByText(/Does not want messages by twilio .* \(they wrote so, /).waitFor();
	await demandAccessibleInBoth(page, "a contact who wants no messages");
	await card.getByRole("button", { name: `Enter what they said: ${mobile}` }).press("Enter");
	const dialog = page.getByRole("dialog", { name: "What they said about our messages" });
	assert.equal(await dialog.getByRole("radio", { name: "want our messages", exact: true }).isChecked(), true);
	await demandAccessibleInBoth(page, "a consent that is entered");
	await dialog.getByLabel("Who told you, when and how").fill("Ann, by phone today");
	await page.keyboard.press("Enter");
	await dialog.waitFor({ state: "hidden" });
	await card.getByText(/Wants our messages \(entered by mia Agent, /).waitFor();
	await card.getByText("“Ann, by phone today”").first().waitFor();
	await card.getByText(/^Wants messages by twilio/).waitFor();
	await page.getByLabel("Your answer").fill("Thank you.");
	await page.keyboard.press("Enter");
	await until(() => simulator.taken.find(({ text }) => text === "Thank you."), "the answer goes out");
	assert.deepEqual(trouble, []);
});

test("who writes first to somebody who refused is told, and enters what they said since", { skip }, async (t) => {
	const scene = await openDesk(t);
	const { page, stage, mia, simulator, trouble } = scene;
	const refusal = { usage: "sms", address: mobile, state: "refused" };
	await apiAt(stage.origin, mia).call("POST", "/RI/cmi/customerConsents", refusal);
	await page.getByRole("button", { name: "New message" }).click();
	const form = page.getByRole("dialog", { name: "Write first" });
	await form.getByLabel("To").fill(mobile);
	await form.getByLabel("Message").fill("Your order is here.");
	await form.getByRole("button", { name: "Send" }).click();
	const told = form.getByRole("alert", { name: "The contact does not want messages on this channel." });
	await demandAccessibleInBoth(page, "a refusal beside what is written first");
	await told.getByRole("button", { name: "Enter what they said" }).click();
	const dialog = page.getByRole("dialog", { name: "What they said about our messages" });
	await dialog.getByLabel("Who told you, when and how").fill("Ann, at the counter");
	await dialog.getByRole("button", { name: "Enter", exact: true }).click();
	await dialog.waitFor({ state: "hidden" });
	await told.waitFor({ state: "detached" });
	assert.equal(simulator.taken.length, 0, "entering sends nothing");
	await form.getByRole("button", { name: "Send" }).click();
	await until(() => simulator.taken.find(({ text }) => text === "Your order is here."), "it goes out");
	assert.deepEqual(trouble, []);
});

test(
	"earlier chats are asked for once, when it is known whose; what is known outlasts a failure",
	{ skip },
	async (t) => {
		const scene = await openDesk(t);
		const { page, card, simulator } = scene;
		const asked: string[] = [];
		let isFailing = false;
		await page.routeWebSocket(/ws_endpoint/, (socket) => {
			const server = socket.connectToServer();
			socket.onMessage((text) => {
				const { client_req_id, uri } = JSON.parse(String(text)) as { client_req_id: string; uri: string };
				const [, what = ""] = /\/(contact|history)$/.exec(uri) ?? [];
				asked.push(...(what === "" ? [] : [what]));
				if (isFailing && what === "contact") {
					socket.send(
						JSON.stringify({ client_req_id, status_code: 503, body: { error: "overloaded", message: "Later." } }),
					);
				} else {
					server.send(text);
				}
			});
		});
		await page.reload();
		await talk(scene, mobile, "Hello");
		await page.getByText("None that you may see.").waitFor();
		const said = card.getByText("They said nothing about our messages yet.");
		await said.waitFor();
		assert.equal(asked[0], "contact");
		isFailing = true;
		for (const text of ["Are you there?", "Hello?"]) {
			const before = asked.length;
			await simulator.contactWrites({ from: mobile, text });
			await transcriptOf(page).getByText(text).waitFor();
			await until(() => asked.length > before || undefined, "the contact is asked for again");
		}
		assert.equal(await said.count(), 1);
		assert.deepEqual(
			asked.filter((what) => what === "history"),
			["history"],
		);
	},
);

test("without the rights nothing is offered", { skip }, async (t) => {
	const scene = await openDesk(t, []);
	const { card, trouble } = scene;
	await talk(scene, mobile, "Hello");
	await card.getByText("They said nothing about our messages yet.").waitFor();
	assert.equal(await card.getByRole("button", { name: /Merge|Enter what/ }).count(), 0);
	assert.deepEqual(trouble, []);
});

test("at 360 px, in German and mirrored, nothing is cut off and axe finds nothing", { skip }, async (t) => {
	const scene = await openDesk(t);
	const { page, trouble } = scene;
	await talk(scene, mobile, "From my mobile");
	await talk(scene, office, "From my office");
	await page.getByRole("button", { name: /^Account of/ }).click();
	await page.getByRole("menuitemradio", { name: "Deutsch" }).click();
	await page.getByRole("button", { name: /^Konto von/ }).click();
	await page.getByRole("menuitem", { name: "Ansicht spiegeln" }).click();
	await page.setViewportSize({ width: 360, height: 740 });
	await page.getByRole("button", { name: "Kontakt zeigen" }).click();
	const card = page.getByRole("dialog").getByRole("region", { name: "Kontakt", exact: true });
	await card.getByRole("button", { name: "Mit anderem Kontakt zusammenführen" }).click();
	const dialog = page.getByRole("dialog", { name: "Mit anderem Kontakt zusammenführen" });
	await dialog.getByLabel("Name oder Adresse").fill(mobile);
	await page.keyboard.press("Enter");
	await dialog.getByRole("button", { name: new RegExp(`^\\${mobile}`) }).click();
	await dialog.getByText(/^Von .* kommen: eine Unterhaltung, ein Chat, eine Nachricht\.$/).waitFor();
	await demandAccessible(page, "the preview of a merge at 360 px, mirrored");
	await demandNoSidewaysScroll(page, "the preview of a merge at 360 px, mirrored");
	await demandFits(page);
	await dialog.getByLabel("Warum es dieselbe Person ist").fill("Sie hat es mir gesagt.");
	await dialog.getByRole("button", { name: "Zusammenführen" }).click();
	await dialog.waitFor({ state: "hidden" });
	await card.getByRole("button", { name: "Diese Zusammenführung aufheben" }).waitFor();
	await demandAccessible(page, "a merged contact at 360 px, mirrored");
	await demandFits(page);
	await card.getByRole("button", { name: `Eintragen, was gesagt wurde: ${mobile}` }).click();
	await page.getByRole("dialog", { name: "Was zu unseren Nachrichten gesagt wurde" }).waitFor();
	await demandAccessible(page, "a consent at 360 px, mirrored");
	await demandFits(page);
	assert.deepEqual(trouble, []);
});

// Run by the page: dialogs scroll by themselves, so the page's width says nothing of them.
const tooWide = `Math.max(...[...document.querySelectorAll("[role=dialog], [role=dialog] *")]
	.filter((element) => !element.matches("input, .mantine-VisuallyHidden-root") && element.clientWidth > 0)
	.map((element) => element.scrollWidth - element.clientWidth))`;

async function demandFits(page: Page): Promise<void> {
	assert.ok((await page.evaluate<number>(tooWide)) <= 1);
}
