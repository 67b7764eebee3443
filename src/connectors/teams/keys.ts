// The public keys under which Microsoft signs: found by the OpenID metadata, fetched anew in each round that is not a few
// minutes after the last. https://openid.net/specs/openid-connect-discovery-1_0.html

import type { HttpAnswer, Tools } from "../contract.ts";
import { asObject, asText, readJson } from "../kit/http.ts";
import { readKeySet } from "../kit/jwt.ts";
import type { TeamsConfig } from "./form.ts";
import { toTold, type Trouble } from "./graph-api.ts";
import type { TeamsState } from "./state.ts";

const restMs = 300_000; // A token of an unknown key asks for a round; strangers shall not make us ask all the time.

export type Fetched = { state: TeamsState; trouble?: Trouble };

export async function withKeys(state: TeamsState, config: TeamsConfig, tools: Tools): Promise<Fetched> {
	const fetchedAt = Date.parse(state.keysAt ?? "");
	const now = tools.now();
	if (state.keys.length > 0 && fetchedAt + restMs > now.getTime() && fetchedAt <= now.getTime()) {
		return { state };
	}
	const fetched = await fetchKeys(config, tools);
	return "keys" in fetched
		? { state: { ...state, keys: fetched.keys, keysAt: now.toISOString() } }
		: { state, trouble: fetched.trouble };
}

type Keys = { keys: TeamsState["keys"] } | { trouble: Trouble };

export async function fetchKeys({ metadataUrl }: TeamsConfig, tools: Tools): Promise<Keys> {
	const metadata = await askFor(metadataUrl, tools);
	if ("trouble" in metadata) {
		return metadata;
	}
	const address = asText(asObject(readJson(metadata.body))?.["jwks_uri"]) ?? "";
	// The keys are where the metadata is: an address elsewhere would let somebody else speak for Microsoft.
	if (URL.parse(address)?.origin !== URL.parse(metadataUrl)?.origin) {
		return unfit("The OpenID metadata names no address for keys on its own host.");
	}
	const answer = await askFor(address, tools);
	if ("trouble" in answer) {
		return answer;
	}
	const keys = readKeySet(answer.body);
	return keys.length === 0 ? unfit("Microsoft's list of public keys has none that can be used.") : { keys };
}

function unfit(detail: string): { trouble: Trouble } {
	return { trouble: { code: "protocol", detail, status: 200 } };
}

async function askFor(url: string, tools: Tools): Promise<{ body: Uint8Array } | { trouble: Trouble }> {
	const answer: HttpAnswer = await tools.http({ method: "GET", url, headers: { accept: "application/json" } });
	const told = toTold(answer, { url, config: { hidden: [] }, now: tools.now() });
	return told.ok ? { body: told.body } : { trouble: told.trouble };
}
