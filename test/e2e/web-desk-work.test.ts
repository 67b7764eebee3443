// A day's work at the desk in a real browser: by keyboard alone, with templates and files, through an ended session, with a
// supervisor beside, over thousands of lines, on every screen.

import assert from "node:assert/strict";
import { existsSync, statSync } from "node:fs";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import type { Page, WebSocketRoute } from "playwright-core";
import { webFolder } from "#commands/web-build.ts";
import {
	demandAccessible,
	demandAccessibleInBoth,
	demandNoSidewaysScroll,
	openBrowser,
	openPage,
	skipWithoutChromium,
	withBuiltWeb,
} from "#test/browser.ts";
import { addPerson, chatStage, type ChatStage, leaf } from "#test/chat-scene.ts";
import { providerStage } from "#test/chat-provider.ts";
import { becomeReady, sitDown, startChat, transcriptOf } from "#test/desk-scene.ts";
import { copyBeside, writeBeside } from "#test/long-chat.ts";
import { until } from "#test/parley.ts";

const skip = skipWithoutChromium;
/** Bytes of the first screen, compressed by gzip. */
const firstLoadMax = 250_000;
const twoRowsPx = 92;

withBuiltWeb();

/** Mia sits at the desk, ready, in a chat with Ann. */
async function inChat(t: TestContext, queue: Parameters<typeof chatStage>[1] = {}) {
	const stage = await chatStage(t, queue);
	const browser = await openBrowser(t);
	const { page, trouble, context } = await openPage(browser);
	const mia = await stage.agent("mia");
	await sitDown(page, stage.origin, mia);
	await becomeReady(page);
	const ann = await startChat(t, stage);
	await page.getByRole("button", { name: "Accept Ann" }).click();
	await ann.visitor.hear(leaf("status", "accepted"));
	return { stage, browser, context, page, trouble, mia, ...ann };
}

test("an agent works a chat from ready to wrap-up without a mouse", { skip }, async (t) => {
	const stage = await chatStage(t, { wrapUpReasons: ["Delivery"] });
	await addTemplate(stage, { name: "Greeting", text: "Hello {name}, about {order}: {answer}" });
	const { page, trouble } = await openPage(await openBrowser(t));
	await sitDown(page, stage.origin, await stage.agent("mia"));
	await page.keyboard.press("?");
	await page.getByRole("dialog", { name: "Keyboard" }).waitFor();
	await demandAccessible(page, "the list of keys");
	await page.keyboard.press("Escape");
	await page.getByRole("dialog").waitFor({ state: "detached" });
	await page.keyboard.press("s");
	await page.getByRole("switch", { name: "Ready", exact: true }).waitFor({ state: "attached" });
	const { visitor } = await startChat(t, stage);
	await page.getByRole("button", { name: "Accept Ann" }).waitFor();
	await page.keyboard.press("a");
	await visitor.hear(leaf("status", "accepted"));
	await page.getByLabel("Your answer").waitFor();
	await page.keyboard.press("/");
	await page.getByLabel("Find a template").fill("greet");
	await page.getByRole("button", { name: /Greeting/ }).waitFor();
	await page.keyboard.press("Enter");
	await page.getByText("Not filled in yet: {answer}").waitFor();
	// The first Enter goes to the gap, so that it is typed over; the second sends.
	await page.getByRole("dialog").waitFor({ state: "detached" });
	await page.getByLabel("Your answer").press("Enter");
	await page.keyboard.type("it is on its way.");
	await page.keyboard.press("Enter");
	await transcriptOf(page).getByText("Hello Ann, about 4711: it is on its way.").waitFor();
	await page.keyboard.press("Escape");
	await page.keyboard.press("n");
	await page.keyboard.type("Friendly.");
	await page.keyboard.press("Enter");
	await transcriptOf(page).getByText("Friendly.").waitFor();
	await page.keyboard.press("Escape");
	await page.keyboard.press("e");
	await visitor.hear(leaf("status", "ended"));
	await page.getByText(/for wrap-up/).waitFor();
	await page.keyboard.press("e");
	await page.getByText("No chats yet").waitFor();
	assert.deepEqual(visitor.texts(), ["Hello Ann, about 4711: it is on its way."]);
	assert.deepEqual(trouble, []);
});

