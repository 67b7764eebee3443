// Where the visitor writes: kept with each letter, so that nothing typed is lost with the page.

import { openChooser } from "./chooser.ts";
import { make } from "./dom.ts";
import { keep, kept } from "./kept.ts";
import { draftName, type Talk } from "./talk.ts";
import type { Texts } from "./texts.ts";

export type Composer = { element: HTMLElement; focus(): void; draw(isOver: boolean): void };

export function openComposer(talk: Talk, texts: Texts): Composer {
	const input = make("textarea", { rows: "2", maxlength: "10000", "aria-label": texts.write, dir: "auto" });
	input.value = kept(draftName) ?? "";
	const keepDraft = (): void => keep(draftName, input.value === "" ? null : input.value);
	const send = (): void => {
		const text = input.value.trim();
		if (text !== "") {
			talk.say(text);
			input.value = "";
			keepDraft();
		}
		input.focus();
	};
	const sendFiles = (files: Iterable<File>): void => {
		const { chat } = talk.scene;
		for (const file of chat === undefined ? [] : files) {
			void talk.uploads.send(chat?.id ?? "", file);
		}
	};
	const chooser = openChooser(talk, texts, sendFiles);
	listenToInput(input, talk, { keepDraft, send, sendFiles });
	const ending = endButtons(talk, texts);
	const buttons = make(
		"div",
		{ class: "buttons" },
		chooser.button,
		ending,
		make("button", { type: "submit", class: "main" }, texts.send),
	);
	const submit = (event: Event): void => {
		event.preventDefault();
		send();
	};
	const element = make("form", { class: "composer", submit }, input, chooser.input, buttons, chooser.hint);
	return {
		element,
		focus: () => input.focus(),
		draw(isOver) {
			// What was written stays there to be copied.
			element.hidden = isOver && input.value === "";
			input.readOnly = isOver;
			buttons.hidden = isOver;
			chooser.draw(isOver);
		},
	};
}

type Acts = { keepDraft(): void; send(): void; sendFiles(files: Iterable<File>): void };

function listenToInput(input: HTMLTextAreaElement, talk: Talk, { keepDraft, send, sendFiles }: Acts): void {
	input.addEventListener("input", () => {
		keepDraft();
		if (input.value === "") {
			talk.typing.stop();
		} else {
			talk.typing.note();
		}
	});
	input.addEventListener("keydown", (event) => {
		if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
			event.preventDefault();
			send();
		}
	});
	input.addEventListener("paste", (event) => {
		const files = event.clipboardData?.files ?? [];
		if (files.length > 0) {
			event.preventDefault();
			sendFiles(files);
		}
	});
}

/** One press too many must not end a chat. */
function endButtons(talk: Talk, texts: Texts): HTMLElement {
	const place = make("span", { class: "ending" });
	const rest = (): void => {
		place.replaceChildren(end);
		end.focus();
	};
	const end = make("button", { type: "button", click: ask }, texts.end);
	function ask(): void {
		const sure = make("button", { type: "button", class: "main", click: () => talk.end() }, texts.end);
		const no = make("button", { type: "button", click: rest }, texts.goOn);
		const group = make(
			"span",
			{ role: "group", class: "ending", "aria-label": texts.endAsked },
			texts.endAsked,
			sure,
			no,
		);
		place.replaceChildren(group);
		sure.focus();
	}
	place.append(end);
	return place;
}
