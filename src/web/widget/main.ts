// The frame's page: listens to the page that shows it, and shows the visitor's chat. Whoever shows it is on the list of the
// chat settings, or the browser would not have opened it.

import { textsFor } from "./texts.ts";
import { Talk, type Wishes } from "./talk.ts";
import { takes } from "./host-words.ts";
import { openView } from "./view.ts";
import { hasSession } from "./visitor.ts";

const wishes: Wishes = {
	queues: [],
	user: { name: "", email: "" },
	cad: {},
	identity: undefined,
	language: navigator.language,
};
let host: { window: Window; origin: string } | undefined;
let told = "";
let seen = 0;
let messages = 0;

const talk = new Talk(
	() => wishes,
	() => change(),
);
const view = openView({
	talk,
	wishes: () => wishes,
	texts: () => textsFor(wishes.language),
	onClose: () => post("close", undefined),
});

function change(): void {
	view.draw();
	const chat = talk.chat();
	const state =
		chat === undefined ? "none" : ({ queued: "proceeding", accepted: "connected" }[chat.status] ?? "completed");
	const theirs = (chat?.transcript.messages ?? []).filter(
		({ originator, type, system_message }) => originator !== chat?.originator && type === "text" && !system_message,
	);
	if (state !== told) {
		told = state;
		post("chatState", state);
		if (state === "completed") {
			post("completed", undefined);
			post("ended", undefined);
		}
	}
	for (const message of theirs.slice(messages)) {
		post("message", { content: message.message });
	}
	messages = theirs.length;
	if (document.visibilityState === "visible" && document.hasFocus()) {
		seen = theirs.length;
	}
	const participants = chat?.participants.map(({ uniquekey, alias }) => ({ address: uniquekey, alias })) ?? [];
	post("details", { state, unread: Math.max(0, theirs.length - seen), participants });
}

function post(type: string, detail: unknown): void {
	host?.window.postMessage({ type, detail }, host.origin);
}

addEventListener("message", ({ source, origin, data }: MessageEvent) => {
	if (source !== window.parent || typeof data !== "object" || data === null) {
		return;
	}
	host ??= { window: window.parent, origin };
	if (origin !== host.origin) {
		return;
	}
	obey(data as HostMessage);
	change();
});

type HostMessage = { type?: unknown; name?: unknown; value?: unknown };

function obey({ type, name, value }: HostMessage): void {
	const [queue] = wishes.queues;
	if (type === "set" && typeof name === "string" && Object.hasOwn(takes, name)) {
		Object.assign(wishes, takes[name]?.(value));
		document.documentElement.lang = wishes.language;
	} else if (type === "start" && talk.chat() === undefined && queue !== undefined && wishes.user.name !== "") {
		void talk.start(wishes.user, queue.address);
	} else if (type === "exit") {
		talk.end();
	}
}
addEventListener("focus", change);
addEventListener("storage", ({ key }) => {
	// Another tab of this browser began a chat: it is ours, too.
	if (key === "parley.visitor" && hasSession()) {
		talk.open();
	}
});

if (hasSession()) {
	talk.open();
}
view.draw();
// The page that shows us is asked to speak first: only it knows its own origin, and the browser tells us of it truly.
window.parent.postMessage({ type: "frameReady" }, "*");
