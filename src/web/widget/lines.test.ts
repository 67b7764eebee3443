import assert from "node:assert/strict";
import { test } from "node:test";
import { contactCentre } from "#domain/chats.ts";
import type { Interaction, Message } from "#web/realtime/tree.ts";
import { toLine, transcriptText } from "./lines.ts";
import { textsFor } from "./texts.ts";

const texts = textsFor("en");

const chat = {
	id: "C",
	originator: "ann@home.test",
	date_created: "05/03/2026 14:07:00 UTC+00:00",
	participants: [{ uniquekey: "mia@desk.test", alias: "Mia" }],
	transcript: { messages: [] },
} as unknown as Interaction;

function message(type: string, content: unknown, more: Partial<Message> = {}): Message {
	return {
		id: "M",
		seq: 1,
		type,
		message: typeof content === "string" ? content : JSON.stringify(content),
		originator: "mia@desk.test",
		timestamp: "05/03/2026 14:07:09 UTC+00:00",
		system_message: false,
		...more,
	};
}

const line = (type: string, content: unknown, more?: Partial<Message>) =>
	toLine(message(type, content, more), chat, texts);
const said = (type: string, content: unknown, more?: Partial<Message>) => line(type, content, more)?.text;

test("texts are theirs, one's own, or the contact centre's", () => {
	const { at, ...theirs } = line("text", "<b>Hello</b>") ?? {};
	assert.deepEqual(theirs, {
		kind: "theirs",
		author: "Mia",
		text: "<b>Hello</b>",
		files: [],
		choices: [],
		tick: undefined,
	});
	assert.equal(at, Date.parse("2026-03-05T14:07:09Z"));
	assert.deepEqual(
		[line("text", "Hi", { originator: "ann@home.test" })].map((one) => [one?.kind, one?.author]),
		[["own", "You"]],
	);
	const prompt = line("text", "You are number 2.", { originator: "Contact Center", system_message: true });
	assert.deepEqual([prompt?.kind, prompt?.author, prompt?.text], ["notice", "", "You are number 2."]);
});

test("an own text shows how far it has come", () => {
	const tick = (delivery_status?: string) =>
		line("text", "Hi", { originator: "ann@home.test", ...(delivery_status === undefined ? {} : { delivery_status }) })
			?.tick;
	assert.deepEqual(
		[undefined, "queued", "delivered", "read", "failed"].map((one) => tick(one)),
		["sent", "sent", "delivered", "read", "failed"],
	);
});

test("states are told where they concern the visitor", () => {
	const state = (word: string, id = "mia@desk.test") =>
		said("state", { state: word, originator: { id, display_name: "Mia" } }, { system_message: true });
	assert.equal(state("JOINED"), "Mia is here.");
	assert.equal(state("LEFT"), "Mia has left.");
	assert.equal(state("JOINED", "ann@home.test"), undefined);
	assert.equal(state("CHAT_PAGE_OPENED"), undefined);
});

test("who is handed on is promised no more than is known, in words that stay", () => {
	const handedOn = (by: string, status: string, language = "en") => {
		const content = JSON.stringify({ state: "CHAT_TRANSFERRED", originator: { id: by, display_name: by } });
		const one = message("state", content, { system_message: true, originator: contactCentre });
		return toLine(one, { ...chat, status }, textsFor(language))?.text;
	};
	for (const status of ["queued", "accepted", "ended"]) {
		assert.equal(handedOn(contactCentre, status), "You have been handed on to somebody else.");
		assert.equal(handedOn("mia@desk.test", status), "You have been handed on to somebody else.");
	}
	assert.equal(handedOn(contactCentre, "queued", "de"), "Sie wurden an jemand anderen weitergegeben.");
});

test("files, places, templates and errors are read from their JSON, in one object or several", () => {
	const files = line("attachment", [
		{ text: "see", attachments: [{ id: "F1", filename: "box.jpg", size: "7" }] },
		{ "dropped attachments": [{ filename: "virus.exe", reason: "NOTALLOWED" }] },
	]);
	assert.deepEqual(files?.files, [{ id: "F1", filename: "box.jpg" }]);
	const shown = ["image/png", "image/svg+xml", "text/html", 7].map((mime_type) => ({
		id: "F",
		filename: "a",
		size: "7",
		width: 2,
		height: 3,
		mime_type,
	}));
	const png = { id: "F", filename: "a", mime_type: "image/png", width: 2, height: 3 };
	const large = { ...png, size: String(6 * 1024 * 1024) };
	const unmeasured = { ...png, size: "9", width: undefined };
	assert.deepEqual(
		line("attachment", { attachments: [...shown, large, unmeasured] })?.files.map(({ picture }) => picture),
		["image/png", undefined, undefined, undefined, undefined, undefined],
	);
	assert.equal(files?.text, "see\nvirus.exe did not arrive.");
	assert.equal(
		said("location", { title: "Depot", label: "", coordinates: { latitude: 60.17, longitude: 24.94 } }),
		"Place: Depot, 60.17, 24.94",
	);
	const template = line("template", {
		text: "Which one?",
		template: {
			html_content: "<ul><li>Red &amp; blue</li></ul><button onclick='x()'>Green</button><script>alert(1)</script>",
		},
	});
	assert.deepEqual([template?.text, template?.choices], ["Which one?", ["Green", "Red & blue"].toReversed()]);
	assert.deepEqual(line("template", { text: "", buttons: [{ title: "Yes" }, "No", 7] })?.choices, ["Yes", "No"]);
	const error = { error_code: "DELIVERYFAILED", error_description: "It did not go." };
	assert.equal(line("error", error, { system_message: true })?.kind, "notice");
});

test("what is not what its type says shows nothing, and breaks nothing", () => {
	for (const type of ["attachment", "location", "template", "error", "state", "note", "unknown"]) {
		for (const content of ["{", "null", "[]", "7", '{"attachments":7,"buttons":{}}', '{"coordinates":"x"}']) {
			assert.doesNotThrow(() => line(type, content), `${type} ${content}`);
		}
	}
	assert.equal(line("note", "internal"), undefined);
});

test("the saved transcript has what the visitor could read, in order", () => {
	const messages = [
		message("text", "Where is it?", { originator: "ann@home.test" }),
		message("note", "grumpy"),
		message("attachment", { attachments: [{ id: "F", filename: "map.png" }] }),
	];
	assert.equal(
		transcriptText(messages, chat, texts),
		[
			"Chat of 05/03/2026 14:07:00 UTC+00:00",
			"",
			"[05/03/2026 14:07:09 UTC+00:00] You: Where is it?",
			"[05/03/2026 14:07:09 UTC+00:00] Mia: map.png",
			"",
		].join("\r\n"),
	);
});
