// What the page that shows the widget and our frame in it say to each other. Types only: neither side believes the other to
// keep to them.

export type ToFrame =
	| { type: "set"; name: string; value: unknown }
	/** Everything that was set before has been said. */
	| { type: "begin" }
	| { type: "shown"; isShown: boolean }
	| { type: "start" }
	| { type: "exit" }
	| { type: "details"; id: number };

export type ToPage =
	| { type: "frameReady" }
	/** `isGoingOn`: the next page has a chat to show, too. */
	| { type: "state"; unread: number; isGoingOn: boolean }
	| { type: "event"; name: string; detail: unknown }
	| { type: "details"; id: number; details: unknown }
	| { type: "close" };
