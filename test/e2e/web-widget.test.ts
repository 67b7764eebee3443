// The visitor widget on somebody else's page, in a real browser, with an agent at a socket.

import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import { webFolder } from "#commands/web-build.ts";
import { demandAccessible, openBrowser, openPage, skipWithoutChromium, withBuiltWeb } from "#test/browser.ts";
import { appears, chatStage, type ChatStage, idIn, leaf, type Peer, until } from "#test/chat-scene.ts";
import { frameIn, hostPage, openChat, readyAgent, stageWithHost, statusIn } from "#test/widget-scene.ts";

const skip = skipWithoutChromium;

withBuiltWeb();

test(
	"a visitor on another site chats with an agent, reloads, sees the server restart, and saves what was said",
	{ skip },
	async (t) => {
		const { stage, host } = await stageWithHost(t);
		const mia = await readyAgent(t, stage);
		const { page, trouble } = await openPage(await openBrowser(t));
		const frame = await openChat(page, host);
		await frame.getByLabel("Your name").fill("Ann");
		await demandAccessible(page, "the form");
		await frame.getByRole("button", { name: "Start chat" }).click();
		const id = idIn(await mia.hear(appears("incoming"), "the offer"));
		await statusIn(frame).getByText("Please wait").waitFor();
		await mia.demand("PUT", `/interactions/${id}`, { status: "accepted" });
		await frame.getByText("mia Agent is here.").waitFor();
		await frame.getByLabel("Your message").fill("Where is my parcel?");
		await mia.hear(leaf("status", "typing"), "typing");
		await frame.getByRole("button", { name: "Send", exact: true }).click();
		await until(() => mia.texts().includes("Where is my parcel?") || undefined, "the agent reads it");
		await mia.demand("POST", `/interactions/${id}/transcript/messages`, { message: "I will check." });
		await frame.getByText("I will check.").waitFor();
		await demandAccessible(page, "the chat");
		await page.reload();
		// It is open again, as it was.
		const again = frameIn(page);
		await again.getByText("I will check.").waitFor();
		assert.equal(await again.getByText("Where is my parcel?").count(), 1);
		await stage.stop();
		await statusIn(again).getByText("Connection lost").waitFor();
		await demandAccessible(page, "without a connection");
		await again.getByLabel("Your message").fill("Are you there?");
		await again.getByRole("button", { name: "Send", exact: true }).click();
		await again.getByText("Waits to be sent").waitFor();
		await stage.again();
		await again.getByText("Waits to be sent").waitFor({ state: "detached", timeout: 40_000 });
		assert.equal(await again.getByText("Are you there?").count(), 1);
		await again.getByRole("button", { name: "End chat" }).click();
		await again.getByRole("group", { name: "Do you want" }).getByRole("button", { name: "End chat" }).click();
		await statusIn(again).getByText("The chat has ended.").waitFor();
		const saved = page.waitForEvent("download");
		await again.getByRole("button", { name: "Save the transcript" }).click();
		const text = readFileSync((await (await saved).path()) ?? "", "utf8");
		assert.match(text, /You: Where is my parcel\?\r\n.*mia Agent: I will check\./s);
		assert.deepEqual(
			trouble.filter((one) => !one.includes("WebSocket connection")),
			[],
		);
	},
);

/** One red dot. */
const dot = Buffer.from(
	"iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8DwHwAFBQIAX8jx0gAAAABJRU5ErkJggg==",
	"base64",
);

async function sendFile(
	stage: ChatStage,
	peer: Peer,
	chatId: string,
	file: { name: string; type: string; bytes: Buffer },
) {
	const facts = { filename: file.name, size: file.bytes.length, mime_type: file.type };
	const announced = await peer.demand("POST", `/interactions/${chatId}/attachments`, facts);
	const { id } = announced.body as unknown as { id: string };
	const headers = { cookie: peer.cookie, "content-type": file.type };
	const put = await fetch(`${stage.origin}/ecfs/media/${id}`, { method: "PUT", headers, body: file.bytes });
	assert.equal(put.status, 200);
}

