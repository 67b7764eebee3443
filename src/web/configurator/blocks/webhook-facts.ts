// What the provider's calls tell: how each ended, and a call to try by hand. Pure.

import type { ServiceWebhook } from "#web/api/objects.ts";
import { shellWord } from "./shell-word.ts";

export type Call = ServiceWebhook["lastCalls"][number];

/**
 * `genuine` it was let in · `answered` the question at set-up was · `kept` acknowledged and sealed, because the mode is not
 * enforce · `later` the provider shall come again · `refused`
 */
export type Verdict = "genuine" | "answered" | "kept" | "later" | "refused";

export function verdictOf({ kind, status, reason }: Pick<Call, "kind" | "status" | "reason">): Verdict {
	if (status >= 500) {
		return "later";
	}
	if (status >= 300) {
		return "refused";
	}
	if (reason !== null) {
		return "kept";
	}
	return kind === "handshake" ? "answered" : "genuine";
}

/** Only people type addresses; what a message names holds a proof that cannot be made by hand. */
export function curlFor({ calls, url, httpUser }: Pick<ServiceWebhook, "calls" | "url" | "httpUser">): string {
	const call = calls.find(({ namedBy, url: address }) => namedBy === "person" && !address.includes("…"));
	const [user] = httpUser.users;
	const method = call?.method ?? "POST";
	const words = [
		`curl --include --request ${method}`,
		...(httpUser.needed && user !== undefined ? [`--user ${shellWord(user.login)}`] : []),
		...(method === "POST" ? ["--header 'content-type: application/json'", "--data '{}'"] : []),
		shellWord(call?.url ?? url),
	];
	return words.join(" \\\n  ");
}

/** A provider outside cannot reach such an address. */
export function isOnlyLocal(address: string): boolean {
	const host = URL.parse(address)?.hostname ?? "";
	return /^(?:localhost|127\.|10\.|192\.168\.|172\.(?:1[6-9]|2\d|3[01])\.|\[::1\])|\.(?:local|internal|localhost)$/.test(
		host,
	);
}
