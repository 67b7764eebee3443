// What the visitor sees: the form, the chat, its end. A screen is drawn anew where it is another one; else only what changed.

import { after } from "#web/realtime/after.ts";
import { openAnnouncer, type Said } from "./announcer.ts";
import { type ChatPanel, openChatPanel } from "./chat-panel.ts";
import { make } from "./dom.ts";
import { startForm, type Written } from "./form.ts";
import { statusOf } from "./status.ts";
import type { Talk } from "./talk.ts";
import { languageOf, type Texts, textsFor } from "./texts.ts";
import type { Wishes } from "./wishes.ts";

export type View = { draw(): void; focus(): void };

type Parts = { talk: Talk; wishes: () => Wishes; onClose: () => void };

export function openView({ talk, wishes, onClose }: Parts): View {
	const heading = make("h1");
	const close = make(
		"button",
		{ type: "button", class: "close", click: onClose },
		make("span", { "aria-hidden": "true" }, "×"),
	);
	const status = openStatus();
	const place = make("div", { class: "place" });
	const main = make("main", {}, make("header", { class: "bar" }, heading, close), ...status.elements, place);
	document.body.append(main);
	document.addEventListener("keydown", (event) => {
		if (event.key === "Escape" && !event.isComposing) {
			onClose();
		}
	});
	const written: Written = new Map();
	let screen = "";
	let panel: ChatPanel | undefined;

	const change = (next: string, texts: Texts): void => {
		const hadFocus = place.contains(document.activeElement);
		screen = next;
		const { chat } = talk.scene;
		const { language } = wishes();
		panel = chat === undefined ? undefined : openChatPanel({ talk, texts, language });
		place.replaceChildren(panel?.element ?? startForm({ talk, wishes: wishes(), texts, written }));
		panel?.draw();
		if (chat !== undefined) {
			written.clear();
		}
		if (hadFocus) {
			focus();
		}
	};
	const focus = (): void => {
		if (panel !== undefined && talk.scene.chat?.status !== "ended") {
			panel.focus();
		} else {
			place.querySelector<HTMLElement>("input, select, textarea, [tabindex='0']")?.focus();
		}
	};
	return {
		draw() {
			const { language, direction, queues, user, form } = wishes();
			const texts = textsFor(language);
			document.documentElement.lang = languageOf(language);
			document.documentElement.dir = direction;
			document.title = texts.title;
			heading.textContent = texts.title;
			main.setAttribute("aria-label", texts.title);
			close.setAttribute("aria-label", texts.close);
			const { chat } = talk.scene;
			const asked = JSON.stringify([queues, user, form]);
			const next = `${language} ${chat === undefined ? asked : chat.id}`;
			if (next !== screen) {
				change(next, texts);
			} else {
				panel?.draw();
			}
			place.querySelector<HTMLButtonElement>("form.form button")?.toggleAttribute("disabled", talk.isStarting);
			status.draw(statusOf(talk, texts));
		},
		focus,
	};
}

/** For those who see, and for those who listen. */
function openStatus(): { elements: readonly HTMLElement[]; draw(now: Said): void } {
	const sentence = make("span", { dir: "auto" });
	const region = make("p", { class: "unseen", role: "status", dir: "auto" });
	const announce = openAnnouncer({ say: (text) => (region.textContent = text), after, nowMs: () => performance.now() });
	return {
		elements: [make("p", { class: "status", "aria-hidden": "true" }, sentence), region],
		draw(now) {
			if (sentence.textContent !== now.text) {
				sentence.textContent = now.text;
			}
			announce(now);
		},
	};
}
