// Why a signature does not fit. Nobody can read it from the bytes, but a guess can be proven: if the same request is
// genuine with another spelling of the address, another secret or another form of the body, that difference is the cause.
// Never on the way of a message: only when a person asks. Pure.

import type { RawRequest, Verdict } from "../contract.ts";
import { bodyText, readJson } from "./http.ts";

/** Stable, for filters and tests; the sentence beside it is for people. */
export type MismatchCause =
	| "scheme"
	| "host"
	| "port"
	| "path_prefix"
	| "trailing_slash"
	| "query_order"
	| "query_lost"
	| "query_encoding"
	| "previous_secret"
	| "other_service_secret"
	| "body_reserialised"
	| "body_reencoded"
	| "clock_skew"
	| "key_unknown"
	| "header_missing";

export type Explained = { cause: MismatchCause; says: string; advice: string };

/** `verify` with the configuration bound; `at` is the time to judge by. */
export type Judge = (request: RawRequest, at: Date) => Verdict;

export type Suspects = {
	/** With today's secrets. */
	now: Judge;
	/** With secrets that are not valid any more. */
	before: readonly Judge[];
	/** Other services of the same type. */
	others: readonly { name: string; judge: Judge }[];
	/** The address as configured, scheme to path, without a query. */
	webhookUrl: string;
};

type Guess = { cause: MismatchCause; request: RawRequest; tells?: string };

/** Undefined: none of the known causes makes it genuine, so the secret is another one, or the caller is. */
export function explainMismatch(request: RawRequest, suspects: Suspects, receivedAt: Date): Explained | undefined {
	const verdict = suspects.now(request, receivedAt);
	if (verdict.ok) {
		return undefined;
	}
	if (verdict.why !== "mismatch") {
		return explained(causes[verdict.why]);
	}
	const isGenuine = ({ request: guessed }: Guess): boolean => fits(suspects.now(guessed, receivedAt));
	const single = [...urlGuesses(request, suspects), ...bodyGuesses(request)];
	const found = single.find(isGenuine) ?? pairsOf(request, suspects).find(isGenuine);
	if (found !== undefined) {
		return explained(found.cause, found.tells);
	}
	if (suspects.before.some((judge) => fits(judge(request, receivedAt)))) {
		return explained("previous_secret");
	}
	const other = suspects.others.find(({ judge }) => fits(judge(request, receivedAt)));
	return other === undefined ? undefined : explained("other_service_secret", other.name);
}

const causes = { stale: "clock_skew", unready: "key_unknown", missing: "header_missing" } as const;

/** A signature with a time of its own is genuine too when only that time is wrong. */
function fits(verdict: Verdict): boolean {
	return verdict.ok || verdict.why === "stale";
}

type Sentence = { says: string; advice: string };

const sentences: Readonly<Record<MismatchCause, Sentence>> = {
	scheme: {
		says: "The provider signed the address with {tells}; we are configured with the other scheme.",
		advice: "Enter the webhook URL at the provider as it is shown here, or mend the setting publicBaseUrl.",
	},
	host: {
		says: "The provider signed the address with the host {tells}.",
		advice: "Enter the webhook URL at the provider as it is shown here, or mend the setting publicBaseUrl.",
	},
	port: {
		says: "The provider signed the address {tells}.",
		advice: "Enter the webhook URL at the provider as it is shown here, or mend the setting publicBaseUrl.",
	},
	path_prefix: {
		says: "The provider signed the path {tells}: a proxy adds or removes a part of it.",
		advice: "Set basePath to what the proxy removes, or enter the webhook URL at the provider as it is shown here.",
	},
	trailing_slash: {
		says: "The provider signed the address {tells}.",
		advice: "Enter the webhook URL at the provider exactly as it is shown here.",
	},
	query_order: {
		says: "The provider signed the query in another order: a proxy sorts it.",
		advice: "Let the proxy pass the query on as it comes.",
	},
	query_lost: {
		says: "The provider signed the address without the query that arrived: a proxy adds it.",
		advice: "Let the proxy pass the query on as it comes.",
	},
	query_encoding: {
		says: "The provider signed the query with other escapes: a proxy decodes and encodes it again.",
		advice: "Let the proxy pass the query on as it comes.",
	},
	previous_secret: {
		says: "The provider still signs with the secret before this one.",
		advice: "Enter the present secret at the provider, or enter the old one here again as the previous secret.",
	},
	other_service_secret: {
		says: "The provider signs with the secret of the messaging service {tells}.",
		advice: "Enter that service's webhook URL at the provider, or the right secret here.",
	},
	body_reserialised: {
		says: "The body was written anew on its way ({tells}): it says the same in other bytes.",
		advice: "Switch off whatever rewrites bodies on the way here; a signature covers bytes.",
	},
	body_reencoded: {
		says: "The body was encoded anew on its way ({tells}).",
		advice: "Switch off whatever changes character sets or line ends on the way here; a signature covers bytes.",
	},
	clock_skew: {
		says: "The signature fits, but its time is outside the window.",
		advice: "Set this machine's clock by NTP; if it is right, the provider's message was held up for too long.",
	},
	key_unknown: {
		says: "It is signed with a key that Parley did not get from the provider yet.",
		advice: "Look at the upkeep of the service in its health: the provider's keys must be within reach.",
	},
	header_missing: {
		says: "The header with the signature is missing or not a signature.",
		advice: "Switch signing on at the provider, and let the proxy pass all headers on.",
	},
};

