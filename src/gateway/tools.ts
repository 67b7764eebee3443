// What a connector gets to work with while it sends: the guarded way out with every exchange noted (secrets and queries
// removed), and access tokens shared among concurrent sends.

import { unescape } from "node:querystring";
import type { HttpAnswer, HttpCall, LineAnswer, LineCall, TokenAnswer, Tools } from "#connectors/contract.ts";
import type { Clock } from "#platform/clock.ts";
import type { WayOut } from "#platform/safe-request.ts";
import type { Lines } from "./lines.ts";
import type { OpenService } from "./open-service.ts";

/** One request of ours and what came back, for the trace. */
export type Exchange = {
	at: string;
	/** The method of an HTTP call, or what a frame on a line is called. */
	method: string;
	/** Without query and credentials. */
	url: string;
	result: string;
	status?: number;
	durationMs: number;
	/** The start of the provider's answer, secrets removed. */
	answer?: string;
};

export type ToolDeps = { wayOut: WayOut; clock: Clock; tokens: TokenShelf; lines?: Lines };

const answerShownBytes = 2048;
const secretBytesMax = 16_384; // Twice the longest that can be entered, for its quotation.

export function toolsFor(service: OpenService, deps: ToolDeps): { tools: Tools; exchange: readonly Exchange[] } {
	const exchange: Exchange[] = [];
	const tools: Tools = {
		async http(call) {
			const hide = secretHider(service, call);
			const startedMs = deps.clock.monotonicMs();
			const at = deps.clock.now().toISOString();
			const answer = await deps.wayOut.request({ ...call, lane: service.id });
			const durationMs = Math.round(deps.clock.monotonicMs() - startedMs);
			exchange.push({ at, method: call.method, url: shownUrl(call, hide), durationMs, ...described(answer, hide) });
			return answer;
		},
		token: (key, fetch) => deps.tokens.get(`${service.id} ${key}`, fetch),
		dropToken: (key, accessToken) => deps.tokens.drop(`${service.id} ${key}`, accessToken),
		now: () => deps.clock.now(),
		...lineTool(service, deps, exchange),
	};
	return { tools, exchange };
}

/** Each frame of ours is noted as a request is: its name, what became of it, and what its connector shows of the answer. */
function lineTool(service: OpenService, { lines, clock }: ToolDeps, exchange: Exchange[]): Pick<Tools, "line"> {
	if (service.line === undefined || lines === undefined) {
		return {};
	}
	const hide = hiderOf(service);
	const url = addressShown(service.stored.serviceConnection);
	return {
		line: {
			async ask(call) {
				const startedMs = clock.monotonicMs();
				const at = clock.now().toISOString();
				const answer = await lines.ask(service.id, call);
				const durationMs = Math.round(clock.monotonicMs() - startedMs);
				exchange.push({ at, method: call.name, url, durationMs, ...describedFrame(call, answer, hide) });
				return answer;
			},
			look: () => lines.look(service.id),
		},
	};
}

function describedFrame(
	call: LineCall,
	answer: LineAnswer,
	hide: (text: string) => string,
): Pick<Exchange, "result" | "answer"> {
	return answer.kind === "answered"
		? { result: "answered", answer: hide(call.shown(answer.frame)).slice(0, answerShownBytes).toWellFormed() }
		: { result: `${answer.kind}: ${answer.why}` };
}

/** Scheme, host and port, which for schemes that the URL standard does not know `origin` leaves out. */
export function addressShown(address: string): string {
	const url = URL.parse(address);
	return url === null ? "(unreadable URL)" : `${url.protocol}//${url.host}`;
}

/** Some providers want a secret in the path. It is looked for as it is meant, however it is spelled there. */
function shownUrl(call: HttpCall, hide: (text: string) => string): string {
	const url = URL.parse(call.url);
	if (url === null) {
		return "(unreadable URL)";
	}
	const meant = unescape(url.pathname);
	const shown = hide(meant);
	return hide(url.origin + (shown === meant ? url.pathname : shown));
}

function described(answer: HttpAnswer, hide: (text: string) => string): Pick<Exchange, "result" | "status" | "answer"> {
	if (answer.kind !== "answered") {
		return { result: `${answer.kind}: ${answer.why}` };
	}
	// Hidden first, cut then: a secret that the cut goes through would be known by nobody, and its beginning shown.
	const start = hide(new TextDecoder().decode(answer.body.subarray(0, answerShownBytes + secretBytesMax)));
	return { result: "answered", status: answer.status, answer: start.slice(0, answerShownBytes).toWellFormed() };
}

