// What comes to whom at the desk in a real browser: queues one serves, presence, offers one rejects, chats one picks, and a
// colleague who is asked in.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { WebSocketRoute } from "playwright-core";
import { demandAccessible, openBrowser, openPage, skipWithoutChromium, withBuiltWeb } from "#test/browser.ts";
import { appears, type ChatFrame, chatStage, idIn, leaf, logInAgent, openPeer, until } from "#test/chat-scene.ts";
import { becomeReady, sitDown, startChat, transcriptOf } from "#test/desk-scene.ts";

const skip = skipWithoutChromium;

withBuiltWeb();

test(
	"who serves no queue is offered nothing, may pick, and is offered the next when they serve",
	{ skip },
	async (t) => {
		const stage = await chatStage(t, { pick: "all" });
		const { page, trouble } = await openPage(await openBrowser(t));
		await sitDown(page, stage.origin, await stage.agent("mia"));
		await page.getByRole("button", { name: "Queues 1/1" }).click();
		await page.getByRole("switch", { name: "Support" }).click({ force: true });
		await page.getByRole("button", { name: "Queues 0/1" }).waitFor();
		await demandAccessible(page, "the queues one serves");
		await page.keyboard.press("Escape");
		await becomeReady(page);
		const { visitor } = await startChat(t, stage);
		await page.getByRole("region", { name: "Waiting in queues" }).waitFor({ timeout: 20_000 });
		await page.getByRole("button", { name: "Pick Ann" }).click();
		await visitor.hear(leaf("status", "accepted"));
		await page.getByLabel("Your answer").waitFor();
		await page.getByRole("button", { name: "Queues 0/1" }).click();
		await page.getByRole("switch", { name: "Support" }).click({ force: true });
		await page.keyboard.press("Escape");
		await startChat(t, stage, "Bob");
		await page.getByRole("button", { name: "Accept Bob" }).waitFor();
		await page.getByRole("combobox", { name: "Presence" }).click();
		await page.getByRole("option", { name: "Lunch" }).click();
		await page.getByRole("switch", { name: "Not ready" }).waitFor({ state: "attached" });
		await page.getByRole("switch", { name: "Not ready" }).click({ force: true });
		await page.getByRole("alert").getByText("An absence is active. Choose another presence first.").waitFor();
		assert.deepEqual(trouble, []);
	},
);

test(
	"an offer that one rejects goes to the other; a colleague who is asked in joins, speaks and leaves",
	{ skip },
	async (t) => {
		const stage = await chatStage(t);
		const browser = await openBrowser(t);
		const { page: mia, trouble } = await openPage(browser);
		const { page: leo } = await openPage(browser);
		await sitDown(mia, stage.origin, await stage.agent("mia"));
		await becomeReady(mia);
		const { visitor } = await startChat(t, stage);
		await mia.getByRole("button", { name: "Accept Ann" }).waitFor();
		await sitDown(leo, stage.origin, await stage.agent("leo"));
		await becomeReady(leo);
		await mia.keyboard.press("x");
		await leo.getByRole("button", { name: "Accept Ann" }).click();
		await visitor.hear(leaf("status", "accepted"));
		await leo.getByLabel("Your answer").press("Escape");
		await leo.keyboard.press("c");
		await leo.getByLabel("Find an agent or a queue").fill("mia");
		await leo.getByLabel(/^Note for them/).fill("Do you know this order?");
		await demandAccessible(leo, "whom to ask in");
		await leo.getByRole("button", { name: /mia Agent/ }).click();
		await mia.getByRole("button", { name: "Accept Ann" }).click();
		await transcriptOf(mia).getByText("Do you know this order?").waitFor();
		await mia.getByLabel("Your answer").fill("It is in Hamburg.");
		await mia.keyboard.press("Enter");
		await transcriptOf(leo).getByText("It is in Hamburg.").waitFor();
		await mia.getByRole("button", { name: "Leave" }).click();
		await mia.getByText("No chats yet").waitFor();
		await leo.getByRole("button", { name: "End", exact: true }).click();
		await visitor.hear(leaf("status", "ended"));
		assert.deepEqual(visitor.texts(), ["It is in Hamburg."]);
		assert.deepEqual(trouble, []);
	},
);

