// The one line that says how it stands: with the connection, the start, the queue, the other side. Pure.

import { exactMax } from "#domain/queue-places.ts";
import type { Said } from "./announcer.ts";
import { placeOf } from "./scene.ts";
import type { Talk } from "./talk.ts";
import { fill, sentenceFor, type Texts } from "./texts.ts";

type Standing = Pick<Talk, "scene" | "line" | "refusal" | "failure" | "isStarting">;

/** With what who listens must know of it. */
export function statusOf(talk: Standing, texts: Texts): Said {
	return { text: statusText(talk, texts), isPlace: talk.line !== "lost" && placeOf(talk.scene) !== null };
}

function statusText(talk: Standing, texts: Texts): string {
	const { chat } = talk.scene;
	if (chat?.status === "ended") {
		return endText(chat.channel_status, texts);
	}
	if (talk.line === "lost") {
		return texts.lost;
	}
	if (chat === undefined) {
		return startTrouble(talk, texts) ?? (talk.isStarting || talk.line === "connecting" ? texts.connecting : "");
	}
	if (chat.status === "queued") {
		return waitingText(placeOf(talk.scene), texts);
	}
	const typing = chat.participants.find(
		({ status, uniquekey }) => status === "typing" && uniquekey !== chat.originator,
	);
	return typing === undefined ? "" : fill(texts.typing, { name: typing.alias });
}

function waitingText(place: number | null, texts: Texts): string {
	if (place === null) {
		return texts.waiting;
	}
	return place > exactMax
		? fill(texts.waitingFar, { count: String(exactMax) })
		: fill(texts.waitingAt, { place: String(place) });
}

const failures = ["queue_full", "queue_closed", "bad_address"] as const;

function endText(channelStatus: string, texts: Texts): string {
	const failure = failures.find((one) => one === channelStatus);
	return failure === undefined ? texts.ended : texts[failure];
}

/** Why the last try to start failed. */
function startTrouble({ failure, refusal }: Pick<Talk, "failure" | "refusal">, texts: Texts): string | undefined {
	if (refusal !== undefined) {
		return { identity: texts.refusedIdentity, visitors: texts.tooManyVisitors, session: texts.unavailable }[refusal];
	}
	return failure === undefined ? undefined : sentenceFor(failure, texts);
}
