// Faults that the tests of external users, the way out, secrets and slow callers must catch (goals S4, S7, S8, S14).

import type { Mutant } from "./mutant.ts";

const wayOut = ["test/security/way-out.test.ts"];

export const mutants: readonly Mutant[] = [
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
];