async function addTemplate({ call }: ChatStage, more: Readonly<Record<string, unknown>>): Promise<void> {
	await call("POST", "/RI/rci/replyTemplates", { folder: "", language: "en", ...more });
}

test(
	"an answer and a note are kept apart, in every window of the browser, and neither is lost",
	{ skip },
	async (t) => {
		const { context, stage, page, visitor, id } = await inChat(t);
		await page.getByLabel("Your answer").fill("Half an answer");
		await page.getByText("Note", { exact: true }).click();
		await page.getByLabel(/^Internal note/).fill("Half a note");
		await page.reload();
		assert.equal(await page.getByLabel(/^Internal note/).inputValue(), "Half a note");
		const other = await context.newPage();
		await other.goto(`${stage.origin}/desk/chats/${id}`);
		await other.getByText("Answer", { exact: true }).click();
		assert.equal(await other.getByLabel("Your answer").inputValue(), "Half an answer");
		await other.getByLabel("Your answer").press("End");
		await other.keyboard.type(", and the rest");
		await page.getByLabel("Your answer").waitFor();
		assert.equal(await page.getByLabel("Your answer").inputValue(), "Half an answer, and the rest");
		await visitor.demand("PUT", `/interactions/${id}`, { status: "ended" });
		await page.getByRole("button", { name: "Done" }).click();
		await page.getByText("Not sent: the chat is gone").waitFor();
		await page.getByText("Half an answer, and the rest").waitFor();
		await demandAccessible(page, "words that were not sent");
		await page.getByRole("button", { name: "Drop" }).click();
		await page.getByText("No chats yet").waitFor();
		assert.deepEqual(visitor.texts(), []);
	},
);

test("files are shown before they go, and what is not taken is refused with a sentence", { skip }, async (t) => {
	const { page, trouble, visitor, context } = await inChat(t);
	const file = { name: "note.txt", mimeType: "text/plain", buffer: Buffer.from("Two parcels.") };
	const [chooser] = await Promise.all([page.waitForEvent("filechooser"), page.getByLabel("Attach a file").click()]);
	const accepted = await chooser.element().getAttribute("accept");
	assert.match(accepted ?? "", /\.pdf,/);
	await chooser.setFiles(file);
	await page.getByText(/^Files of at most \d+ MiB: .*\btxt\b/).waitFor();
	await page.getByText("note.txt (1 KiB)").waitFor();
	await demandAccessible(page, "a file to send");
	await page.getByRole("button", { name: "Send the file" }).click();
	const told = await visitor.hear(
		({ subscribed_resource: one }) => (one as { type?: string } | null)?.type === "attachment",
		"the file",
	);
	assert.match((told.subscribed_resource as { message: string }).message, /"filename":"note\.txt"/);
	const link = transcriptOf(page).getByRole("link", { name: /note\.txt/ });
	const address = new URL((await link.getAttribute("href")) ?? "", page.url()).href;
	assert.equal(await (await context.request.get(address)).text(), "Two parcels.");
	const [again] = await Promise.all([page.waitForEvent("filechooser"), page.getByLabel("Attach a file").click()]);
	await again.setFiles({ ...file, name: "run.exe" });
	await page.getByRole("button", { name: "Send the file" }).click();
	await page.getByRole("alert").getByText("Files of this kind are not taken").waitFor();
	assert.deepEqual(trouble, []);
});

