// The visitor widget in each of its states, as those meet it who see little, use no mouse, or have a small screen; and with
// several pages, files, and people who take turns at one browser.

import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { openBrowser, openPage, skipWithoutChromium, withBuiltWeb } from "#test/browser.ts";
import { appears, type ChatStage, idIn, type Peer, until } from "#test/chat-scene.ts";
import { demandBoth, frameIn, openChat, readyAgent, stageWithHost, statusIn } from "#test/widget-scene.ts";

const skip = skipWithoutChromium;

withBuiltWeb();

async function accept(agent: Peer, seen: readonly string[] = []): Promise<string> {
	const isNew = (one: Parameters<ReturnType<typeof appears>>[0]): boolean =>
		appears("incoming")(one) && !seen.includes(idIn(one));
	const id = idIn(await agent.hear(isNew, "the offer"));
	await agent.demand("PUT", `/interactions/${id}`, { status: "accepted" });
	return id;
}

const questions = `window.parley = function () { (parley.q = parley.q || []).push(arguments) };
	parley("queues", [{ address: "support@desk.test", name: "Support" }, { address: "nobody@desk.test", name: "Nobody" }]);
	parley("form", { name: "required", fields: [
		{ name: "order", label: "Order number", required: true },
		{ name: "topic", label: "Topic", type: "select", options: ["Parcel", "Bill"] },
		{ name: "news", label: "Send me news", type: "checkbox" } ] });
	parley("cad", { basket: "3" });`;

test(
	"the form asks what the page wants to know, says what is missing, and its answers reach the agent",
	{ skip },
	async (t) => {
		const { stage, host } = await stageWithHost(t, { before: questions, tag: 'data-language="en"' });
		const mia = await readyAgent(t, stage);
		const { page, trouble } = await openPage(await openBrowser(t));
		await page.goto(host);
		await demandBoth(page, "the button");
		const frame = await openChat(page, host);
		await frame.getByRole("button", { name: "Start chat" }).click();
		const [troubleAtName] = await frame.getByText("Please fill this in.").all();
		assert.ok(troubleAtName);
		assert.equal(await frame.locator("input:focus").getAttribute("name"), "name");
		await demandBoth(page, "the form with what is missing");
		await frame.getByLabel("Your name").fill("Ann");
		await frame.getByLabel("Order number").fill("4711");
		await frame.getByLabel("Topic").selectOption("Bill");
		await frame.getByLabel("Your e-mail address").fill("not an address");
		await frame.getByRole("button", { name: "Start chat" }).click();
		await frame.getByText("name@example.com").waitFor();
		// What the page says later does not take away what was written.
		await page.evaluate("parley('user', 'Somebody', '')");
		assert.equal(await frame.getByLabel("Order number").inputValue(), "4711");
		assert.equal(await frame.getByLabel("Your name").inputValue(), "Ann");
		await frame.getByLabel("Your e-mail address").fill("");
		await frame.getByLabel("What is it about?").selectOption("Nobody");
		await frame.getByRole("button", { name: "Start chat" }).click();
		await statusIn(frame).getByText("This chat cannot be reached.").waitFor();
		await demandBoth(page, "a chat that could not be");
		await frame.getByRole("button", { name: "Start a new chat" }).click();
		await frame.getByLabel("Your name").fill("Ann");
		await frame.getByLabel("Order number").fill("4711");
		await frame.getByLabel("Send me news").check();
		await frame.getByRole("button", { name: "Start chat" }).click();
		const offer = await mia.hear(appears("incoming"), "the offer");
		const { attached_data: attached } = offer.subscribed_resource as { attached_data: Record<string, unknown> };
		assert.deepEqual([attached["order"], attached["news"], attached["basket"]], ["4711", "yes", "3"]);
		assert.deepEqual(trouble, []);
	},
);

