// The older HTTP API of the simulated Sinch: what `/sendsms` takes, what it refuses and in which words, and the address of
// a delivery report with its escapes filled in.

import type { HeardRequest, HttpReply } from "./kit.ts";

export type BasicAccount = { username: string; password: string };
export type BasicRefusal = { status: number; words: string };

export type BasicSend = {
	to: string;
	from: string;
	text: string;
	id: string;
	dlrUrl: string | undefined;
	dlrMask: number;
};

export const basicPath = "/sendsms";

export function plainReply(status: number, body: string): HttpReply {
	return { status, body, headers: { "content-type": "text/plain; charset=ISO-8859-1" } };
}

const known = new Set(
	"username password from to text charset coding udh mclass mwi validity deferred dlr-mask dlr-url pid alt-dcs id".split(
		" ",
	),
);

type Rule = (query: URLSearchParams) => BasicRefusal | undefined;

function bad(words: string, status = 400): BasicRefusal {
	return { status, words };
}

/** The first rule broken decides. */
const rules: readonly Rule[] = [
	(query) => ([...query.keys()].every((name) => known.has(name)) ? undefined : bad("Syntax error")),
	(query) => (query.get("from") ? undefined : bad("From number missing")),
	(query) => (/^(?:\d{3,18}|[A-Za-z0-9 &+_.-]{1,11})$/.test(query.get("from") ?? "") ? undefined : bad("Syntax error")),
	(query) => (/^\+?\d{3,18}$/.test(query.get("to") ?? "") ? undefined : bad("To number missing")),
	(query) => (query.get("text") ? undefined : bad("Syntax error")),
	(query) => (query.get("charset") === "UTF-8" ? undefined : bad("Charset not supported")),
	(query) => (["0", "2"].includes(query.get("coding") ?? "0") ? undefined : bad("Invalid coding value")),
	(query) => (/^[1-9]\d*$/.test(query.get("validity") ?? "1") ? undefined : bad("Invalid validity value")),
	(query) => ((query.get("id") ?? "").length <= 32 ? undefined : bad("Message ID parameter not found")),
	wrongReport,
];

function wrongReport(query: URLSearchParams): BasicRefusal | undefined {
	const [mask, url] = [query.get("dlr-mask"), query.get("dlr-url")];
	if (mask === null && url === null) {
		return undefined;
	}
	if (mask === null) {
		return bad("Invalid parameter combination, dlr-url set but no dlr-mask");
	}
	if (url === null) {
		return bad("Invalid parameter combination, dlr-mask set but no dlr-url");
	}
	if (!/^\d+$/.test(mask) || Number(mask) < 1 || Number(mask) > 31) {
		return bad("Invalid dlr-mask value");
	}
	return /^https?:\/\/[^/]+\//.test(url) ? undefined : bad("Invalid dlr-url, cannot find / after domain");
}

export function basicRefusal(
	{ method, query }: HeardRequest,
	account: BasicAccount,
	isBlocked = false,
): BasicRefusal | undefined {
	if (method !== "GET") {
		return bad("Method not allowed, use GET", 405);
	}
	const [username, password] = [query.get("username"), query.get("password")];
	if (username === null || password === null) {
		return bad("User/Password parameter missing in the request", 203);
	}
	if (username !== account.username) {
		return bad("Account not found", 401);
	}
	if (password !== account.password) {
		return bad("Incorrect password", 401);
	}
	if (isBlocked) {
		return bad("Account blocked", 402);
	}
	return rules.map((rule) => rule(query)).find((refusal) => refusal !== undefined);
}

export function readBasicSend({ query }: HeardRequest): BasicSend {
	return {
		to: query.get("to") ?? "",
		from: query.get("from") ?? "",
		text: query.get("text") ?? "",
		id: query.get("id") ?? "",
		dlrUrl: query.get("dlr-url") ?? undefined,
		dlrMask: Number(query.get("dlr-mask") ?? 0),
	};
}

/** `%d` and the like replaced by their values, escaped for a query. */
export function filled(url: string, values: Readonly<Record<string, string>>): string {
	return url.replaceAll(/%([a-zA-Z])(?![0-9A-Fa-f])/g, (escape, name: string) =>
		Object.hasOwn(values, name) ? encodeURIComponent(values[name] ?? "") : escape,
	);
}
