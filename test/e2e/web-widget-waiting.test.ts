// The visitor widget while one waits and before one sends a file: what it says of the queue and of files, to those who see it,
// to those who hear it, and to the page.

import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import type { FrameLocator } from "playwright-core";
import { openBrowser, openPage, skipWithoutChromium, withBuiltWeb } from "#test/browser.ts";
import { appears, type ChatStage, idIn, logInAgent, openPeer, type Peer, until, visit } from "#test/chat-scene.ts";
import { demandBoth, frameIn, openChat, heardIn, readyAgent, stageWithHost, statusIn } from "#test/widget-scene.ts";

const skip = skipWithoutChromium;

withBuiltWeb();

async function waiting(t: TestContext, { origin }: ChatStage): Promise<{ peer: Peer; id: string }> {
	const peer = await openPeer(t, origin, { ...(await visit(origin)), side: "visitor" });
	await peer.demand("POST", "/interactions", { channel_type: "chat", destination: "support@desk.test" });
	return { peer, id: idIn(await peer.hear(appears("queued"), "that it waits")) };
}

/** For the frame to run: where the text in an element begins that is read from the right. */
const rightOf = (selector: string): string => `(() => {
	const range = document.createRange();
	range.selectNodeContents(document.querySelector("${selector}"));
	return Math.round(range.getBoundingClientRect().right);
})()`;

async function startChat(frame: FrameLocator, name = "Your name", start = "Start chat"): Promise<void> {
	await frame.getByLabel(name).fill("Ann");
	await frame.getByRole("button", { name: start }).click();
}

type Spoken = { text: string; atMs: number };

/** Run by the frame: what a screen reader is given to say of how it stands. */
const listenToStatus = `(() => {
	const status = document.querySelector("[role=status]");
	window.spoken = [];
	const hear = () => spoken.push({ text: status.textContent, atMs: performance.now() });
	new MutationObserver(hear).observe(status, { childList: true, characterData: true, subtree: true });
})()`;

test("who waits sees their place go down, also mirrored, on a small screen and after a reload", { skip }, async (t) => {
	const root = 'lang="ar" dir="rtl"';
	const { stage, host } = await stageWithHost(t, { root }, { allocation: "huntGroup" });
	const mia = await openPeer(t, stage.origin, await logInAgent(stage.origin, await stage.agent("mia")));
	const pick = (contact_id: string) =>
		mia.demand("POST", "/interactions", { channel_type: "chat", status: "picked", contact_id });
	const [bob, eva] = [await waiting(t, stage), await waiting(t, stage)];
	const { page, trouble } = await openPage(await openBrowser(t), { viewport: { width: 320, height: 568 } });
	const frame = await openChat(page, host);
	await frame.getByLabel("Your name").waitFor();
	const inside = page.frames().find((one) => one.url().endsWith("/widget/"));
	await inside?.evaluate(listenToStatus);
	await startChat(frame);
	await statusIn(frame).getByText("You are number 3 in the queue.").waitFor();
	const direction = "getComputedStyle(document.querySelector('p.status > *')).direction";
	assert.equal(await inside?.evaluate<string>(direction), "ltr", "as English is written");
	await frame.getByText("Files of at most").waitFor();
	const [statusEnds, hintEnds] = [
		await inside?.evaluate(rightOf("p.status")),
		await inside?.evaluate(rightOf(".hint")),
	];
	assert.deepEqual([statusEnds, hintEnds], [308, 308], "both stand where the page's lines begin: 320 less 12 pixels");
	const wide = "document.documentElement.scrollWidth - document.documentElement.clientWidth";
	assert.equal(await inside?.evaluate<number>(wide), 0, "nothing is to be scrolled sideways");
	await demandBoth(page, "waiting at a place");
	await eva.peer.demand("PUT", `/interactions/${eva.id}`, { status: "ended" });
	await statusIn(frame).getByText("You are number 2 in the queue.").waitFor();
	await pick(bob.id);
	await statusIn(frame).getByText("You are number 1 in the queue.").waitFor();
	// Who listens is told the first place at once, and the one it is by then when twenty seconds are over.
	await heardIn(frame).getByText("You are number 1 in the queue.").waitFor({ state: "attached", timeout: 30_000 });
	const spoken = (await inside?.evaluate<Spoken[]>("spoken")) ?? [];
	const places = spoken.filter(({ text }) => text.includes("number"));
	const apart = places.slice(1).map(({ atMs }, index) => atMs - (places[index]?.atMs ?? 0));
	assert.match(places[0]?.text ?? "", /number 3/);
	assert.deepEqual(
		apart.filter((ms) => ms < 19_900),
		[],
		`places that are said are twenty seconds apart: ${JSON.stringify(places)}`,
	);
	await page.reload();
	await page.getByRole("button", { name: "Open chat" }).click();
	await statusIn(frame).getByText("You are number 1 in the queue.").waitFor();
	assert.deepEqual(trouble, []);
});