test("a session that ends under the desk asks to sign in over it, and what was typed stays", { skip }, async (t) => {
	const { stage, page, mia, visitor } = await inChat(t);
	await page.getByLabel("Your answer").fill("Not lost");
	await stage.stop();
	await page.getByRole("alert").getByText("Connection lost").waitFor();
	await page.context().clearCookies();
	await stage.again();
	const dialog = page.getByRole("dialog", { name: "Your session has ended" });
	await dialog.locator("input[name=password]").waitFor({ timeout: 40_000 });
	await dialog.locator("input[name=password]").fill(mia.password);
	await page.keyboard.press("Enter");
	await dialog.waitFor({ state: "detached" });
	assert.equal(await page.getByLabel("Your answer").inputValue(), "Not lost");
	await page.getByLabel("Your answer").press("Enter");
	await transcriptOf(page).getByText("Not lost").waitFor();
	await page.getByText("On its way").waitFor({ state: "detached" });
	assert.ok(visitor.id);
});

test("what a provider did not take is told beside it with its cause, and goes out again", { skip }, async (t) => {
	const { stage, simulator } = await providerStage(t, "whatsapp");
	await addTemplate(stage, {
		name: "Parcel",
		text: "Your parcel",
		template: { id: "parcel_update", language: "en", parameters: { "1": "{name}" } },
	});
	const { page, trouble } = await openPage(await openBrowser(t));
	await sitDown(page, stage.origin, await stage.agent("mia"));
	await becomeReady(page);
	await simulator.contactWrites({ from: simulator.somebody, text: "Where is my parcel?" });
	await page.getByRole("button", { name: /^Accept/ }).click();
	await page.getByText(/free answers for 23:5/).waitFor();
	simulator.manners = { ...simulator.manners, receipts: ["sent", "failed"] };
	await page.getByLabel("Your answer").fill("I will check.");
	await page.keyboard.press("Enter");
	await transcriptOf(page)
		.getByText(/^Not delivered: ./)
		.waitFor();
	await demandAccessibleInBoth(page, "a message that failed");
	simulator.manners = { ...simulator.manners, receipts: ["sent", "delivered", "read"] };
	await page.getByRole("button", { name: "Send again as a new message" }).click();
	await transcriptOf(page).getByText("Read", { exact: true }).waitFor();
	await page.getByRole("button", { name: "Templates" }).click();
	await page.getByRole("button", { name: /Parcel/ }).click();
	await page.getByRole("textbox", { name: "Value for 1" }).fill("Ann");
	await page.getByRole("button", { name: "Send the template" }).click();
	await until(() => simulator.taken.length === 3 || undefined, "the template is taken");
	await transcriptOf(page).getByText("Template parcel_update").waitFor();
	assert.deepEqual(trouble, []);
});

test("a supervisor follows, coaches and barges in; the agent sees it", { skip }, async (t) => {
	const { stage, browser, page: mia, mia: person, say, visitor } = await inChat(t);
	const eva = await addPerson(stage, "eva", [
		{ objectType: "user", objectId: person.id, access: ["listen", "coach", "bargeIn"] },
		{ objectType: "queue", objectId: stage.queueId, access: ["statistics"] },
	]);
	const { page, trouble } = await openPage(browser);
	await sitDown(page, stage.origin, eva);
	await mia.getByRole("button", { name: /^Account of/ }).click();
	await mia.getByRole("menuitem", { name: "Ask a supervisor for help" }).click();
	await page.getByRole("link", { name: "Team" }).click();
	await page.getByText("Asks for help").waitFor({ timeout: 20_000 });
	await page.getByRole("button", { name: /^Follow the chats of mia/ }).click();
	await say("Where is my parcel?");
	await page
		.getByRole("article", { name: "Chat with Ann" })
		.getByText("Where is my parcel?", { exact: true })
		.waitFor();
	await mia.getByText("eva Agent is with you").waitFor();
	await demandAccessibleInBoth(page, "the team");
	await page.getByText("Coach", { exact: true }).click();
	await page.getByText("your notes reach the agent only").waitFor();
	await page.getByRole("link", { name: "Chats", exact: true }).click();
	await page.getByRole("region", { name: "You look on" }).getByRole("button", { name: /Ann/ }).click();
	await page.getByLabel(/^Internal note/).fill("Offer a refund.");
	await page.keyboard.press("Enter");
	await transcriptOf(mia).getByText("Offer a refund.").waitFor();
	await page.getByRole("link", { name: "Team" }).click();
	await page.getByText("Barge in", { exact: true }).click();
	await page.getByText("the contact sees you").waitFor();
	await page.getByRole("link", { name: "Chats", exact: true }).click();
	await page.getByRole("button", { name: /^Ann/ }).click();
	await page.getByLabel("Your answer").fill("You get your money back.");
	await page.keyboard.press("Enter");
	await transcriptOf(mia).getByText("You get your money back.").waitFor();
	await page.getByRole("link", { name: "Team" }).click();
	await page.getByRole("button", { name: "Stop" }).click();
	await mia.getByText("eva Agent is with you").waitFor({ state: "detached" });
	assert.deepEqual(visitor.texts(), ["Where is my parcel?", "You get your money back."]);
	assert.deepEqual(trouble, []);
});

