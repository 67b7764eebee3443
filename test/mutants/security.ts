// Faults that the tests of the way out, of files, of secrets, of what is remembered and of too many callers must catch
// (goals S5, S7, S8, S9, S12, S14).

import type { Mutant } from "./mutant.ts";

const overload = ["src/gateway/webhooks-overload.test.ts"];
const wayOut = ["test/security/way-out.test.ts"];

export const mutants: readonly Mutant[] = [
	{
		id: "sandbox-opens-this-machine",
		goal: "S7",
		says: "While the sandbox is offered, every address of a private network may be called.",
		edits: [
			{
				file: "src/platform/outbound-rules.ts",
				find: "allow.meanwhile?.has(`${host}:${port}`) === true",
				replace: "allow.meanwhile !== undefined",
			},
		],
		tests: ["src/platform/outbound-rules.test.ts"],
	},
	{
		id: "sandbox-leaves-its-addresses-open",
		goal: "S7",
		says: "The addresses of the simulators stay allowed after the sandbox was stopped.",
		edits: [
			{
				file: "src/commands/sandbox.ts",
				find: "				await parts.allowMeanwhile([]);\n				await ending.end();",
				replace: "				await ending.end();",
			},
		],
		tests: ["src/commands/sandbox.test.ts"],
	},
	{
		id: "files-fetched-from-anywhere",
		goal: "S7",
		says: "A connector is given the whole internet when it fetches a file that a contact sent.",
		edits: [
			{
				file: "src/gateway/media.ts",
				find: 'call.method === "GET" && isMediaAddress(call.url, sources)',
				replace: 'call.method === "GET"',
			},
		],
		tests: ["test/security/media-urls.test.ts"],
	},
	{
		id: "file-address-without-an-end",
		goal: "S12",
		says: "The public address of a file works for ever.",
		edits: [
			{
				file: "src/gateway/file-links.ts",
				find: "return isOurs && facts.readUInt32BE(idBytes) * hourMs > now.getTime()",
				replace: "return isOurs",
			},
		],
		tests: ["src/gateway/file-links.test.ts"],
	},
	{
		id: "page-served-as-picture",
		goal: "S12",
		says: "A file is shown in place because it is said to be a picture.",
		edits: [
			{
				file: "src/platform/file-answer.ts",
				find: "isShownInPlace(contentType) && typeShownBy(bytes) === contentType",
				replace: "isShownInPlace(contentType)",
			},
		],
		tests: ["src/gateway/rich-content.test.ts"],
	},
	{
		id: "urls-checked-when-saved-only",
		goal: "S7",
		says: "Addresses are checked when they are saved, and never again when they are used.",
		edits: [
			{
				file: "src/platform/guarded-socket.ts",
				find: "if (!mayConnect(target, addresses, allow)) {",
				replace: 'if (!mayConnect(target, addresses, allow) && target.host === "") {',
			},
		],
		tests: wayOut,
	},
	{
		id: "addresses-checked-in-lookup-only",
		goal: "S7",
		says: "Only addresses that a name server gave are checked, not those that stand in the URL.",
		edits: [
			{
				file: "src/platform/guarded-socket.ts",
				find: "if (!mayConnect(target, addresses, allow)) {",
				replace: "if (target.literal === undefined && !mayConnect(target, addresses, allow)) {",
			},
		],
		tests: wayOut,
	},
	{
		id: "name-looked-up-again",
		goal: "S7",
		says: "The name is checked, and then looked up a second time to connect.",
		edits: [
			{
				file: "src/platform/guarded-socket.ts",
				find: "return await connected(target, addresses, options, late.signal);",
				replace:
					"const again = target.literal === undefined ? await options.lookup(target.host) : addresses;\n\t\treturn await connected(target, again, options, late.signal);",
			},
		],
		tests: wayOut,
		only: "rebound|controls",
	},
	{
		id: "one-good-address-suffices",
		goal: "S7",
		says: "A name with one allowed address among its answers may be connected to.",
		edits: [
			{
				file: "src/platform/outbound-rules.ts",
				find: "addresses.length > 0 && addresses.every(",
				replace: "addresses.length > 0 && addresses.some(",
			},
		],
		tests: wayOut,
	},
	{
		id: "redirects-followed",
		goal: "S7",
		says: "Redirects are followed, to wherever they lead.",
		edits: [
			{
				file: "src/platform/safe-request.ts",
				find: 'import { Agent } from "undici";',
				replace: 'import { Agent, interceptors } from "undici";',
			},
			{
				file: "src/platform/safe-request.ts",
				find: "exchange.start(agent, call)",
				replace:
					"exchange.start(agent.compose(interceptors.redirect({ maxRedirections: 3 })) as unknown as Agent, call)",
			},
		],
		tests: wayOut,
		only: "redirects to any",
	},
	{
		id: "ipv4-in-ipv6-is-public",
		goal: "S7",
		says: "IPv4 addresses in the clothes of IPv6 count as what they look like.",
		edits: [
			{
				file: "src/platform/outbound-rules.ts",
				find: 'if (address.range() !== "unicast") {',
				replace: 'if (address.kind() === "ipv4" && address.range() !== "unicast") {',
			},
		],
		tests: wayOut,
	},
	{
		id: "full-and-still-checked",
		goal: "S14",
		says: "While the queue of arrivals is full, signatures of more of them are checked all the same.",
		edits: [
			{
				file: "src/gateway/webhooks.ts",
				find: "if (deps.arrivals.isFull()) {",
				replace: "if (Boolean(Overloaded) === false) {",
			},
		],
		tests: overload,
	},
	{
		id: "answered-after-forty-seconds",
		goal: "S14",
		says: "A provider waits forty seconds for an answer when the writer is stuck.",
		edits: [{ file: "src/gateway/webhooks.ts", find: "answerWithinMs = 4000;", replace: "answerWithinMs = 40_000;" }],
		tests: overload,
	},
	{
		id: "arrivals-wait-without-end",
		goal: "S14",
		says: "Any number of arrivals may wait for the writer.",
		edits: [
			{
				file: "src/gateway/doors.ts",
				find: "\t\t\tarrivalsWaitingMax,\n\t\t),",
				replace: "\t\t\tInfinity * arrivalsWaitingMax,\n\t\t),",
			},
		],
		tests: overload,
	},
	{
		id: "token-use-never-written",
		goal: "S5",
		says: "When a token was last used is never written.",
		edits: [{ file: "src/identity/api-tokens.ts", find: ">= touchEveryMs", replace: ">= Infinity * touchEveryMs" }],
		tests: ["src/identity/api-tokens.test.ts"],
	},
	{
		id: "token-use-written-each-time",
		goal: "S14",
		says: "Each call with a token costs a write.",
		edits: [
			{
				file: "src/identity/api-tokens.ts",
				find: "\t\trow.lastUsedAt = now; // What is remembered too: the next call of this minute writes nothing.\n",
				replace: "",
			},
		],
		tests: ["src/identity/api-tokens.test.ts"],
	},
	{
		id: "remembered-without-bound",
		goal: "S14",
		says: "What is remembered of callers and services has no bound.",
		edits: [
			{
				file: "src/storage/remembered.ts",
				find: " || known.values.size >= valuesMax",
				replace: "",
			},
		],
		tests: ["src/storage/remembered.test.ts"],
	},
	{
		id: "config-kept-for-ever",
		goal: "S8",
		says: "A message is made with the configuration that its service had at the first one.",
		edits: [
			{
				file: "src/outgoing/senders.ts",
				find: "configs.get(service) ??",
				replace: "kept.get(service.id) ??",
			},
			{
				file: "src/outgoing/senders.ts",
				find: "configs.set(service, config);",
				replace: "kept.set(service.id, config);",
			},
			{
				file: "src/outgoing/senders.ts",
				find: "function usableConfig(",
				replace: "const kept = new Map<string, unknown>();\nfunction usableConfig(",
			},
		],
		tests: ["src/rest/cmi/send-message.test.ts"],
	},
	{
		id: "box-version-ignored",
		goal: "S9",
		says: "Services stay closed after the key ring came back, and open after it went away.",
		edits: [
			{ file: "src/gateway/open-book.ts", find: ", version, deps.boxVersion(), isOver", replace: ", version, isOver" },
		],
		tests: ["src/gateway/open-book.test.ts"],
	},
	{
		id: "deleted-stays-in-file",
		goal: "S8",
		says: "What is deleted can still be read in the bytes of the database's file.",
		edits: [{ file: "src/storage/sqlite.ts", find: '\tdatabase.exec("PRAGMA secure_delete = ON");\n', replace: "" }],
		tests: ["src/storage/sqlite.test.ts"],
	},
];