test(
	"a place is said once to who listens, and to the page, and is gone when somebody accepts; in German, too",
	{ skip },
	async (t) => {
		const tag = 'data-queue="support@desk.test" data-language="de"';
		const { stage, host } = await stageWithHost(t, { tag, root: 'lang="de"' }, { allocation: "huntGroup" });
		const mia = await openPeer(t, stage.origin, await logInAgent(stage.origin, await stage.agent("mia")));
		const { page, trouble } = await openPage(await openBrowser(t));
		await page.goto(host);
		await page.evaluate("window.places = []; parley('on', 'queuePosition', ({ detail }) => places.push(detail))");
		await page.getByRole("button", { name: "Chat öffnen" }).click();
		const frame = frameIn(page);
		await frame.getByLabel("Ihr Name").waitFor();
		const inside = page.frames().find((one) => one.url().endsWith("/widget/"));
		await inside?.evaluate(listenToStatus);
		await startChat(frame, "Ihr Name", "Chat beginnen");
		await statusIn(frame).getByText("Sie sind Nummer 1 in der Warteschlange.").waitFor();
		await demandBoth(page, "waiting at a place, in German");
		const asked = "new Promise((resolve) => cvc.getDetails(resolve))";
		assert.equal((await page.evaluate<{ queuePosition: unknown }>(asked)).queuePosition, 1);
		const [chat] = (await mia.demand("GET", "/waiting")).body as unknown as { contact_id: string }[];
		const body = { channel_type: "chat", status: "picked", contact_id: chat?.contact_id };
		await mia.demand("POST", "/interactions", body);
		await frame.getByText("mia Agent ist da.").waitFor();
		assert.equal(await frame.getByText("Warteschlange").count(), 0);
		const spoken = (await inside?.evaluate<Spoken[]>("spoken")) ?? [];
		const place = "Bitte warten Sie. Sie sind Nummer 1 in der Warteschlange.";
		assert.deepEqual(
			spoken.map(({ text }) => text).filter((text) => text.includes("Nummer")),
			[place],
		);
		await until(
			async () => (await page.evaluate<unknown[]>("places")).length === 2 || undefined,
			"the page hears of the place and of its end",
		);
		assert.deepEqual(await page.evaluate("places"), [1, null]);
		assert.deepEqual(trouble, []);
	},
);

test("who is handed on reads so, in words that stay true when somebody joins", { skip }, async (t) => {
	const { stage, host } = await stageWithHost(t, { tag: 'data-queue="front@desk.test" data-language="en"' });
	const behind = { overflowQueueId: stage.queueId, overflowAfterSeconds: 1 };
	await stage.call("POST", "/RI/rci/queues", { name: "Front", addresses: ["front@desk.test"], ...behind });
	await stage.call("POST", "/RI/rci/queues", { name: "Invoices", addresses: ["invoices@desk.test"] });
	const { page, trouble } = await openPage(await openBrowser(t));
	const frame = await openChat(page, host);
	await startChat(frame);
	const handedOn = frame.getByText("You have been handed on to somebody else.");
	await handedOn.waitFor();
	const mia = await readyAgent(t, stage);
	const id = idIn(await mia.hear(appears("incoming"), "the offer"));
	await mia.demand("PUT", `/interactions/${id}`, { status: "accepted" });
	await frame.getByText("mia Agent is here.").waitFor();
	const transfer = { channel_status: "transferring", destination: "invoices@desk.test" };
	await mia.demand("PUT", `/interactions/${id}`, transfer);
	await handedOn.nth(1).waitFor();
	await statusIn(frame).getByText("Please wait.").waitFor();
	await page.reload();
	await handedOn.nth(1).waitFor();
	assert.equal(await handedOn.count(), 2);
	assert.deepEqual(trouble, []);
});

