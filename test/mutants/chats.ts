// Faults that would leave a chat without a place or with two owners, offer it to the wrong one or out of turn, or tell
// somebody something else than what is (goal R6).

import type { Mutant } from "./mutant.ts";

function spoilt(
	id: string,
	says: string,
	[file, find, replace, test]: readonly [string, string, string, string],
): Mutant {
	return { id, goal: "R6", says, edits: [{ file: `src/chat/${file}`, find, replace }], tests: [test] };
}

const laws = "test/property/chats.test.ts";
const turns = "src/chat/allocate.test.ts";

export const mutants: readonly Mutant[] = [
	spoilt("chat-out-of-turn", "Who came last is served first.", [
		"allocate.ts",
		"a.waitingSince - b.waitingSince ||",
		"b.waitingSince - a.waitingSince ||",
		turns,
	]),
	spoilt("chat-over-the-limit", "An agent is offered one chat after the other in one round, whatever their limit.", [
		"allocate.ts",
		"loads.set(chosen.userId, (loads.get(chosen.userId) ?? 0) + 1);",
		"void loads;",
		laws,
	]),
	spoilt("chat-for-who-rests", "Chats are offered to who is not ready.", [
		"allocate.ts",
		"isReady && (loads.get(userId) ?? 0) < room",
		"(isReady || room > 0) && (loads.get(userId) ?? 0) < room",
		turns,
	]),
	spoilt("chat-for-ever-preferred", "A chat waits for its preferred agent without end.", [
		"allocate.ts",
		"(chat.preferredUntil ?? 0) > moment.now",
		"(chat.preferredUntil ?? 0) > 0",
		turns,
	]),
	spoilt("chat-transferred-and-kept", "A chat that was taken over is still with the one who had it.", [
		"moves/waiting.ts",
		'({ userId, role }) => userId === before || role === "consulted"',
		'({ role }) => role === "consulted"',
		laws,
	]),
	spoilt("chat-picked-twice", "Who picks a chat takes it from whoever has it.", [
		"moves/waiting.ts",
		'if (chat.state !== "queued") {\n\t\t\treturn refused("already_taken"',
		'if (chat.state === "ended") {\n\t\t\treturn refused("already_taken"',
		laws,
	]),
	spoilt("chat-lost-with-its-agent", "Whose agent is gone stays theirs.", [
		"moves/waiting.ts",
		'\t\t\tstate: "queued",\n\t\t\tagentId: null,\n\t\t\tlastAgentId: userId,\n\t\t\tqueuedAt',
		"\t\t\tlastAgentId: userId,\n\t\t\tqueuedAt",
		laws,
	]),
	spoilt("chat-wrap-up-thrown-away", "Who wraps a chat up loses it when it goes to a queue.", [
		"moves/talking.ts",
		'...chat.legs.filter((leg) => leg.state === "wrapUp"), ',
		"",
		"src/chat/turns.test.ts",
	]),
	spoilt("chat-wrap-up-overwritten", "Who wraps a chat up and gets it anew never sees that the wrap-up is over.", [
		"moves/waiting.ts",
		'legOf(chat, userId)?.state === "wrapUp"\n\t\t?',
		"chat.version < 0\n\t\t?",
		laws,
	]),
	spoilt("overflow-before-agents-are-back", "After a start chats are moved on before anybody can take them.", [
		"overflow.ts",
		"clock.now().getTime() >= notBefore",
		"clock.now().getTime() >= 0",
		"src/chat/overflow.test.ts",
	]),
	spoilt("overflow-without-end", "A queue behind that is full has every chat that waits too long tried each second.", [
		"overflow.ts",
		"behind.size > 0 ? behind.size - (await countWaiting(storage.db, behind.id)) : movedAtOnce",
		"movedAtOnce",
		"src/chat/overflow.test.ts",
	]),
	spoilt("overflow-under-an-offer", "A chat goes to another queue while an agent is asked to take it.", [
		"moves/waiting.ts",
		'return legs.some(({ state }) => state === "offered");\n}',
		"return legs.length > 99;\n}",
		"src/chat/moves/waiting.test.ts",
	]),
	spoilt("places-without-end", "One who leaves the queue has everybody told who waits behind, however many they are.", [
		"places.ts",
		"place: Math.min(place, exactMax + 1)",
		"place",
		"src/chat/places.test.ts",
	]),
	spoilt("place-told-again", "Every round tells everybody who waits their place, whether or not it is another one.", [
		"places.ts",
		"before.get(chatId)?.place !== place",
		"before.get(chatId) !== undefined || place > 0",
		"src/chat/places.test.ts",
	]),
	spoilt(
		"place-before-its-chat",
		"A place is told to a visitor who has not heard of the chat, and so is never shown.",
		[
			"feed.ts",
			"said.push({ to: userId, transactions });",
			"hearers.hand(userId, { position: Number.MAX_SAFE_INTEGER, transactions });",
			"src/chat/feed.test.ts",
		],
	),
];