function explained(cause: MismatchCause, tells = ""): Explained {
	const { says, advice } = sentences[cause];
	return { cause, says: says.replace("{tells}", tells), advice };
}

type Address = { scheme: string; host: string; port: string; path: string; query: string };

function addressOf(url: string): Address {
	const [, scheme = "", host = "", port = "", path = "", query = ""] =
		/^(https?):\/\/(\[[^\]]*\]|[^:/?#]*)(?::(\d+))?([^?#]*)(?:\?([^#]*))?/i.exec(url) ?? [];
	return { scheme, host, port, path, query };
}

function spelt({ scheme, host, port, path, query }: Address): string {
	return `${scheme}://${host}${port === "" ? "" : `:${port}`}${path}${query === "" ? "" : `?${query}`}`;
}

type Change = { cause: MismatchCause; to: Partial<Address>; tells: string };

function urlGuesses(request: RawRequest, suspects: Suspects): Guess[] {
	const address = addressOf(request.url);
	return changesOf(address, request, suspects).map(({ cause, to, tells }) => ({
		cause,
		tells,
		request: { ...request, url: spelt({ ...address, ...to }) },
	}));
}

/** Two at once: a proxy that speaks plain HTTP inside usually has another port or host, too. The first one is told. */
function pairsOf(request: RawRequest, suspects: Suspects): Guess[] {
	const address = addressOf(request.url);
	const changes = changesOf(address, request, suspects).filter(({ cause }) => cause !== "query_order");
	return changes.flatMap((one) =>
		changes.map((other) => ({
			cause: one.cause,
			tells: one.tells,
			request: { ...request, url: spelt({ ...address, ...one.to, ...other.to }) },
		})),
	);
}

function changesOf(address: Address, request: RawRequest, suspects: Suspects): Change[] {
	const scheme = address.scheme === "https" ? "http" : "https";
	return [
		{ cause: "scheme", to: { scheme }, tells: `${scheme}://` },
		...hostsNamed(request, address).map((host): Change => ({ cause: "host", to: host, tells: host.host })),
		...portsOf(address).map((port): Change => ({
			cause: "port",
			to: { port },
			tells: port === "" ? "without a port" : `with the port ${port}`,
		})),
		...slashes(address),
		...prefixes(address, suspects.webhookUrl, request),
		...queries(address),
	];
}

/** What the request itself says it was sent to: only a guess, which the signature then proves. */
function hostsNamed({ headers }: RawRequest, { host }: Address): { host: string; port: string }[] {
	const named = ["host", "x-forwarded-host", "x-original-host"]
		.flatMap((name) => (headers.get(name) ?? "").split(","))
		.map((text) => /^\s*(\[[^\]]*\]|[A-Za-z0-9.-]+)(?::(\d{1,5}))?\s*$/.exec(text))
		.flatMap((match) => (match === null ? [] : [{ host: match[1] ?? "", port: match[2] ?? "" }]));
	return named.filter((one) => one.host !== host);
}

const usualPorts = ["", "80", "443", "8080", "8443"];

function portsOf({ port }: Address): string[] {
	return usualPorts.filter((usual) => usual !== port);
}

function slashes({ path }: Address): Change[] {
	const isClosed = path.endsWith("/");
	return [
		{
			cause: "trailing_slash",
			to: { path: isClosed ? path.replace(/\/+$/, "") : `${path}/` },
			tells: isClosed ? "without the slash at its end" : "with a slash at its end",
		},
	];
}

/** The path shortened by its first steps, or led by what a proxy says it removed. */
function prefixes({ path }: Address, webhookUrl: string, { headers }: RawRequest): Change[] {
	const steps = path.split("/").filter((step) => step !== "");
	const shortened = steps.slice(1).map((_, index) => `/${steps.slice(index + 1).join("/")}`);
	const removed = headers.get("x-forwarded-prefix") ?? "";
	const led = [removed, addressOf(webhookUrl).path.replace(/\/sms\/.*$/, "")]
		.filter((prefix) => /^\/[\w./-]{1,200}$/.test(prefix) && !path.startsWith(prefix))
		.map((prefix) => `${prefix.replace(/\/$/, "")}${path}`);
	return [...shortened, ...led].map((changed) => ({ cause: "path_prefix", to: { path: changed }, tells: changed }));
}

