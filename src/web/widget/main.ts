// The frame's page: listens to the page that shows it, and shows the visitor's chat. Whoever shows it is on the list of the
// chat settings, or the browser would not have opened it.

import { openHost } from "./host.ts";
import type { ToFrame, ToPage } from "./messages.ts";
import { isGoingOn, isOfOthers, placeOf, stateOf, unreadIn, untold } from "./scene.ts";
import { seenName, Talk } from "./talk.ts";
import { isUnsentName } from "./unsent.ts";
import { openView } from "./view.ts";
import { sessionName } from "./visitor.ts";
import { plainForm, type Wishes, wished } from "./wishes.ts";

let wishes: Wishes = {
	queues: [],
	user: { name: "", email: "" },
	cad: {},
	form: plainForm,
	identity: undefined,
	language: navigator.language,
	direction: "ltr",
};
let hasBegun = false;
let isShown = false;
let toldState = "none";
let toldPlace: number | null = null;

const talk = new Talk(
	() => wishes,
	() => change(),
);
const host = openHost(window, obey);
const view = openView({ talk, wishes: () => wishes, onClose: close });

/** What comes from now on is unread, though the page has yet to hide the frame. */
function close(): void {
	isShown = false;
	post({ type: "close" });
}

function change(): void {
	if (isShown && document.visibilityState === "visible") {
		talk.markSeen();
	}
	view.draw();
	const state = stateOf(talk.scene);
	if (state !== toldState) {
		toldState = state;
		tellState();
	}
	const place = placeOf(talk.scene);
	if (place !== toldPlace) {
		toldPlace = place;
		tell("queuePosition", place);
	}
	for (const { message, originator, type } of untold(talk.scene)) {
		tell("message", { content: message, type, originator });
	}
	talk.noteTold();
	post({ type: "state", unread: unreadIn(talk.scene), isGoingOn: isGoingOn(talk.scene) });
}

function tellState(): void {
	if (toldState !== "none") {
		tell("chatState", toldState);
	}
	if (toldState === "completed") {
		tell("completed", undefined);
		tell("ended", undefined);
	}
}

function tell(name: string, detail: unknown): void {
	post({ type: "event", name, detail });
}

function post(message: ToPage): void {
	host.post(message);
}

function details(): unknown {
	const { chat } = talk.scene;
	return {
		state: stateOf(talk.scene),
		unread: unreadIn(talk.scene),
		queuePosition: placeOf(talk.scene),
		participants: chat?.participants.map(({ uniquekey, alias }) => ({ address: uniquekey, alias })) ?? [],
		transcript: talk.lines().map((line) => ({
			type: line.type,
			content: line.message,
			originator: line.originator,
			timestamp: line.timestamp,
			isTheirs: chat !== undefined && isOfOthers(line, chat),
		})),
	};
}

function obey(message: ToFrame): void {
	switch (message.type) {
		case "set":
			set(String(message.name), message.value);
			break;
		case "begin":
			hasBegun = true;
			talk.meet();
			change();
			break;
		case "shown":
			isShown = message.isShown === true;
			change();
			if (isShown) {
				view.focus();
			}
			break;
		case "start":
			start();
			break;
		case "exit":
			talk.end();
			break;
		case "details":
			post({ type: "details", id: message.id, details: details() });
			break;
	}
}

function set(name: string, value: unknown): void {
	wishes = { ...wishes, ...wished(name, value) };
	if (name === "identity" && hasBegun) {
		if (wishes.identity === undefined) {
			talk.signOut();
		} else {
			talk.meet();
		}
	}
	change();
}

/** Without the form, where the page has said who it is and whom to reach. */
function start(): void {
	const { queues, user } = wishes;
	const [queue] = queues;
	if (queue !== undefined && user.name !== "") {
		void talk.start({ person: user, address: queue.address, answers: {} });
	}
}

addEventListener("storage", ({ key, newValue }) => {
	if (key === sessionName && newValue === null) {
		talk.close();
	} else if (key === sessionName) {
		talk.meet();
	} else if (key === seenName) {
		talk.rereadSeen();
	} else if (key !== null && isUnsentName(key)) {
		talk.outbox.reread();
	}
});
document.addEventListener("visibilitychange", change);
addEventListener("online", () => talk.retry());

view.draw();