test(
	"a picture that the agent sends is shown, and saved when pressed; another file is saved only",
	{ skip },
	async (t) => {
		const { stage, host } = await stageWithHost(t);
		const mia = await readyAgent(t, stage);
		const { page, trouble } = await openPage(await openBrowser(t));
		const frame = await openChat(page, host);
		await frame.getByLabel("Your name").fill("Ann");
		await frame.getByRole("button", { name: "Start chat" }).click();
		const id = idIn(await mia.hear(appears("incoming"), "the offer"));
		await mia.demand("PUT", `/interactions/${id}`, { status: "accepted" });
		await sendFile(stage, mia, id, { name: "the parcel.png", type: "image/png", bytes: dot });
		await sendFile(stage, mia, id, { name: "note.txt", type: "text/plain", bytes: Buffer.from("Two parcels.") });
		const picture = frame.getByRole("img", { name: "the parcel.png" });
		await picture.waitFor();
		const inside = page.frames().find((one) => one.url().includes("/widget/"));
		assert.equal(await inside?.evaluate("document.querySelector('.file img').naturalWidth"), 1);
		await demandAccessible(page, "a picture in the chat");
		assert.equal(await frame.getByRole("button", { name: "note.txt" }).getByRole("img").count(), 0);
		const saved = page.waitForEvent("download");
		await frame.getByRole("button", { name: "the parcel.png" }).click();
		const download = await saved;
		assert.equal(download.suggestedFilename(), "the parcel.png");
		assert.deepEqual(readFileSync((await download.path()) ?? ""), dot);
		assert.deepEqual(trouble, []);
	},
);

test("a page that is not on the list cannot show it", { skip }, async (t) => {
	const stage = await chatStage(t);
	const host = await hostPage(t, stage.origin);
	const { page } = await openPage(await openBrowser(t));
	await openChat(page, host);
	await until(
		() => page.frames().some((frame) => frame.url().startsWith("chrome-error:")) || undefined,
		"it is refused",
	);
	const answer = await fetch(`${stage.origin}/widget/`);
	const policy = answer.headers.get("content-security-policy") ?? "";
	assert.match(policy, /frame-ancestors 'self'(;|$)/);
	assert.match(policy, /script-src 'self'; style-src 'self';/);
	assert.match(policy, /require-trusted-types-for 'script'; trusted-types 'none'$/);
});

test("the page's own script talks to it as it did to the original", { skip }, async (t) => {
	const { stage, host } = await stageWithHost(t);
	const mia = await readyAgent(t, stage);
	const { page } = await openPage(await openBrowser(t));
	await page.goto(host);
	await page.getByRole("button", { name: "Open chat" }).waitFor();
	await page.evaluate(
		"window.heard = []; cvc.attachEvent('chatState', (event) => heard.push(event.detail)); cvc.setUser('Bob', 'bob@home.test'); cvc.setCad({ order: '12' }); cvc.startChat();",
	);
	const offer = await mia.hear(appears("incoming"), "the offer");
	const { originator, attached_data: attached } = offer.subscribed_resource as {
		originator: string;
		attached_data: Record<string, unknown>;
	};
	assert.equal(originator, "bob@home.test");
	assert.equal(attached["order"], "12");
	await mia.demand("PUT", `/interactions/${idIn(offer)}`, { status: "accepted" });
	await until(
		async () => ((await page.evaluate<string[]>("heard")).includes("connected") ? true : undefined),
		"the page hears of it",
	);
});