test("a transcript of 5,000 lines draws what is on the screen only, and stays at its end", { skip }, async (t) => {
	const { page, id } = await inChat(t);
	await page.routeWebSocket(/ws_endpoint/, (socket) => lengthen(socket));
	await page.goto(`${new URL(page.url()).origin}/desk/chats/${id}`);
	await transcriptOf(page).getByText("Line 5000", { exact: true }).waitFor();
	const rows = transcriptOf(page).getByRole("listitem");
	assert.ok((await rows.count()) < 60, `${await rows.count()} rows`);
	await transcriptOf(page).focus();
	await page.keyboard.press("Home");
	await transcriptOf(page).getByText("Line 1", { exact: true }).waitFor();
	await page.getByLabel("Your answer").fill("At the end");
	await page.keyboard.press("Enter");
	await transcriptOf(page).focus();
	await page.keyboard.press("End");
	await transcriptOf(page).getByText("At the end").waitFor();
	await demandAccessible(page, "a long transcript");
});

/** Between the page and the server: the chat's first value has thousands of lines more. */
function lengthen(socket: WebSocketRoute): void {
	const server = socket.connectToServer();
	server.onMessage((text) => socket.send(withLines(String(text))));
}

type Chat = { transcript: { messages: unknown[] } };

function withLines(text: string): string {
	const frame = JSON.parse(text) as { body?: { transactions?: { uri: string; subscribed_resource: unknown }[] } };
	for (const { uri, subscribed_resource: value } of frame.body?.transactions ?? []) {
		if (uri === "/users/me/interactions") {
			(value as Chat[])[0]?.transcript.messages.unshift(...linesBefore);
		}
	}
	return JSON.stringify(frame);
}

const linesBefore = Array.from({ length: 5000 }, (_, index) => ({
	id: `L${index}`,
	seq: index - 5000,
	type: "text",
	message: `Line ${index + 1}`,
	originator: "ann@home.test",
	timestamp: "05/03/2026 14:07:09 UTC+00:00",
	system_message: false,
}));

test("every line of a long chat is read by scrolling up, where one is stays there", { skip }, async (t) => {
	const { stage, page, id, say } = await inChat(t);
	await say("The first of all");
	await transcriptOf(page).getByText("The first of all").waitFor();
	writeBeside(
		stage,
		id,
		Array.from({ length: 1200 }, (_, index) => `Line ${index + 1}`),
	);
	await page.reload();
	await transcriptOf(page).getByText("Line 1200", { exact: true }).waitFor();
	const first = transcriptOf(page).getByText("The first of all");
	await transcriptOf(page).press("Home");
	await transcriptOf(page)
		.getByText(/^Line 700$/)
		.waitFor({ state: "attached" });
	assert.equal(await transcriptOf(page).getByText("Line 201", { exact: true }).count(), 0, "the place is kept");
	for (let times = 0; times < 10 && !(await first.isVisible()); times += 1) {
		await transcriptOf(page).press("Home");
		await page.waitForTimeout(300);
	}
	await first.waitFor();
	await page.getByRole("button", { name: "Show earlier lines" }).waitFor({ state: "detached" });
});