test(
	"waiting, talking, asked whether to end, ended: each is usable by everybody, also in German",
	{ skip },
	async (t) => {
		const tag = 'data-queue="support@desk.test" data-language="de"';
		const { stage, host } = await stageWithHost(t, { tag, root: 'lang="de"' });
		const mia = await readyAgent(t, stage);
		const { page, trouble } = await openPage(await openBrowser(t));
		await page.goto(host);
		await page.getByRole("button", { name: "Chat öffnen" }).click();
		const frame = frameIn(page);
		await frame.getByLabel("Ihr Name").fill("Ann");
		await frame.getByRole("button", { name: "Chat beginnen" }).click();
		await statusIn(frame).getByText("Bitte warten Sie.").waitFor();
		await demandBoth(page, "waiting");
		const id = await accept(mia);
		await frame.getByText("mia Agent ist da.").waitFor();
		const template = JSON.stringify({ text: "Which?", template_id: "t", buttons: [{ title: "The blue one" }] });
		await mia.demand("POST", `/interactions/${id}/transcript/messages`, { message: "See https://shop.test/a" });
		await mia.demand("POST", `/interactions/${id}/transcript/messages`, { message: template, type: "template" });
		assert.equal(await frame.getByRole("link").getAttribute("rel"), "noopener noreferrer nofollow");
		await frame.getByRole("button", { name: "The blue one" }).click();
		await frame.getByRole("img", { name: "Gesendet" }).waitFor();
		await until(() => mia.texts().includes("The blue one") || undefined, "the agent reads what was chosen");
		await mia.demand("PUT", `/interactions/${id}/participants/${encodeURIComponent(addressOf(mia))}`, {
			status: "typing",
		});
		await statusIn(frame).getByText("mia Agent schreibt").waitFor();
		await demandBoth(page, "the chat");
		await frame.getByRole("button", { name: "Chat beenden" }).click();
		await frame.getByRole("group", { name: "Möchten Sie" }).waitFor();
		await demandBoth(page, "asked whether to end it");
		await frame.getByRole("button", { name: "Weiterchatten" }).click();
		await frame.getByText("Dateien bis ").waitFor();
		await frame.getByLabel("Ihre Nachricht").fill("half a sen");
		await mia.demand("PUT", `/interactions/${id}`, { status: "ended" });
		await statusIn(frame).getByText("Der Chat ist beendet.").waitFor();
		assert.equal(await frame.getByLabel("Ihre Nachricht").inputValue(), "half a sen", "what was written stays");
		assert.equal(await frame.getByText("Dateien bis ").isVisible(), false, "no file can be sent any more");
		await demandBoth(page, "the end");
		await frame.getByRole("button", { name: "Neuen Chat beginnen" }).click();
		await frame.getByLabel("Ihr Name").waitFor();
		assert.deepEqual(trouble, []);
	},
);

function addressOf(agent: Peer): string {
	const snapshot = agent.told.find(({ uri }) => uri === "/users/me/properties");
	assert.ok(snapshot);
	return (snapshot.subscribed_resource as { chat_address: string }).chat_address;
}

test(
	"on a small screen, written from right to left, the chat is all there is until it is closed",
	{ skip },
	async (t) => {
		const { stage, host } = await stageWithHost(t, { root: 'lang="ar" dir="rtl"' });
		await readyAgent(t, stage);
		const { page, trouble } = await openPage(await openBrowser(t), { viewport: { width: 320, height: 568 } });
		const frame = await openChat(page, host);
		await frame.getByLabel("Your name").waitFor();
		assert.equal(await frame.locator("html").getAttribute("dir"), "rtl");
		const inFrame = page.frames().find((one) => one.url().endsWith("/widget/"));
		const wide = await inFrame?.evaluate<number>(
			"document.documentElement.scrollWidth - document.documentElement.clientWidth",
		);
		assert.equal(wide, 0, "nothing is to be scrolled sideways");
		assert.deepEqual(await page.locator("iframe").boundingBox(), { x: 0, y: 0, width: 320, height: 568 });
		await demandBoth(page, "the form on a small screen");
		for (let presses = 0; presses < 8; presses += 1) {
			await page.keyboard.press("Tab");
			const where = await page.evaluate<string>("document.activeElement.id || document.activeElement.tagName");
			assert.notEqual(where, "BUTTON", "the page behind cannot be reached");
		}
		await frame.getByLabel("Your name").focus();
		await page.keyboard.press("Escape");
		await page.getByRole("button", { name: "Open chat" }).waitFor();
		assert.equal(
			await page.evaluate("document.getElementById('parley-widget').shadowRoot.activeElement?.tagName"),
			"BUTTON",
		);
		assert.deepEqual(trouble, []);
	},
);

