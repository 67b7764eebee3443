// Faults that would let strangers' pages use a session of the Chat Server, sessions outlive their end (goal S11), visitors
// flood it (S13), hostile frames cost without bound (S14), or lose or reorder what is told (R6).

import type { Mutant } from "./mutant.ts";

type Edit = readonly [file: string, find: string, replace: string];

function spoilt(
	id: string,
	goal: string,
	says: string,
	[[file, find, replace], test]: readonly [Edit, string],
): Mutant {
	return { id, goal, says, edits: [{ file: `src/chat/${file}`, find, replace }], tests: [`src/chat/${test}`] };
}

const sockets = "wire/sockets.test.ts";
const logins = "wire/authentication.test.ts";
const frames = "wire/connection.test.ts";
const hostile = "wire/hostile-frames.test.ts";
const sessions = "sessions.test.ts";

export const mutants: readonly Mutant[] = [
	spoilt("socket-for-any-page", "S11", "A stranger's page opens a socket with somebody's cookie.", [
		["wire/sockets.ts", "if (!mayConnect(origin, await deps.allowedOrigins(kind))) {", "if (origin === '') {"],
		sockets,
	]),
	spoilt("call-for-any-page", "S11", "A stranger's page logs somebody out, or sends in their name.", [
		["wire/http.ts", "if (!mayRead(page, await allowedOrigins(kind))) {", "if (page === '') {"],
		logins,
	]),
	spoilt("visitors-pages-are-agents-pages", "S11", "A page that shows the widget uses an agent's cookie.", [
		["wire/start.ts", 'kind === "agent" ? agentOrigins : widgetOrigins', "kind && [...agentOrigins, ...widgetOrigins]"],
		"wire/agent-interfaces.test.ts",
	]),
	spoilt("anybody-is-made-ready", "S11", "An agent sets whether somebody else is ready.", [
		["wire/agent-state.ts", "named.toUpperCase() !== userId", "named === ''"],
		"wire/agent-state.test.ts",
	]),
	spoilt("browser-session-for-any-page", "S11", "A stranger's page logs in with the browser's session.", [
		["wire/authentication.ts", "!isOwnSite(headers, publicBaseUrl)", "publicBaseUrl === ''"],
		logins,
	]),
	spoilt("agent-is-visitor", "S11", "An agent's cookie opens a visitor's socket, and a visitor's an agent's.", [
		["sessions.ts", "return session?.kind === kind ? session : undefined;", "void kind;\n\t\treturn session;"],
		sockets,
	]),
	spoilt("ticket-for-ever", "S11", "A ticket opens sockets long after it was given.", [
		["wire/socket-url.ts", 'return { by: "ticket", ticket };', 'return { by: "token", tokens: [ticket] };'],
		sockets,
	]),
	spoilt(
		"panel-goes-as-the-desk",
		"S11",
		"Who logs in on another site's page acts as who is at the desk in that browser.",
		[
			[
				"wire/socket-url.ts",
				"[...named(partitionedCookie), ...named(plainCookie)]",
				"[...named(plainCookie), ...named(partitionedCookie)]",
			],
			logins,
		],
	),
	spoilt("dead-cookie-in-the-way", "S11", "A session that is over hides the one that lives.", [
		["wire/live-session.ts", "session !== undefined && fits(session)", "session === undefined || fits(session)"],
		logins,
	]),
	spoilt("sockets-outlive-the-session", "S11", "A disabled user's sockets stay open.", [
		[
			"presence.ts",
			"onEnded(held.filter((id) => !usable.has(id)));",
			"onEnded(held.filter((id) => id === '' && !usable.has(id)));",
		],
		sessions,
	]),
	spoilt("log-out-leaves-the-session", "S11", "After logging out the cookie still works.", [
		["wire/start.ts", "\t\tawait sessions.end(sessionId);\n", ""],
		logins,
	]),
	spoilt("visitors-without-bound", "S13", "One address makes as many visitors as it likes.", [
		["sessions.ts", "const visitorsMax = 30;", "const visitorsMax = 3000;"],
		logins,
	]),
	spoilt("visitor-writes-without-bound", "S13", "A visitor sends messages as fast as they like.", [
		[
			"wire/asking.ts",
			"const refusal = deps.quotas.refusalOf(asked);",
			"const refusal = asked.method === 'GET' ? deps.quotas.refusalOf(asked) : undefined;",
		],
		frames,
	]),
	spoilt("identity-for-another-id", "S13", "A signed identity proves whatever id it is sent with.", [
		["wire/visitor-identity.ts", "return isSigned && isInTime", "return (isSigned || signature !== '') && isInTime"],
		logins,
	]),
	spoilt("identity-never-ends", "S13", "A signed identity that ended still proves who somebody is.", [
		[
			"wire/visitor-identity.ts",
			"return isSigned && isInTime && ",
			"return isSigned && (isInTime || nowSeconds > 0) && ",
		],
		logins,
	]),
	spoilt("frames-without-bound", "S14", "A connection sends as many frames as it likes.", [
		["wire/connection.ts", "const isRefused = !this.#mayAsk();", "const isRefused = !this.#mayAsk() && text === '';"],
		hostile,
	]),
	spoilt("slow-reader-without-bound", "S14", "What waits for a slow reader takes all the memory there is.", [
		[
			"wire/carrier.ts",
			"if (ws.bufferedAmount > limits.bufferedBytesMax) {",
			"if (ws.bufferedAmount < 0 * limits.bufferedBytesMax) {",
		],
		sockets,
	]),
	spoilt("change-before-its-response", "R6", "A change is told before the response to the request that caused it.", [
		["wire/teller.ts", "\t\tthis.#isHolding = true;\n", ""],
		frames,
	]),
	spoilt("snapshot-told-twice", "R6", "What a snapshot has in it is told again after it.", [
		["wire/subscriptions.ts", "position > subscription.since", "position >= subscription.since"],
		frames,
	]),
	spoilt("listens-after-the-snapshot", "R6", "What is committed while a snapshot is taken is never told.", [
		[
			"wire/teller.ts",
			"\t\tthis.#held.add(change);\n",
			"\t\tif (this.#isHolding) {\n\t\t\treturn;\n\t\t}\n\t\tthis.#held.add(change);\n",
		],
		frames,
	]),
	spoilt("dead-node-counts-as-there", "R6", "Agents of a node that was killed are offered chats for ever.", [
		["presence.ts", "export const aliveMs = 30_000;", "export const aliveMs = 3_000_000;"],
		sessions,
	]),
];
