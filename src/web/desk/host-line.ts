// The line to the page around the panel. Thin: what a message means and what is told is decided elsewhere. Only the parent
// is heard, only where its origin is on the list, and only it is answered.

import { chatOn } from "./chat-facts.ts";
import type { Desk } from "./desk.ts";
import { type Action, isHeard, isPick, planOf, readHostMessage } from "./host-commands.ts";
import { activeState, type HostState, statesIn } from "./host-states.ts";
import { goTo, onPlace, placeNow } from "./use-place.ts";

/** The library waits for five seconds. */
const answerMs = 4500;
/** It looks for an answer every 50 ms, and after a pick it hears the chat's `accepted` only when it has found that. */
const pickSeenMs = 250;

type Greeting = { id: string; origin: string };

export function speakWithHost(desk: Desk, hosts: readonly string[]): void {
	const { parent } = window;
	if (parent === window) {
		return;
	}
	const tell = (origin: string, message: object): void => parent.postMessage(message, origin);
	let greeting: Greeting | undefined;
	/** Whom states are told: who has asked for the beginning. */
	let hearer: string | undefined;
	const states = openHeld((state: HostState): void => {
		if (hearer !== undefined) {
			tell(hearer, { type: "state", payload: state });
		}
	});
	const tellState = states.put;
	const tellActive = changes(() => tellState(activeState(activeId())));
	const activeId = (): string | undefined => chatOn(desk.now().tree, placeNow())?.id;

	function look(): void {
		if (greeting !== undefined && isReady(desk)) {
			const { id, origin } = greeting;
			greeting = undefined;
			hearer = origin;
			tell(origin, { id, type: "init", payload: { value: [] } });
		}
		tellActive(activeId());
	}

	addEventListener("message", (event: MessageEvent<unknown>) => {
		const { origin, data } = event;
		const message = isHeard(event, parent, hosts) ? readHostMessage(data) : undefined;
		if (message?.kind === "init") {
			greeting = { id: message.id, origin };
			look();
		}
		if (message?.kind === "action") {
			const release = isPick(message) ? states.hold() : undefined;
			void valueOf(desk, message)
				.then((value) => tell(origin, { id: message.id, type: "response", payload: { value } }))
				.finally(() => setTimeout(() => release?.(), pickSeenMs));
		}
	});
	desk.onTold((before, transactions) => statesIn(before, transactions).forEach(tellState));
	desk.subscribe(look);
	onPlace(look);
}

function isReady(desk: Desk): boolean {
	const { isAwaited, isLoaded } = desk.now();
	return isLoaded && !isAwaited;
}

/** What is put goes out in its order, at once or when nobody holds it any more. */
function openHeld<T>(send: (one: T) => void): { put(one: T): void; hold(): () => void } {
	let holders = 0;
	const held: T[] = [];
	const flush = (): void => {
		if (holders === 0) {
			held.splice(0).forEach(send);
		}
	};
	return {
		put(one) {
			held.push(one);
			flush();
		},
		hold() {
			holders += 1;
			return () => {
				holders -= 1;
				flush();
			};
		},
	};
}

/** Calls back when the value is another than the last time; the first one is known without being told. */
function changes(run: () => void): (value: string | undefined) => void {
	let last: string | undefined;
	return (value) => {
		if (value !== last) {
			last = value;
			run();
		}
	};
}

/** In time, and never a throw. */
function valueOf(desk: Desk, action: Action): Promise<unknown> {
	const late = new Promise<unknown>((resolve) => setTimeout(() => resolve(false), answerMs));
	return Promise.race([carryOut(desk, action).catch(() => false), late]);
}

async function carryOut(desk: Desk, action: Action): Promise<unknown> {
	if (!isReady(desk)) {
		return false;
	}
	const { tree, letter } = desk.now();
	let plan = planOf(action, { tree, active: chatOn(tree, placeNow()), isWriting: letter !== undefined });
	while (plan.kind === "ask") {
		const asked = await desk.ask(plan.method, plan.uri, plan.body);
		if (!asked.ok) {
			return false;
		}
		plan = plan.next(asked.body);
	}
	if (plan.show !== undefined) {
		goTo({ view: "chats", chatId: plan.show });
	}
	if (plan.begin !== undefined) {
		goTo({ view: "chats" });
		desk.letters.begin(plan.begin);
	}
	return plan.value;
}
