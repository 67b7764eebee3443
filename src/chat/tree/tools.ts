// What the resources of the tree work with.

import type { Colleagues } from "../colleagues.ts";
import type { Rights } from "../people.ts";
import type { ChatDeps } from "../deps.ts";
import type { Messenger } from "../messenger.ts";
import type { Places } from "../places.ts";
import type { Statistics } from "../statistics.ts";
import type { Turns } from "../turns.ts";
import type { Typing } from "../typing.ts";

export type Tools = {
	deps: ChatDeps;
	turns: Turns;
	rights: { now(): Promise<Rights> };
	messenger: Messenger;
	statistics: Statistics;
	places: Places;
	colleagues: Colleagues;
	typing: Typing;
	/** Second half of chat addresses. */
	host: string;
};