function queries({ query }: Address): Change[] {
	if (query === "") {
		return [];
	}
	const pairs = query.split("&");
	return [
		...ordersOf(pairs).map((order): Change => ({ cause: "query_order", to: { query: order }, tells: "" })),
		{ cause: "query_lost", to: { query: "" }, tells: "" },
		...spellings(query).map((spelling): Change => ({ cause: "query_encoding", to: { query: spelling }, tells: "" })),
	];
}

const permutedMax = 5; // 120 orders; of more pairs only those that a program makes.

function ordersOf(pairs: readonly string[]): string[] {
	const orders = pairs.length <= permutedMax ? permutations(pairs) : [pairs.toSorted(), pairs.toReversed()];
	return orders.map((order) => order.join("&")).filter((order) => order !== pairs.join("&"));
}

function permutations(items: readonly string[]): string[][] {
	return items.length <= 1
		? [[...items]]
		: items.flatMap((item, index) => permutations(items.toSpliced(index, 1)).map((rest) => [item, ...rest]));
}

/** The same query with the escapes that other programs write. */
function spellings(query: string): string[] {
	const asPlus = query.replaceAll("%20", "+");
	const asEscape = query.replaceAll("+", "%20");
	const small = query.replaceAll(/%[0-9A-F]{2}/g, (escape) => escape.toLowerCase());
	const capital = query.replaceAll(/%[0-9a-f]{2}/g, (escape) => escape.toUpperCase());
	const plain = query.replaceAll(/%(?:3A|2F|40|2C)/gi, (escape) => decodeURIComponent(escape));
	return [asPlus, asEscape, small, capital, plain].filter((spelling) => spelling !== query);
}

function bodyGuesses(request: RawRequest): Guess[] {
	const text = bodyText(request.body);
	return [...reencoded(request.body, text), ...rewritten(request, text)].map(({ cause, tells, body }) => ({
		cause,
		tells,
		request: { ...request, body: typeof body === "string" ? Buffer.from(body, "utf8") : body },
	}));
}

type BodyGuess = { cause: MismatchCause; tells: string; body: string | Uint8Array };

/** JSON as its sender may have written it before somebody parsed it and wrote it again. */
function rewritten(request: RawRequest, text: string): BodyGuess[] {
	const value = readJson(request.body);
	if (value === undefined) {
		return [];
	}
	const compact = JSON.stringify(value);
	const spaced = compactToSpaced(compact);
	const forms: readonly [string, string][] = [
		["spaces were added", compact],
		["spaces were removed", JSON.stringify(value, null, 2)],
		["spaces were removed", JSON.stringify(value, null, 4)],
		["spaces were removed", spaced],
		["escapes were resolved", escapedUnicode(compact)],
		["escapes were resolved", escapedUnicode(text)],
		["escapes were resolved", compact.replaceAll("/", "\\/")],
		["escapes were resolved", escapedUnicode(compact.replaceAll("/", "\\/"))],
		["escapes were added", JSON.stringify(value)],
	];
	return forms
		.filter(([, body]) => body !== text)
		.map(([tells, body]) => ({ cause: "body_reserialised", tells, body }));
}

/** `{"a": 1, "b": 2}`, as Python's and others' writers put it. Only outside of strings. */
function compactToSpaced(compact: string): string {
	return compact.replaceAll(/("(?:[^"\\]|\\.)*")|([,:])/g, (whole, string: string | undefined) =>
		string === undefined ? `${whole} ` : whole,
	);
}

/** `ä` as `\u00e4`, as Meta signs it. */
function escapedUnicode(json: string): string {
	return json.replaceAll(/[\u0080-\uFFFF]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

const byteOrderMark = [0xef, 0xbb, 0xbf];

function reencoded(bytes: Uint8Array, text: string): BodyGuess[] {
	const isMarked = byteOrderMark.every((byte, index) => bytes[index] === byte);
	const unix = text.replaceAll("\r\n", "\n");
	const forms: readonly [string, string | Uint8Array][] = [
		["line ends were changed", unix],
		["line ends were changed", unix.replaceAll("\n", "\r\n")],
		["a line end was added", text.replace(/\r?\n$/, "")],
		["a line end was removed", `${text}\n`],
		["a line end was removed", `${text}\r\n`],
		isMarked ? ["a byte order mark was added", bytes.subarray(3)] : ["a byte order mark was removed", `\uFEFF${text}`],
		["the character set was changed", Buffer.from(text, "latin1")],
		["spaces were escaped anew", text.replaceAll("%20", "+")],
		["spaces were escaped anew", text.replaceAll("+", "%20")],
		["escapes were changed", text.replaceAll(/%[0-9A-F]{2}/g, (escape) => escape.toLowerCase())],
		["escapes were changed", text.replaceAll(/%[0-9a-f]{2}/g, (escape) => escape.toUpperCase())],
	];
	return forms.filter(([, body]) => body !== text).map(([tells, body]) => ({ cause: "body_reencoded", tells, body }));
}