test(
	"what files are taken is there before one chooses; another one is refused before a byte is sent",
	{ skip },
	async (t) => {
		const { stage, host } = await stageWithHost(t);
		await stage.call("PATCH", "/RI/rci/chatSettings", { attachmentBytesMax: 2048, attachmentTypes: ["txt", "png"] });
		const mia = await readyAgent(t, stage);
		const { page, trouble } = await openPage(await openBrowser(t), { viewport: { width: 320, height: 568 } });
		const sent: string[] = [];
		page.on("websocket", (socket) => socket.on("framesent", ({ payload }) => sent.push(String(payload))));
		page.on("request", (request) => sent.push(`${request.method()} ${request.url()}`));
		const frame = await openChat(page, host);
		await startChat(frame);
		const id = idIn(await mia.hear(appears("incoming"), "the offer"));
		await mia.demand("PUT", `/interactions/${id}`, { status: "accepted" });
		const button = frame.getByRole("button", { name: "Send a file" });
		await frame.getByText("Files of at most 2 KiB: txt, png.").waitFor();
		await button.focus();
		const hint = frame.locator(`#${await button.getAttribute("aria-describedby")}`);
		assert.equal(await hint.textContent(), "Files of at most 2 KiB: txt, png.");
		assert.equal(await frame.locator("input[type=file]").getAttribute("accept"), ".txt,.png");
		await demandBoth(page, "the limits of files");
		const choose = async (...files: { name: string; mimeType: string; buffer: Buffer }[]): Promise<void> => {
			const chooser = page.waitForEvent("filechooser");
			await button.click();
			await (await chooser).setFiles(files);
		};
		const mimeType = "text/plain";
		await choose({ name: "long.txt", mimeType, buffer: Buffer.alloc(2049, "x") });
		await frame.getByRole("alert").getByText("Not sent: The file is too large.").waitFor();
		await choose({ name: "tool.exe", mimeType: "application/octet-stream", buffer: Buffer.from("MZ") });
		await frame.getByRole("alert").getByText("Not sent: Files of this kind are not taken.").waitFor();
		await demandBoth(page, "files that are refused");
		assert.deepEqual(
			sent.filter((one) => /attachments|\/media\//.test(one)),
			[],
			"nothing of them went out",
		);
		await frame.getByRole("button", { name: "Remove" }).first().click();
		await frame.getByRole("button", { name: "Remove" }).first().click();
		await choose({ name: "note.txt", mimeType, buffer: Buffer.alloc(2048, "x") });
		await frame.getByRole("button", { name: "note.txt" }).waitFor();
		assert.equal(await frame.getByRole("alert").count(), 0);
		await stage.call("PATCH", "/RI/rci/chatSettings", { attachmentTypes: ["txt", "png", "csv"] });
		const asks = (): number => sent.filter((one) => one.includes("/attachment_limits")).length;
		const asksBefore = asks();
		await choose(
			...["list.csv", "more.csv"].map((name) => ({ name, mimeType: "text/csv", buffer: Buffer.from("a,b") })),
		);
		await frame.getByRole("button", { name: "list.csv" }).waitFor();
		await frame.getByRole("button", { name: "more.csv" }).waitFor();
		await frame.getByText("Files of at most 2 KiB: txt, png, csv.").waitFor();
		assert.equal(await frame.getByRole("alert").count(), 0, "what is allowed meanwhile is taken");
		assert.equal(asks(), asksBefore + 1, "asked once for all that are chosen at once");
		assert.deepEqual(trouble, []);
	},
);