test("two pages show one chat, the button counts what is unread, and files go both ways", { skip }, async (t) => {
	const { stage, host } = await stageWithHost(t);
	const mia = await readyAgent(t, stage);
	const { page, context, trouble } = await openPage(await openBrowser(t));
	const frame = await openChat(page, host);
	await frame.getByLabel("Your name").fill("Ann");
	await frame.getByRole("button", { name: "Start chat" }).click();
	const id = await accept(mia);
	await frame.getByText("mia Agent is here.").waitFor();
	const other = await context.newPage();
	await other.goto(host);
	await other.getByRole("button", { name: "Open chat" }).waitFor();
	await frame.getByRole("button", { name: "Close chat window" }).click();
	await mia.demand("POST", `/interactions/${id}/transcript/messages`, { message: "Hello Ann" });
	for (const one of [page, other]) {
		await one.getByRole("button", { name: "Open chat (1 unread message)" }).waitFor();
		assert.equal(await one.locator("#parley-widget").getByRole("status").textContent(), "1 unread message");
	}
	await demandBoth(page, "the button with what is unread");
	await other.bringToFront();
	await other.getByRole("button", { name: /Open chat/ }).click();
	await frameIn(other).getByText("Hello Ann").waitFor();
	await page.getByRole("button", { name: "Open chat", exact: true }).waitFor();
	const chooser = other.waitForEvent("filechooser");
	await frameIn(other).getByRole("button", { name: "Send a file" }).click();
	await (
		await chooser
	).setFiles([
		{ name: "note.txt", mimeType: "text/plain", buffer: Buffer.from("what is in it") },
		{ name: "tool.exe", mimeType: "application/octet-stream", buffer: Buffer.from("MZ") },
	]);
	await frameIn(other).getByText("Not sent: Files of this kind are not taken.").waitFor();
	await frameIn(other).getByRole("button", { name: "Remove" }).click();
	await page.getByRole("button", { name: "Open chat", exact: true }).click();
	await page.bringToFront();
	const saved = page.waitForEvent("download");
	await frame.getByRole("button", { name: "note.txt" }).click();
	assert.equal(readFileSync((await (await saved).path()) ?? "", "utf8"), "what is in it");
	await frame.getByLabel("Your message").fill("not yet sent");
	await page.reload();
	await page.getByText("Shop").first().waitFor();
	assert.equal(await frame.getByLabel("Your message").inputValue(), "not yet sent");
	await mia.demand("PUT", `/interactions/${id}`, { status: "ended" });
	await statusIn(frame).getByText("The chat has ended.").waitFor();
	await frame.getByRole("button", { name: "Start a new chat" }).click();
	await frameIn(other).getByLabel("Your name").waitFor();
	assert.deepEqual(trouble, []);
});

const secret = "a secret of the shop, long enough for everybody";

function identity(id: string, nowMs: number): Readonly<Record<string, unknown>> {
	const issuedAt = Math.floor(nowMs / 1000);
	const expiresAt = issuedAt + 600;
	const signature = createHmac("sha256", secret).update(`${id}\n${issuedAt}\n${expiresAt}`).digest("hex");
	return { id, name: id, email: `${id}@home.test`, issuedAt, expiresAt, signature };
}