test("earlier chats are beside the contact, and are found by what was said", { skip }, async (t) => {
	const { stage, page, visitor, id, say } = await inChat(t, { wrapUpSeconds: 0 });
	await say("The blue parcel is late.");
	await transcriptOf(page).getByText("The blue parcel is late.").waitFor();
	await visitor.demand("PUT", `/interactions/${id}`, { status: "ended" });
	await page.getByText("No chats yet").waitFor();
	await page.getByRole("link", { name: "History" }).click();
	await page.getByLabel("Words that were said").fill("blue late");
	await page.keyboard.press("Enter");
	await page.getByText("One chat.").waitFor();
	await demandAccessibleInBoth(page, "what was found");
	await page.getByRole("button", { name: /Support/ }).click();
	await page.getByRole("dialog").getByText("The blue parcel is late.").waitFor();
	await demandAccessible(page, "an earlier chat");
	await page.keyboard.press("Escape");
	copyBeside(stage, id, { count: 130, queueId: stage.queueId });
	await page.getByLabel("Words that were said").fill("parcel blue");
	await page.keyboard.press("Enter");
	await page.getByText("The newest 100 chats.").waitFor();
	await page.getByRole("button", { name: "Show older ones" }).click();
	await page.getByText("31 chats, newest first.").waitFor();
	assert.ok(stage.queueId);
});

test("from 360 px to 4K, in German and mirrored, nothing is cut off and axe finds nothing", { skip }, async (t) => {
	const { page, say, trouble } = await inChat(t);
	await say("https://shop.test/a-very-long-address-without-any-place-to-break-it-in-two?and=more&and=more&and=more");
	await page.getByRole("button", { name: /^Account of/ }).click();
	await page.getByRole("menuitemradio", { name: "Deutsch" }).click();
	await page.getByRole("button", { name: /^Konto von/ }).click();
	await page.getByRole("menuitem", { name: "Ansicht spiegeln" }).click();
	assert.equal(await page.locator("html").getAttribute("dir"), "rtl");
	for (const [width, height] of [
		[360, 740],
		[800, 600],
		[3840, 2160],
	] as const) {
		await page.setViewportSize({ width, height });
		await demandAccessible(page, `a chat at ${width} px, mirrored`);
		await demandNoSidewaysScroll(page, `a chat at ${width} px, mirrored`);
	}
	await page.setViewportSize({ width: 360, height: 740 });
	const bar = await page.getByRole("banner").boundingBox();
	assert.ok(bar !== null && bar.height < twoRowsPx, `the bar is ${bar?.height} px high`);
	await page.getByRole("button", { name: "Kontakt zeigen" }).click();
	await page.getByRole("dialog").getByText("4711").waitFor();
	await page.keyboard.press("Escape");
	await page.getByRole("button", { name: "Zurück zur Liste" }).click();
	await demandAccessible(page, "the list at 360 px");
	await demandNoSidewaysScroll(page, "the list at 360 px");
	assert.deepEqual(trouble, []);
});

test("the desk's first load is below 250 kB", { skip }, async (t) => {
	const { stage, context, page: first } = await inChat(t);
	await first.close();
	const page = await context.newPage();
	const files = new Set<string>();
	page.on("request", (request) => {
		const [, file] = /\/assets\/desk\/([^?]+)$/.exec(request.url()) ?? [];
		files.add(file ?? "");
	});
	await page.goto(`${stage.origin}/desk`);
	await page.getByRole("button", { name: /^Ann/ }).waitFor();
	files.delete("");
	const bytes = weightOf(files);
	t.diagnostic(`desk: ${bytes} bytes`);
	assert.ok(files.size > 3 && bytes < firstLoadMax, `${bytes} bytes`);
	await demandTitle(page);
});

function weightOf(files: ReadonlySet<string>): number {
	return [...files]
		.map((file) => join(webFolder, "desk/assets", file))
		.reduce((sum, path) => sum + statSync(existsSync(`${path}.gz`) ? `${path}.gz` : path).size, 0);
}

async function demandTitle(page: Page): Promise<void> {
	assert.match(await page.title(), /^(\(\d+\) )?Desk · Parley$/);
}