test(
	"the list of who waits is right where the figures stay the same; nobody asks for it unseen, or twice at once",
	{ skip },
	async (t) => {
		const stage = await chatStage(t, { pick: "all" });
		const { page, trouble } = await openPage(await openBrowser(t));
		const line = silentFigures();
		await page.routeWebSocket(/ws_endpoint/, line.carry);
		await page.clock.install();
		await sitDown(page, stage.origin, await stage.agent("mia"));
		await until(() => line.answers > 0 || undefined, "it is asked at the start");
		const now = async () => ({ asks: line.asks, atMs: await page.evaluate<number>("Date.now()") });
		const before = await now();
		const { visitor: ann, id } = await startChat(t, stage);
		await page.clock.runFor(5000);
		await page.getByRole("button", { name: "Pick Ann" }).waitFor();
		await ann.demand("PUT", `/interactions/${id}`, { status: "ended" });
		await startChat(t, stage, "Bob");
		await page.clock.runFor(5000);
		await page.getByRole("button", { name: "Pick Bob" }).waitFor();
		assert.equal(await page.getByRole("button", { name: "Pick Ann" }).count(), 0);
		const after = await now();
		const [asks, spanMs] = [after.asks - before.asks, after.atMs - before.atMs];
		assert.ok(asks <= spanMs / 5000 + 1, `${asks} times in ${spanMs} ms`);
		await page.evaluate(`Object.defineProperty(document, "visibilityState", { configurable: true, value: "hidden" })`);
		const unseen = line.asks;
		await page.clock.runFor(30_000);
		assert.equal(line.asks, unseen, "nobody looks");
		line.holdsAnswers = true;
		await page.evaluate("delete document.visibilityState");
		await page.clock.runFor(11_000); // Well below the 20 s after which a line that does not answer is given up.
		assert.equal(line.asks, unseen + 1, "the answer is awaited first");
		assert.deepEqual(trouble, []);
	},
);

/** A line on which the queues' figures never change, so that nothing but time tells to ask who waits. */
function silentFigures() {
	const line = {
		asks: 0,
		answers: 0,
		holdsAnswers: false,
		carry(socket: WebSocketRoute): void {
			const asked = new Set<string>();
			const server = socket.connectToServer();
			socket.onMessage((text) => {
				const { uri, client_req_id: id } = JSON.parse(String(text)) as { uri: string; client_req_id: string };
				if (uri.endsWith("/waiting")) {
					line.asks += 1;
					asked.add(id);
				}
				server.send(text);
			});
			server.onMessage((text) => {
				const { client_req_id: id, body } = JSON.parse(String(text)) as ChatFrame;
				const isAnswer = asked.has(id ?? "");
				line.answers += isAnswer ? 1 : 0;
				const isFigure = body?.transactions?.some(({ uri }) => uri.includes("/statistics/queues")) === true;
				if (!isFigure && !(isAnswer && line.holdsAnswers)) {
					socket.send(text);
				}
			});
		},
	};
	return line;
}

test("who was asked in is the first whom the chat may be handed to, and has it at once", { skip }, async (t) => {
	const stage = await chatStage(t);
	const { page: mia, trouble } = await openPage(await openBrowser(t));
	await sitDown(mia, stage.origin, await stage.agent("mia"));
	await becomeReady(mia);
	await startChat(t, stage);
	await mia.getByRole("button", { name: "Accept Ann" }).click();
	const leo = await openPeer(t, stage.origin, await logInAgent(stage.origin, await stage.agent("leo")));
	await mia.getByRole("button", { name: "Consult" }).click();
	await mia.getByRole("button", { name: /leo Agent/ }).click();
	const id = idIn(await leo.hear(appears("incoming"), "the question"));
	await leo.demand("PUT", `/interactions/${id}`, { status: "accepted" });
	await transcriptOf(mia)
		.getByText(/leo Agent/)
		.first()
		.waitFor();
	await mia.getByRole("button", { name: "Transfer" }).click();
	await mia.getByRole("button", { name: /leo Agent.*In this chat/ }).click();
	await leo.hear(leaf("role", "agent"), "that it is his");
	await mia.getByText("Handed to leo Agent.").waitFor();
	await mia.getByRole("button", { name: "Done" }).waitFor();
	assert.deepEqual(trouble, []);
});

test("a transfer that is refused and tried again leaves one note for the next agent", { skip }, async (t) => {
	const stage = await chatStage(t);
	await stage.call("POST", "/RI/rci/queues", { name: "Invoices", addresses: ["invoices@desk.test"] });
	const { page: mia } = await openPage(await openBrowser(t));
	await mia.routeWebSocket(/ws_endpoint/, misleadFirstTransfer);
	await sitDown(mia, stage.origin, await stage.agent("mia"));
	await becomeReady(mia);
	await startChat(t, stage);
	await mia.getByRole("button", { name: "Accept Ann" }).click();
	await mia.getByRole("button", { name: "Transfer" }).click();
	await mia.getByLabel(/^Note for them/).fill("Knows the order number.");
	await mia.getByRole("button", { name: /Invoices/ }).click();
	await mia.getByRole("alert").waitFor();
	await mia.getByRole("button", { name: /Invoices/ }).click();
	await mia.getByRole("dialog").waitFor({ state: "detached" });
	const notes = transcriptOf(mia).getByText("Knows the order number.");
	await notes.first().waitFor();
	assert.equal(await notes.count(), 1);
});

/** The first time it goes to an address that nobody has. */
function misleadFirstTransfer(socket: WebSocketRoute): void {
	const server = socket.connectToServer();
	let isFirst = true;
	socket.onMessage((text) => {
		const isTransfer = isFirst && String(text).includes("transferring");
		isFirst &&= !isTransfer;
		server.send(isTransfer ? String(text).replace("invoices@desk.test", "nobody@desk.test") : text);
	});
}
