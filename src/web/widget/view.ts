// What the visitor sees: the form, the chat, its end. Drawn anew where the state is another; messages are only added.

import type { Interaction } from "#web/realtime/tree.ts";
import { basePath } from "#web/api/base.ts";
import { make } from "./dom.ts";
import { filesOf, toLine, transcriptText } from "./lines.ts";
import type { Talk, Wishes } from "./talk.ts";
import { fill, type Texts } from "./texts.ts";

export type View = { draw(): void };

type Parts = { talk: Talk; wishes: () => Wishes; texts: () => Texts; onClose: () => void };

export function openView(parts: Parts): View {
	const heading = make("h1");
	const close = make("button", { type: "button", class: "close", click: parts.onClose });
	const status = make("p", { class: "status", role: "status" });
	const place = make("div", { class: "place" });
	const main = make("main", {}, make("div", { class: "bar" }, heading, close), status, place);
	document.body.append(main);
	let shown = "";
	let panel: ChatPanel | undefined;
	return {
		draw() {
			const texts = parts.texts();
			heading.textContent = texts.title;
			document.title = texts.title;
			main.setAttribute("aria-label", texts.title);
			close.textContent = "×";
			close.setAttribute("aria-label", texts.close);
			const chat = parts.talk.chat();
			const screen = chat === undefined ? `form ${parts.wishes().queues.length} ${parts.wishes().user.name}` : chat.id;
			if (screen !== shown) {
				shown = screen;
				panel = chat === undefined ? undefined : chatPanel(parts);
				place.replaceChildren(panel?.element ?? startForm(parts));
			}
			status.textContent = statusText(parts.talk, chat, texts);
			panel?.draw(chat);
		},
	};
}

function statusText(talk: Talk, chat: Interaction | undefined, texts: Texts): string {
	if (talk.state === "refused") {
		return texts.refusedIdentity;
	}
	if (talk.state === "lost") {
		return texts.lost;
	}
	if (talk.failure !== undefined) {
		return talk.failure;
	}
	if (chat === undefined) {
		return talk.state === "connecting" ? texts.connecting : "";
	}
	if (chat.status === "queued") {
		return texts.waiting;
	}
	const failures: Readonly<Record<string, string>> = {
		queue_full: texts.queue_full,
		queue_closed: texts.queue_closed,
		bad_address: texts.bad_address,
	};
	if (chat.status === "ended") {
		return failures[chat.channel_status] ?? texts.ended;
	}
	const typing = chat.participants.find(
		({ status, uniquekey }) => status === "typing" && uniquekey !== chat.originator,
	);
	return typing === undefined ? "" : fill(texts.typing, { name: typing.alias });
}

function startForm({ talk, wishes, texts }: Parts): HTMLElement {
	const { queues, user } = wishes();
	const words = texts();
	const name = make("input", { name: "name", autocomplete: "name", maxlength: "100", value: user.name });
	const email = make("input", {
		name: "email",
		type: "email",
		autocomplete: "email",
		maxlength: "254",
		value: user.email,
	});
	const choice = make(
		"select",
		{ name: "queue" },
		...queues.map((queue) => make("option", { value: queue.address }, queue.name ?? queue.address)),
	);
	const start = make("button", { type: "submit" }, words.start);
	return make(
		"form",
		{
			submit(event) {
				event.preventDefault();
				const address = choice.value || queues[0]?.address || "";
				start.disabled = true;
				void talk.start({ name: name.value.trim(), email: email.value.trim() }, address).then(() => {
					start.disabled = false;
				});
			},
		},
		make("p", {}, words.lead),
		make("label", {}, words.name, name),
		make("label", {}, words.email, email),
		...(queues.length > 1 ? [make("label", {}, words.queue, choice)] : []),
		start,
	);
}

type ChatPanel = { element: HTMLElement; draw(chat: Interaction | undefined): void };