const secretLengthMin = 4; // Shorter ones would blot out half of every answer; they are no secrets worth the name.
// Tokens that a provider hands out are secrets that no configuration knows.
const tokenFields = /("(?:access_token|refresh_token|id_token)"\s*:\s*")[^"]*/g;

/** Hides the service's own secrets in a text for people. */
export function hiderOf(service: OpenService): (text: string) => string {
	return secretHider(service, { method: "GET", url: "", headers: {} });
}

/** Hides what the service knows, and the credentials as they stand on the request: a provider may repeat either. */
function secretHider(service: OpenService, call: HttpCall): (text: string) => string {
	const credentials = Object.entries(call.headers)
		.filter(([name]) => name.toLowerCase() === "authorization")
		.map(([, value]) => value.replace(/^\S+\s+/, ""));
	const secrets = [...service.stored.authentications.flatMap(({ secrets: known }) => known), ...credentials].filter(
		(secret) => secret.length >= secretLengthMin,
	);
	const spellings = [...new Set(secrets.flatMap(spellingsOf))].toSorted((one, other) => other.length - one.length);
	return (text) =>
		spellings.reduce((shown, secret) => shown.replaceAll(secret, "•••"), text).replaceAll(tokenFields, "$1•••");
}

/** A provider repeats a secret as it is, quoted in JSON or in a JSON text within JSON, encoded for a URL, or for XML. */
function spellingsOf(secret: string): readonly string[] {
	const quoted = JSON.stringify(secret).slice(1, -1);
	const inUrl = encodeURIComponent(secret.toWellFormed());
	const references = secret.replaceAll(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);
	const inXml = secret.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
	const inAttribute = inXml.replaceAll('"', "&quot;");
	const everywhere = inAttribute.replaceAll("'", "&apos;");
	const inPage = [references, inXml, inAttribute, everywhere];
	const inForm = inUrl.replaceAll("%20", "+");
	const inAddress = [inUrl, inPath(inUrl), inForm, encodeURIComponent(inUrl)].flatMap((text) => [
		text,
		inSmallHex(text),
	]);
	return [secret, quoted, JSON.stringify(quoted).slice(1, -1), ...inAddress, ...inPage];
}

/** A path keeps these signs as they are (RFC 3986 section 3.3), and who writes one may do so. */
function inPath(encoded: string): string {
	return encoded.replaceAll(/%(?:24|26|2B|2C|3A|3B|3D|40)/g, (sign) => decodeURIComponent(sign));
}

function inSmallHex(encoded: string): string {
	return encoded.replaceAll(/%[0-9A-F]{2}/g, (octet) => octet.toLowerCase());
}

/** Access tokens in memory, one fetch at a time per key, renewed shortly before they expire. */
export type TokenShelf = {
	get(key: string, fetch: () => Promise<TokenAnswer>): Promise<TokenAnswer>;
	drop(key: string, accessToken: string): void;
};

const renewBeforeMs = 60_000; // A token must outlive the request it is put on, and the provider's clock may be fast.

export function tokenShelf(clock: Clock): TokenShelf {
	const kept = new Map<string, { accessToken: string; expiresAt: Date }>();
	const fetching = new Map<string, Promise<TokenAnswer>>();

	async function fetchAndKeep(key: string, fetch: () => Promise<TokenAnswer>): Promise<TokenAnswer> {
		try {
			const answer = await fetch();
			if (answer.ok) {
				kept.set(key, answer);
			}
			return answer;
		} finally {
			fetching.delete(key);
		}
	}

	return {
		get(key, fetch) {
			const known = kept.get(key);
			if (known !== undefined && known.expiresAt.getTime() - renewBeforeMs > clock.now().getTime()) {
				return Promise.resolve({ ok: true, ...known });
			}
			const running = fetching.get(key);
			if (running !== undefined) {
				return running;
			}
			const started = fetchAndKeep(key, fetch);
			fetching.set(key, started);
			return started;
		},
		drop(key, accessToken) {
			if (kept.get(key)?.accessToken === accessToken) {
				kept.delete(key);
			}
		},
	};
}