test("who the site has signed is who chats; nobody else at the browser sees it", { skip }, async (t) => {
	const { stage, host } = await stageWithHost(t);
	await stage.call("PATCH", "/RI/rci/chatSettings", { widgetIdentitySecret: secret });
	await stage.call("PATCH", "/RI/rci/chatSettings", { widgetIdentityRequired: true });
	const mia = await readyAgent(t, stage);
	const { page } = await openPage(await openBrowser(t));
	const frame = await openChat(page, host);
	await frame.getByLabel("Your name").fill("Nobody");
	await frame.getByRole("button", { name: "Start chat" }).click();
	await statusIn(frame).getByText("could not prove who you are").waitFor();
	await demandBoth(page, "refused");
	const says = async (id: string): Promise<void> => {
		await page.evaluate(`parley("identify", ${JSON.stringify(identity(id, Date.now()))})`);
	};
	await says("ann");
	await frame.getByRole("button", { name: "Start chat" }).click();
	const offer = await mia.hear(appears("incoming"), "the offer");
	assert.equal((offer.subscribed_resource as { originator: string }).originator, "ann@home.test");
	const id = idIn(offer);
	await mia.demand("PUT", `/interactions/${id}`, { status: "accepted" });
	await mia.demand("POST", `/interactions/${id}/transcript/messages`, { message: "for Ann only" });
	await frame.getByText("for Ann only").waitFor();
	await page.reload();
	await frame.getByLabel("Your name").waitFor();
	assert.equal(await frame.getByText("for Ann only").count(), 0, "before the page says who is there");
	await says("ann");
	await frame.getByText("for Ann only").waitFor();
	await says("eve");
	await frame.getByLabel("Your name").waitFor();
	assert.equal(await frame.getByText("for Ann only").count(), 0);
	await says("ann");
	await frame.getByRole("button", { name: "Start chat" }).click();
	await frame.getByText("for Ann only").waitFor();
	await page.evaluate("parley('identify', null)");
	await frame.getByLabel("Your name").waitFor();
});

test(
	"whoever starts where the page names nobody does not get the chat of who was proven before",
	{ skip },
	async (t) => {
		const { stage, host } = await stageWithHost(t);
		await stage.call("PATCH", "/RI/rci/chatSettings", { widgetIdentitySecret: secret });
		const mia = await readyAgent(t, stage);
		const { page } = await openPage(await openBrowser(t));
		const frame = await openChat(page, host);
		await page.evaluate(`cvc.identify(${JSON.stringify(identity("ann", Date.now()))})`);
		const start = async (name: string): Promise<void> => {
			await frame.getByLabel("Your name").fill(name);
			await frame.getByRole("button", { name: "Start chat" }).click();
		};
		await start("Ann");
		const id = await accept(mia);
		await frame.getByText("mia Agent is here.").waitFor();
		await page.reload();
		await start("Eve");
		const next = await accept(mia, [id]);
		const offer = await mia.hear(({ uri }) => uri.endsWith(next), "it");
		assert.notEqual((offer.subscribed_resource as { originator: string }).originator, "ann@home.test");
	},
);

const chatsOf = (stage: ChatStage) => stage.call<{ id: string; state: string }[]>("GET", "/RI/cmi/chats");

test(
	"a chat goes on over the next page, which begins no other: wherever it would, and whoever it says is there",
	{ skip },
	async (t) => {
		const { stage, host } = await stageWithHost(t);
		await stage.call("PATCH", "/RI/rci/chatSettings", { widgetIdentitySecret: secret });
		await stage.call("POST", "/RI/rci/queues", { name: "Sales", addresses: ["sales@desk.test"] });
		const mia = await readyAgent(t, stage);
		const { page } = await openPage(await openBrowser(t));
		const frame = frameIn(page);
		const starts = async (saying: string): Promise<void> => {
			await page.goto(host);
			await page.waitForFunction("typeof cvc === 'object'");
			await page.evaluate(`cvc.setUser("Ann", ""); ${saying}; cvc.startChat()`);
		};
		await starts("");
		const id = await accept(mia);
		for (const saying of [
			`cvc.setQueues([{ address: "sales@desk.test" }])`,
			`cvc.identify(${JSON.stringify(identity("ann", Date.now()))})`,
		]) {
			await starts(saying);
			await frame.getByText("mia Agent is here.").waitFor();
			await frame.getByLabel("Your message").fill(`still here, ${saying}`);
			await frame.getByRole("button", { name: "Send", exact: true }).click();
			await until(() => mia.texts().includes(`still here, ${saying}`) || undefined, "the agent reads it");
		}
		assert.deepEqual(
			(await chatsOf(stage)).map((one) => [one.id, one.state]),
			[[id, "served"]],
		);
		// Only what ends makes room for who the page says is there.
		await mia.demand("PUT", `/interactions/${id}`, { status: "ended" });
		await statusIn(frame).getByText("The chat has ended.").waitFor();
		await page.evaluate("cvc.startChat()");
		const next = await accept(mia, [id]);
		const offer = await mia.hear(({ uri }) => uri.endsWith(next), "it");
		assert.equal((offer.subscribed_resource as { originator: string }).originator, "ann@home.test");
	},
);

