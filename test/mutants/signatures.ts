// Faults that the tests of signatures, replays, proxies and parsers must catch (goals S1, S2, S3, S15).

import type { Mutant } from "./mutant.ts";

const fuzz = ["test/security/signatures.test.ts"];
const fewer = ["--mutations", "5000", "--valid", "200"];

export const mutants: readonly Mutant[] = [
	{
		id: "signature-bytes-compared",
		goal: "S1",
		says: "Signatures are decoded before they are compared, so other spellings of the same bytes count.",
		edits: [
			{
				file: "src/connectors/kit/signature.ts",
				find: 'const left = Buffer.from(given, "utf8");\n\tconst right = Buffer.from(expected, "utf8");',
				replace: 'const left = Buffer.from(given, "base64");\n\tconst right = Buffer.from(expected, "base64");',
			},
		],
		tests: fuzz,
		flags: fewer,
	},
	{
		id: "signature-shape-lenient",
		goal: "S1",
		says: "A signature of Meta in capitals, or with something behind it, counts.",
		edits: [
			{
				file: "src/connectors/kit/meta-webhook.ts",
				find: "if (!/^sha256=[0-9a-f]{64}$/.test(given)) {",
				replace: "if (!/^sha256=[0-9a-f]{64}/i.test(given)) {",
			},
			{
				file: "src/connectors/kit/meta-webhook.ts",
				find: "return matchesAny(given, appSecrets, sign)",
				replace: "return matchesAny(given.slice(0, 71).toLowerCase(), appSecrets, sign)",
			},
		],
		tests: fuzz,
		flags: fewer,
	},
	{
		id: "signature-of-one-channel-unchecked",
		goal: "S1",
		says: "One service type's signature is never checked.",
		edits: [
			{
				file: "src/gateway/open-service.ts",
				find: 'auth.kind === "signature" ?',
				replace: 'auth.kind === "signature" && facts.type !== "sinchconversation" ?',
			},
		],
		tests: fuzz,
		flags: fewer,
	},
	{
		id: "signature-skipped-without-secret",
		goal: "S1",
		says: "A service without a secret takes everything.",
		edits: [
			{
				file: "src/connectors/facebook/inbound.ts",
				find: "export function verify(req: RawRequest, config: FacebookConfig): Verdict {",
				replace:
					"export function verify(req: RawRequest, config: FacebookConfig): Verdict {\n\tif (config.appSecrets.length === 0) {\n\t\treturn { ok: true };\n\t}",
			},
		],
		tests: fuzz,
		flags: fewer,
	},
	{
		id: "empty-secret-signs",
		goal: "S1",
		says: "An empty secret is a secret like any other.",
		edits: [
			{ file: "src/connectors/kit/signature.ts", find: 'secret !== "" && sameText', replace: "sameText" },
			{
				file: "src/connectors/twilio/form.ts",
				find: '.filter((secret) => secret !== "")',
				replace: "",
			},
		],
		tests: fuzz,
		flags: fewer,
	},
	{
		id: "http-user-not-awaited",
		goal: "S1",
		says: "The promise of the HTTP user's verdict is taken for a yes.",
		edits: [
			{
				file: "src/gateway/admit.ts",
				find: "const verdict = await deps.identity.checkHttpUser(authorization, asked);",
				replace:
					"const pending = deps.identity.checkHttpUser(authorization, asked);\n\tif (pending) {\n\t\treturn undefined;\n\t}\n\tconst verdict = await pending;",
			},
		],
		tests: fuzz,
		flags: fewer,
	},
	{
		id: "signature-stops-early",
		goal: "S1",
		says: "Signatures are compared up to the first difference.",
		edits: [
			{
				file: "src/connectors/kit/signature.ts",
				find: "return timingSafeEqual(left, right);",
				replace: "return left.every((byte, at) => byte === right[at]);",
			},
		],
		tests: ["test/security/compare-time.test.ts"],
	},
	{
		id: "foreign-account-taken",
		goal: "S1",
		says: "What is about another account of the same app is taken.",
		edits: [
			{
				file: "src/connectors/facebook/inbound.ts",
				find: 'if (kind !== "page" || !pages.has(pageId)) {',
				replace: 'if (kind !== "page") {',
			},
		],
		tests: ["test/security/crossings.test.ts"],
		flags: ["--crossings", "100"],
	},
	{
		id: "twilio-border-moved",
		goal: "S1",
		says: "A message of Twilio may lack what Twilio always tells.",
		edits: [
			{
				file: "src/connectors/twilio/borders.ts",
				find: 'const always = ["MessageSid", "From", "To", "Body", "NumMedia"] as const;',
				replace: 'const always = ["From", "To"] as const;',
			},
		],
		tests: ["test/security/borders.test.ts"],
	},
	{
		id: "nonce-in-memory",
		goal: "S2",
		says: "Nonces are kept in this process only.",
		edits: [
			{
				file: "src/gateway/receive.ts",
				find: "/** A provider knocks:",
				replace: "const noncesSeen = new WeakMap<object, Set<string>>();\n\n/** A provider knocks:",
			},
			{
				file: "src/gateway/receive.ts",
				find: "nonce: door.nonce, events: ours",
				replace: "nonce: undefined, events: ours",
			},
			{
				file: "src/gateway/receive.ts",
				find: "\tconst recorded = await deps.arrivals.add(arrival);\n",
				replace:
					'\tconst seen = noncesSeen.get(deps.arrivals) ?? new Set();\n\tnoncesSeen.set(deps.arrivals, seen);\n\tconst isUsed = door.nonce !== undefined && seen.has(door.nonce);\n\tseen.add(door.nonce ?? "");\n\tconst isKnown = ours.every(({ dedupKey }) => seen.has(dedupKey));\n\tours.forEach(({ dedupKey }) => seen.add(dedupKey));\n\tconst recorded = isUsed && !isKnown ? ({ kind: "replay" } as const) : await deps.arrivals.add(arrival);\n',
			},
		],
		tests: ["test/security/replay.test.ts"],
		only: "a nonce that brings other content",
	},
	{
		id: "window-ten-minutes",
		goal: "S2",
		says: "A signed request counts for ten minutes.",
		edits: [
			{
				file: "src/connectors/kit/sinch-signature.ts",
				find: "const windowSeconds = 300;",
				replace: "const windowSeconds = 600;",
			},
		],
		tests: ["test/security/replay.test.ts"],
		only: "the window",
	},
	{
		id: "previous-secret-for-ever",
		goal: "S2",
		says: "The previous secret counts after the end of its rotation.",
		edits: [
			{
				file: "src/storage/service-secrets.ts",
				find: "entry.previous !== null && entry.previous.validUntil > now",
				replace: "entry.previous !== null && now.getTime() > 0",
			},
		],
		tests: ["test/security/replay.test.ts"],
		only: "the previous secret",
	},
	{
		id: "every-proxy-trusted",
		goal: "S3",
		says: "X-Forwarded-For is believed from anybody.",
		edits: [
			{
				file: "src/platform/http-server.ts",
				find: "trustProxy: options.trustedProxies.length === 0 ? false : [...options.trustedProxies],",
				replace: "trustProxy: true,",
			},
		],
		tests: ["test/security/proxies.test.ts"],
		only: "direct, no proxy is trusted, port none",
	},
	{
		id: "url-from-host-header",
		goal: "S3",
		says: "The signed address is made of the Host header.",
		edits: [
			{
				file: "src/gateway/webhooks.ts",
				find: '`${deps.settings.publicBaseUrl}${request.raw.url ?? ""}`',
				replace: '`https://${request.headers.host ?? ""}${request.raw.url ?? ""}`',
			},
		],
		tests: ["test/security/proxies.test.ts"],
		only: "direct, no proxy is trusted, port none",
	},
	{
		id: "body-written-anew",
		goal: "S3",
		says: "A JSON body is read and written anew before it is verified and kept.",
		edits: [
			{
				file: "src/gateway/webhooks.ts",
				find: "body: Buffer.isBuffer(request.body) ? request.body : new Uint8Array(),",
				replace: 'body: Buffer.isBuffer(request.body) ? Buffer.from(request.body.toString("utf8")) : new Uint8Array(),',
			},
		],
		tests: ["test/security/proxies.test.ts"],
		only: "odd bodies",
	},
	{
		id: "deep-merge",
		goal: "S15",
		says: "A body is merged field by field into an object of ours.",
		edits: [
			{
				file: "src/platform/strict-json.ts",
				find: 'return parse(text, undefined, { protoAction: "error", constructorAction: "error" }) as unknown;',
				replace: "return merged({}, JSON.parse(text)) as unknown;",
			},
			{
				file: "src/platform/strict-json.ts",
				find: "function decode(body: Uint8Array): string {",
				replace:
					'function merged(into: unknown, value: unknown): unknown {\n\tif (typeof value !== "object" || value === null || Array.isArray(value)) {\n\t\treturn value;\n\t}\n\tconst target = into as Record<string, unknown>;\n\tfor (const [key, inner] of Object.entries(value)) {\n\t\tconst known = target[key];\n\t\ttarget[key] = merged(typeof known === "object" && known !== null ? known : {}, inner);\n\t}\n\treturn target;\n}\n\nfunction decode(body: Uint8Array): string {',
			},
		],
		tests: ["test/security/parsers.test.ts"],
		only: "a JSON body of the interfaces",
	},
	{
		id: "json-without-depth",
		goal: "S15",
		says: "JSON may be nested as deep as it likes.",
		edits: [{ file: "src/platform/strict-json.ts", find: "if (depth > depthMax) {", replace: "if (depth > 1e9) {" }],
		tests: ["test/security/parsers.test.ts"],
		only: "64 levels",
	},
	{
		id: "text-plain-taken",
		goal: "S15",
		says: "JSON under text/plain is read.",
		edits: [
			{
				file: "src/platform/http-server.ts",
				find: 'const jsonTypes = ["application/json", "application/merge-patch+json"];',
				replace: 'const jsonTypes = ["application/json", "application/merge-patch+json", "text/plain"];',
			},
			{
				file: "src/platform/http-server.ts",
				find: "const jsonContentType = /^application",
				replace: "const jsonContentType = /^text\\/plain|^application",
			},
		],
		tests: ["test/security/interfaces.test.ts"],
		only: "any other Content-Type",
	},
	{
		id: "filter-into-sql",
		goal: "S15",
		says: "The pattern of a filter is written into the SQL.",
		edits: [
			{
				file: "src/storage/list.ts",
				find: "LIKE ${toLike(pattern)} ESCAPE",
				replace: "LIKE ${sql.raw(`'${toLike(pattern)}'`)} ESCAPE",
			},
		],
		tests: ["test/security/interfaces.test.ts"],
		only: "a filter matches|parameter of any route is a text \\(sqlite\\)",
	},
	{
		id: "nul-in-query",
		goal: "S15",
		says: "A NUL in a query reaches the database.",
		edits: [
			{
				file: "src/platform/http-server.ts",
				find: "\t\t\trefuseNul(request.query as Record<string, unknown>);\n",
				replace: "",
			},
		],
		tests: ["test/security/interfaces.test.ts"],
		only: "parameter of any route is a text \\(postgres\\)",
	},
	{
		id: "proof-in-address-shortened",
		goal: "S1",
		says: "Of the proof in an address only its beginning counts.",
		edits: [
			{
				file: "src/connectors/kit/own-address.ts",
				find: "matchesAny(proof, secrets, (secret) => proofOf(attemptId, secret))",
				replace: "secrets.some((secret) => proofOf(attemptId, secret).startsWith(proof.slice(0, 60)))",
			},
		],
		tests: ["test/security/proof-texts.test.ts"],
		only: "changed addresses none is let in",
	},
	{
		id: "token-unsigned",
		goal: "S1",
		says: "Of a signed token the claims count, whoever signed it.",
		edits: [
			{
				file: "src/connectors/kit/jwt.ts",
				find: "mayHaveSigned(key) && isSignedBy(key, read)",
				replace: "mayHaveSigned(key)",
			},
		],
		tests: ["test/security/proof-texts.test.ts"],
		only: "changed proofs none is let in",
	},
];
