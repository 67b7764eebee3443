// What a page may ask of the widget: `parley("command", …)`, and `cvc` with the names that pages know from the original.
// Nothing of it throws into the page: a page's mistake is reported where the page's mistakes are reported.

import type { ToFrame, ToPage } from "../messages.ts";
import type { Shell } from "./shell.ts";

export type Hear = (event: { type: string; detail: unknown }) => void;
type Command = (...args: readonly unknown[]) => void;

export type ApiDeps = {
	shell: Pick<Shell, "show" | "isShown" | "load" | "post" | "unread" | "language" | "dock" | "remove">;
	/** Of a mistake of the page. */
	report(error: unknown): void;
	/** For the next page of the site: whether there is a chat. */
	remember(isGoingOn: boolean): void;
};

export class PageApi {
	readonly #deps: ApiDeps;
	readonly #hearers = new Map<string, Set<Hear>>();
	readonly #settings = new Map<string, unknown>();
	readonly #askers = new Map<number, (details: unknown) => void>();
	readonly #commands: Readonly<Record<string, Command>>;
	#isReady = false;
	#isRemoved = false;
	/** To be said as soon as the frame listens. */
	#toSay: "start" | "exit" | undefined;
	#number = 0;

	constructor(deps: ApiDeps) {
		this.#deps = deps;
		const { shell } = deps;
		this.#commands = {
			open: () => shell.show(true),
			close: () => shell.show(false),
			start: () => this.#start(),
			exit: () => this.#exit(),
			queues: (value) => this.#set("queues", value),
			user: (name, email) => this.#set("user", { name, email }),
			cad: (value) => this.#set("cad", value),
			form: (value) => this.#set("form", value),
			identify: (value) => this.#set("identity", value),
			direction: (value) => this.#set("direction", value),
			language: (tag) => {
				this.#set("language", tag);
				shell.language(String(tag));
			},
			dock: (where) => shell.dock(String(where)),
			on: (type, hear) => this.#hear(String(type), demandFunction(hear)),
			off: (type, hear) => void this.#hearers.get(String(type))?.delete(hear as Hear),
			details: (callback) => this.#tellDetails(demandFunction(callback)),
			destroy: () => this.#remove(),
		};
	}

	readonly parley: Command = (name, ...args) =>
		this.#guard(() => {
			const command = Object.hasOwn(this.#commands, String(name)) ? this.#commands[String(name)] : undefined;
			if (command === undefined) {
				throw new Error(`The chat widget has no command ${String(name)}.`);
			}
			if (!this.#isRemoved) {
				command(...args);
			}
		});

	/** The names of the original. */
	cvc(): Readonly<Record<string, Command>> {
		const as =
			(name: string): Command =>
			(...args) =>
				this.parley(name, ...args);
		return {
			startChat: as("start"),
			setQueues: as("queues"),
			setUser: as("user"),
			setCad: as("cad"),
			attachEvent: as("on"),
			detachEvent: as("off"),
			identify: as("identify"),
			getDetails: as("details"),
			dockContainer: as("dock"),
			exit: as("exit"),
			destroy: as("destroy"),
			// The widget writes no log; pages may ask for one all the same.
			setLogLevel: () => undefined,
			downloadLogs: () => undefined,
		};
	}

	/** What the frame says. */
	take(message: ToPage): void {
		this.#guard(() => this.#hearFrame(message));
	}

	shown(isShown: boolean): void {
		if (isShown && this.#toSay === "exit") {
			this.#toSay = undefined; // What they will see has been opened since.
		}
		this.#say({ type: "shown", isShown });
	}

	#hearFrame(message: ToPage): void {
		const { shell, remember } = this.#deps;
		switch (message.type) {
			case "frameReady":
				this.#greet();
				break;
			case "state":
				shell.unread(Number.isSafeInteger(message.unread) ? Math.max(0, message.unread) : 0);
				remember(message.isGoingOn === true);
				break;
			case "event":
				this.#tell(String(message.name), message.detail);
				break;
			case "details":
				this.#guard(() => this.#askers.get(message.id)?.(message.details));
				this.#askers.delete(message.id);
				break;
			case "close":
				shell.show(false);
				break;
		}
	}

	#greet(): void {
		const { shell } = this.#deps;
		this.#isReady = true;
		this.#settings.forEach((value, name) => shell.post({ type: "set", name, value }));
		shell.post({ type: "begin" });
		shell.post({ type: "shown", isShown: shell.isShown() });
		if (this.#toSay !== undefined) {
			shell.post({ type: this.#toSay });
			this.#toSay = undefined;
		}
		this.#tell("ready", undefined);
	}

	#guard(act: () => void): void {
		try {
			act();
		} catch (error) {
			this.#deps.report(error);
		}
	}

	#say(message: ToFrame): void {
		if (this.#isReady) {
			this.#deps.shell.post(message);
		}
	}

	#set(name: string, value: unknown): void {
		// What cannot be sent is told to who says it, not later.
		const copy: unknown = structuredClone(value);
		this.#settings.set(name, copy);
		this.#say({ type: "set", name, value: copy });
	}

	#start(): void {
		this.#deps.shell.show(true);
		this.#sayOnce("start");
	}

	#exit(): void {
		this.#deps.shell.show(false);
		this.#sayOnce("exit");
	}

	#sayOnce(type: "start" | "exit"): void {
		this.#toSay = this.#isReady ? undefined : type;
		this.#say({ type });
	}

	#hear(type: string, hear: Hear): void {
		this.#hearers.set(type, (this.#hearers.get(type) ?? new Set()).add(hear));
		if (type === "ready" && this.#isReady) {
			hear({ type, detail: undefined });
		}
	}

	#tell(type: string, detail: unknown): void {
		for (const hear of this.#hearers.get(type) ?? []) {
			this.#guard(() => hear({ type, detail }));
		}
	}

	#tellDetails(callback: (details: unknown) => void): void {
		if (!this.#isReady) {
			callback({ state: "none", unread: 0, queuePosition: null, participants: [], transcript: [] });
			return;
		}
		this.#number += 1;
		this.#askers.set(this.#number, callback);
		this.#say({ type: "details", id: this.#number });
	}

	#remove(): void {
		this.#isRemoved = true;
		this.#isReady = false;
		this.#hearers.clear();
		this.#askers.clear();
		this.#deps.shell.remove();
	}
}

function demandFunction<Given>(value: unknown): (given: Given) => void {
	if (typeof value !== "function") {
		throw new TypeError("The chat widget needs a function here.");
	}
	return value as (given: Given) => void;
}
