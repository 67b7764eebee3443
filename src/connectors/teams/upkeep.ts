// A round: the keys under which Microsoft signs; then for a bot whether it gets a token, and for a technical user who they
// are, the subscriptions to their chats, and what was missed since the round before. None of these waits for another that
// fails for itself. Lifecycle events make a round come at once, and a round makes anew what was removed, renews what there is
// and fetches what was missed.

import type { Tools, Upkeep, UpkeepRound, UpkeepState } from "../contract.ts";
import { asText } from "../kit/http.ts";
import type { TeamsConfig } from "./form.ts";
import { askGraph, stopsAll, tokenTrouble, type Trouble } from "./graph-api.ts";
import { type Fetched, withKeys } from "./keys.ts";
import { resync } from "./resync.ts";
import { type Our, renewBeforeMs, withSubscriptions } from "./subscriptions.ts";
import { stateOf, type TeamsState, toKept } from "./state.ts";

const keysLastMs = 6 * 3_600_000; // Microsoft rotates its keys about daily, and announces new ones a day before.
const soonMs = 20_000; // What came in while subscriptions were made is fetched then.
const afterTroubleMs = 60_000;

export const upkeep: Upkeep<TeamsConfig> = { isNeeded, round };

/** A technical user without a client state sends only. */
function isNeeded({ mode, application, clientStates, targets }: TeamsConfig): boolean {
	return application !== undefined && (mode === "bot" || (clientStates.length > 0 && targets.length > 0));
}

async function round(kept: UpkeepState, given: TeamsConfig, our: Our, tools: Tools): Promise<UpkeepRound> {
	const withAll = await withKeys(stateOf(kept), given, tools);
	if (given.mode === "bot") {
		return roundOfBot(stateOf(kept), withAll, given, tools);
	}
	const end = await roundOfGraph(withAll.state, given, our, tools);
	return ended({ ...end, trouble: end.trouble ?? ofKeys(withAll.trouble) }, tools);
}

/** Nothing else of a bot's tells before its first message that it has the wrong secret. It gets its keys all the same. */
async function roundOfBot(known: TeamsState, fetched: Fetched, given: TeamsConfig, tools: Tools): Promise<UpkeepRound> {
	const trouble = fetched.trouble ?? (await tokenTrouble(given, tools));
	const isNews = trouble === undefined || JSON.stringify(fetched.state.keys) !== JSON.stringify(known.keys);
	return ended({ state: isNews ? fetched.state : known, restMs: keysLastMs, trouble }, tools);
}

/** They are somewhere else, and how long to wait there says nothing about Graph. */
function ofKeys(trouble: Trouble | undefined): Trouble | undefined {
	return trouble === undefined ? undefined : { code: trouble.code, detail: trouble.detail, status: trouble.status };
}

async function roundOfGraph(known: TeamsState, given: TeamsConfig, our: Our, tools: Tools): Promise<End> {
	const me = await whoWeAre(known, given, tools);
	if ("trouble" in me) {
		return { state: known, trouble: me.trouble };
	}
	const config = { ...given, state: me.state };
	const subscribed = await withSubscriptions(me.state, config, our, tools);
	if (subscribed.trouble !== undefined && stopsAll(subscribed.trouble)) {
		return subscribed;
	}
	const found = await resync(subscribed.state, config, tools);
	const isSettled = found.isWhole && subscribed.isWhole && !subscribed.isChanged;
	const restMs = isSettled ? untilRenewal(found.state, tools) : soonMs;
	const trouble = found.trouble !== undefined && stopsAll(found.trouble) ? found.trouble : subscribed.trouble;
	return { state: found.state, findings: found.findings, restMs, trouble: trouble ?? found.trouble };
}

/** Another technical user has other chats: what is known of the ones before says nothing. */
async function whoWeAre(
	state: TeamsState,
	config: TeamsConfig,
	tools: Tools,
): Promise<{ state: TeamsState } | { trouble: Trouble }> {
	const told = await askGraph(
		{ method: "GET", path: "/me", query: { $select: "id,userPrincipalName" } },
		config,
		tools,
	);
	if (!told.ok) {
		return { trouble: told.trouble };
	}
	const userId = asText(told.fields["id"]);
	if (userId === undefined) {
		return { trouble: { code: "protocol", detail: "Microsoft does not say who the technical user is.", status: 200 } };
	}
	return { state: state.userId === userId ? state : fresh(state, userId) };
}

function fresh(state: TeamsState, userId: string): TeamsState {
	return { ...state, userId, refused: [], since: undefined, chats: {}, walk: undefined };
}

function untilRenewal({ subscriptions }: TeamsState, tools: Tools): number {
	const ends = subscriptions.map(({ expiresAt }) => Date.parse(expiresAt));
	return Math.min(keysLastMs, Math.max(soonMs, Math.min(...ends) - renewBeforeMs - tools.now().getTime()));
}

type End = { state: TeamsState; findings?: UpkeepRound["findings"]; restMs?: number; trouble?: Trouble | undefined };

function ended({ state, findings = [], restMs = afterTroubleMs, trouble }: End, tools: Tools): UpkeepRound {
	const nowMs = tools.now().getTime();
	if (trouble === undefined) {
		return { findings, state: toKept(state), nextAt: new Date(nowMs + restMs) };
	}
	const waitMs = Math.max(afterTroubleMs, (trouble.notBefore?.getTime() ?? 0) - nowMs);
	const { code, detail } = trouble;
	return { findings, state: toKept(state), nextAt: new Date(nowMs + waitMs), trouble: { code, detail } };
}