/** Run by the page: a window beside the frame, of the page's own origin, says something to both. */
const speakBetween = `(() => {
	window.heard = [];
	parley("on", "message", ({ detail }) => heard.push(detail));
	window.frameOfChat = document.getElementById("parley-widget").shadowRoot.querySelector("iframe").contentWindow;
	const other = document.createElement("iframe");
	document.body.append(other);
	const say = other.contentWindow.eval;
	say("top.postMessage({ type: 'event', name: 'message', detail: 'forged' }, '*')");
	say("top.frameOfChat.postMessage({ type: 'exit' }, '*')");
	window.postMessage({ type: "event", name: "message", detail: "forged too" }, "*");
})()`;

test("page and frame hear each other, and nobody else", { skip }, async (t) => {
	const { stage, host } = await stageWithHost(t);
	const mia = await readyAgent(t, stage);
	const { page } = await openPage(await openBrowser(t));
	const frame = await openChat(page, host);
	await frame.getByLabel("Your name").fill("Ann");
	await frame.getByRole("button", { name: "Start chat" }).click();
	const id = idIn(await mia.hear(appears("incoming"), "the offer"));
	await mia.demand("PUT", `/interactions/${id}`, { status: "accepted" });
	await frame.getByText("mia Agent is here.").waitFor();
	await page.evaluate(speakBetween);
	await mia.demand("POST", `/interactions/${id}/transcript/messages`, { message: "genuine" });
	await until(
		async () => (await page.evaluate<unknown[]>("heard")).length > 0 || undefined,
		"the page hears the agent",
	);
	const heard = await page.evaluate<{ content?: string }[]>("heard");
	assert.deepEqual(
		heard.map((detail) => detail.content ?? detail),
		["genuine"],
	);
	await frame.getByLabel("Your message").fill("still here");
	await frame.getByRole("button", { name: "Send", exact: true }).click();
	await until(() => mia.texts().includes("still here") || undefined, "the chat goes on");
});

test("where the browser keeps nothing for other sites, one chats all the same", { skip }, async (t) => {
	const { stage, host } = await stageWithHost(t);
	const elsewhere = host.replace("127.0.0.1", "localhost");
	await stage.call("PATCH", "/RI/rci/chatSettings", { widgetOrigins: [elsewhere] });
	const mia = await readyAgent(t, stage);
	const { page } = await openPage(await openBrowser(t));
	const frame = await openChat(page, elsewhere);
	await frame.getByLabel("Your name").fill("Ann");
	await frame.getByRole("button", { name: "Start chat" }).click();
	const id = idIn(await mia.hear(appears("incoming"), "the offer"));
	await mia.demand("PUT", `/interactions/${id}`, { status: "accepted" });
	await frame.getByText("mia Agent is here.").waitFor();
});

test("the widget is small, and its script leaves two names in the page", { skip }, async (t) => {
	const folder = join(webFolder, "widget");
	const size = (file: string): number => gzipSync(readFileSync(join(folder, file))).length;
	assert.ok(size("widget.js") < 15_000);
	const parts = globSync("assets/*.{js,css}", { cwd: folder });
	const bytes = [...parts, "index.html"].reduce((sum, file) => sum + size(file), 0);
	assert.ok(parts.length >= 2 && bytes < 40_000, `${bytes} bytes`);
	const { host } = await stageWithHost(t);
	const { page, trouble } = await openPage(await openBrowser(t));
	await page.addInitScript("window.before = Object.getOwnPropertyNames(window)");
	await page.goto(host);
	await page.getByRole("button", { name: "Open chat" }).waitFor();
	const added = await page.evaluate<string[]>(
		"Object.getOwnPropertyNames(window).filter((name) => !before.includes(name) && name !== 'before')",
	);
	assert.deepEqual(added.toSorted(), ["cvc", "parley"]);
	// A second tag, and what nobody offers, do no harm.
	await page.evaluate(
		"document.body.append(Object.assign(document.createElement('script'), { src: document.querySelector('script[src]').src }))",
	);
	await page.evaluate("parley('on', 'message', () => {}); cvc.setLogLevel('debug'); parley('destroy')");
	await page.getByRole("button", { name: "Open chat" }).waitFor({ state: "detached" });
	assert.deepEqual(trouble, []);
});