test("what a page begins and ends in one breath is over, also where it has begun by then", { skip }, async (t) => {
	const { stage, host } = await stageWithHost(t);
	const mia = await readyAgent(t, stage);
	const { page, context } = await openPage(await openBrowser(t));
	await context.routeWebSocket(/ws_endpoint/, (socket) => {
		const server = socket.connectToServer();
		socket.onMessage(async (text) => {
			const { method, uri } = JSON.parse(String(text)) as { method: string; uri: string };
			if (method === "POST" && uri === "/users/me/interactions") {
				await page.evaluate("cvc.exit()");
			}
			server.send(text);
		});
	});
	await page.goto(host);
	await page.waitForFunction("typeof cvc === 'object'");
	await page.evaluate(`new Promise((done) => { cvc.attachEvent("ready", done); parley("open"); })`);
	await page.evaluate(`cvc.setUser("Ann", ""); cvc.setCad({ wish: "first" }); cvc.startChat(); cvc.exit()`);
	await page.evaluate(`cvc.setCad({ wish: "second" }); cvc.startChat()`);
	const offer = await mia.hear(appears("incoming"), "the offer");
	const { attached_data: attached } = offer.subscribed_resource as { attached_data: Record<string, unknown> };
	assert.equal(attached["wish"], "second", "the first was over before it began");
	await mia.hear(({ method, uri }) => method === "DELETE" && uri === offer.uri, "that it is over");
	assert.deepEqual(
		(await chatsOf(stage)).map(({ state }) => state),
		["ended"],
	);
});

test("a page ends the chat of the page before, also where it says so before the chat is there", { skip }, async (t) => {
	const before = `window.parley = function () { (parley.q = parley.q || []).push(arguments) };
		if (localStorage.getItem("bye") !== null) { parley("exit"); }`;
	const { stage, host } = await stageWithHost(t, { before });
	const mia = await readyAgent(t, stage);
	const { page } = await openPage(await openBrowser(t));
	const frame = await openChat(page, host);
	await frame.getByLabel("Your name").fill("Ann");
	await frame.getByRole("button", { name: "Start chat" }).click();
	const id = await accept(mia);
	await page.evaluate(`localStorage.setItem("bye", "")`);
	await page.reload();
	await mia.hear(({ uri, subscribed_resource: value }) => uri.endsWith(`${id}/status`) && value === "ended", "the end");
});

test("a chat that is over makes room for the next, also where the page begins it", { skip }, async (t) => {
	const { stage, host } = await stageWithHost(t);
	const mia = await readyAgent(t, stage);
	const { page } = await openPage(await openBrowser(t));
	await page.goto(host);
	await page.waitForFunction("typeof cvc === 'object'");
	await page.evaluate(`cvc.setUser("Ann", ""); cvc.startChat()`);
	const id = await accept(mia);
	await mia.demand("PUT", `/interactions/${id}`, { status: "ended" });
	await statusIn(frameIn(page)).getByText("The chat has ended.").waitFor();
	await page.evaluate("cvc.exit(); cvc.startChat()");
	const next = await accept(mia, [id]);
	await frameIn(page).getByText("mia Agent is here.").waitFor();
	await mia.demand("PUT", `/interactions/${next}`, { status: "ended" });
	await statusIn(frameIn(page)).getByText("The chat has ended.").waitFor();
	await page.reload();
	await page.waitForFunction("typeof cvc === 'object'");
	await page.evaluate(`cvc.setUser("Ann", ""); cvc.startChat()`);
	await accept(mia, [id, next]);
});
