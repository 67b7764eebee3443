// The chat itself: what was said, what is on its way, and what one can do. Lines stay in place and are only drawn anew where
// they say something else, so that a screen reader tells each once.

import { type Piece, piecesOf } from "#web/realtime/links.ts";
import type { Interaction, Message } from "#web/realtime/tree.ts";
import { type Composer, openComposer } from "./composer.ts";
import { make } from "./dom.ts";
import { fileElement } from "./file-line.ts";
import { keepEnd } from "./keep-end.ts";
import { type Line, toLine, transcriptText } from "./lines.ts";
import { openPending } from "./pending.ts";
import { saveFile } from "./save-file.ts";
import type { Talk } from "./talk.ts";
import type { Texts } from "./texts.ts";

export type ChatPanel = { element: HTMLElement; focus(): void; draw(): void };

export type PanelParts = { talk: Talk; texts: Texts; language: string };

type Shown = { says: string; element: HTMLElement };

export function openChatPanel(parts: PanelParts): ChatPanel {
	const { talk, texts } = parts;
	const log = make("div", { class: "log", role: "log", tabindex: "0", "aria-label": texts.transcript });
	const pending = openPending(talk, texts);
	const composer = openComposer(talk, texts);
	const after = make("div", { class: "after" }, ...afterwards(parts));
	const shown = new Map<string, Shown>();
	let wasOver = false;
	const panel = {
		element: make("section", { class: "chat" }, log, pending.element, composer.element, after),
		focus: () => composer.focus(),
		draw() {
			const { chat } = talk.scene;
			if (chat === undefined) {
				return;
			}
			const isOver = chat.status === "ended";
			keepEnd(log, () => {
				drawLines(log, shown, { ...parts, chat });
				pending.draw(chat);
				drawEnd({ composer, after, log }, { isOver, isNew: isOver && !wasOver });
			});
			wasOver = isOver;
		},
	};
	panel.draw();
	return panel;
}

type EndParts = { composer: Composer; after: HTMLElement; log: HTMLElement };

function drawEnd({ composer, after, log }: EndParts, { isOver, isNew }: { isOver: boolean; isNew: boolean }): void {
	const hadFocus = composer.element.contains(document.activeElement);
	composer.draw(isOver);
	after.hidden = !isOver;
	if (isNew && hadFocus) {
		log.focus();
	}
}

type LineParts = PanelParts & { chat: Interaction };

function drawLines(log: HTMLElement, shown: Map<string, Shown>, parts: LineParts): void {
	let before: Element | null = null;
	for (const message of parts.talk.lines()) {
		const element = elementOf(message, shown, parts);
		if (element !== undefined) {
			// In order, whenever it comes: what is older than the rest may come later.
			if (element.previousElementSibling !== before || element.parentElement !== log) {
				log.insertBefore(element, before === null ? log.firstChild : before.nextSibling);
			}
			before = element;
		}
	}
}

function elementOf(message: Message, shown: Map<string, Shown>, parts: LineParts): HTMLElement | undefined {
	const line = toLine(message, parts.chat, parts.texts);
	const says = JSON.stringify(line);
	const known = shown.get(message.id);
	if (line === undefined || known?.says === says) {
		return line === undefined ? undefined : known?.element;
	}
	const element = lineElement(line, parts);
	known?.element.replaceWith(element);
	shown.set(message.id, { says, element });
	return element;
}

function lineElement(line: Line, parts: LineParts): HTMLElement {
	const { kind, author, text, files, choices, tick, at } = line;
	const { talk, texts, language } = parts;
	const time = Number.isNaN(at)
		? ""
		: new Date(at).toLocaleTimeString(language, { hour: "numeric", minute: "2-digit" });
	const facts = [author, time].filter((one) => one !== "").join(" · ");
	const choose = (choice: string) => (): void => talk.say(choice);
	return make(
		"div",
		{ class: `line ${kind}` },
		...(kind === "notice" ? [] : [make("small", {}, facts, ...(tick === undefined ? [] : [tickElement(tick, texts)]))]),
		...(text === "" ? [] : [make("span", { dir: "auto" }, ...piecesOf(text).map(pieceElement))]),
		...files.map((file) => fileElement(file, texts)),
		...choices.map((choice) => make("button", { type: "button", class: "choice", click: choose(choice) }, choice)),
	);
}

function pieceElement({ text, href }: Piece): Node {
	return href === undefined
		? document.createTextNode(text)
		: make("a", { href, target: "_blank", rel: "noopener noreferrer nofollow" }, text);
}

const marks = { sent: "✓", delivered: "✓✓", read: "✓✓", failed: "!" } as const;

function tickElement(tick: NonNullable<Line["tick"]>, texts: Texts): HTMLElement {
	return make("span", { class: `tick ${tick}`, role: "img", "aria-label": texts[tick] }, marks[tick]);
}

function afterwards({ talk, texts }: PanelParts): Node[] {
	const save = (): void => {
		const { chat } = talk.scene;
		if (chat !== undefined) {
			const text = transcriptText(talk.lines(), chat, texts);
			saveFile(`chat-${chat.id}.txt`, new Blob([text], { type: "text/plain;charset=utf-8" }));
		}
	};
	return [
		make("button", { type: "button", click: save }, texts.save),
		make("button", { type: "button", class: "main", click: () => talk.again() }, texts.again),
	];
}