function chatPanel(parts: Parts): ChatPanel {
	const texts = parts.texts();
	const log = make("div", { class: "log", role: "log", tabindex: "0", "aria-label": texts.transcript });
	const pending = make("div", { class: "pending" });
	const composer = composerOf(parts);
	const after = make("div", { class: "after" });
	const known = new Set<string>();
	return {
		element: make("section", {}, log, pending, composer, after),
		draw(chat) {
			if (chat === undefined) {
				return;
			}
			for (const message of chat.transcript.messages.filter(({ id }) => !known.has(id))) {
				known.add(message.id);
				const line = toLine(message, chat, texts);
				if (line !== undefined) {
					log.append(lineElement(line, filesOf(message), parts));
					log.scrollTop = log.scrollHeight;
				}
			}
			pending.replaceChildren(
				...parts.talk
					.unsent()
					.map(({ text, because }) =>
						make("p", { class: "line own", dir: "auto" }, text, make("small", {}, unsentText(because, texts))),
					),
			);
			const isOver = chat.status === "ended";
			composer.hidden = isOver;
			after.replaceChildren(...(isOver ? afterwards(parts, chat) : []));
		},
	};
}

function unsentText(because: string | undefined, texts: Texts): string {
	return because === undefined ? texts.pending : fill(texts.notSent, { because });
}

function lineElement(
	{ kind, author, text, choices }: NonNullable<ReturnType<typeof toLine>>,
	files: ReturnType<typeof filesOf>,
	{ talk }: Parts,
): HTMLElement {
	const said =
		files.length === 0
			? [make("span", {}, text)]
			: files.map(({ id, filename }) =>
					make("a", { href: `${basePath}/visitor/ecfs/media/${id}`, download: filename }, filename),
				);
	return make(
		"div",
		{ class: `line ${kind}`, dir: "auto" },
		...(author === "" ? [] : [make("small", {}, author)]),
		...said,
		...choices.map((choice) => make("button", { type: "button", click: () => talk.say(choice) }, choice)),
	);
}

function composerOf({ talk, texts }: Parts): HTMLFormElement {
	const words = texts();
	const input = make("textarea", { rows: "2", maxlength: "10000", "aria-label": words.write, dir: "auto" });
	const trouble = make("p", { class: "trouble", role: "alert" });
	const file = make("input", { type: "file", hidden: true, "aria-hidden": "true", tabindex: "-1" });
	const send = (): void => {
		const text = input.value.trim();
		if (text !== "") {
			talk.say(text);
			input.value = "";
		}
	};
	file.addEventListener("change", () => {
		const [chosen] = file.files ?? [];
		if (chosen !== undefined) {
			void talk.send(chosen).then((because) => {
				trouble.textContent = because === undefined ? "" : fill(words.notSent, { because });
				file.value = "";
			});
		}
	});
	input.addEventListener("input", () => talk.typing(input.value !== ""));
	input.addEventListener("keydown", (event) => {
		if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
			event.preventDefault();
			send();
		}
	});
	return make(
		"form",
		{
			class: "composer",
			submit(event) {
				event.preventDefault();
				send();
			},
		},
		input,
		trouble,
		file,
		make(
			"div",
			{ class: "buttons" },
			make("button", { type: "button", click: () => file.click() }, words.attach),
			make("button", { type: "button", click: () => talk.end() }, words.end),
			make("button", { type: "submit", class: "main" }, words.send),
		),
	);
}

function afterwards({ talk, texts }: Parts, chat: Interaction): Node[] {
	const words = texts();
	const save = (): void => {
		const address = URL.createObjectURL(new Blob([transcriptText(chat, words)], { type: "text/plain" }));
		make("a", { href: address, download: `chat-${chat.id}.txt` }).click();
		URL.revokeObjectURL(address);
	};
	return [
		make("button", { type: "button", click: save }, words.save),
		make("button", { type: "button", class: "main", click: () => talk.forget() }, words.again),
	];
}
