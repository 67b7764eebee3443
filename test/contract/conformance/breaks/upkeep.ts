// Connectors that lose, invent or tell something when a round of upkeep meets trouble. None of the types that these are
// made of needs upkeep, so it is given one that conforms: it asks for a list, and remembers since when.

import type { HttpAnswer, Upkeep, UpkeepRound, UpkeepState } from "#connectors/contract.ts";
import { asObject, asText, readJson, retryAfter } from "#connectors/kit/http.ts";
import type { MessageEvent } from "#domain/messages.ts";
import type { RemoteId } from "#domain/ids.ts";
import type { Subject } from "../subject.ts";
import { type Breaks, type Config, having, throwing, twilio } from "./breaking.ts";

type Polled = { user: { id: string; secret: string }; origin: string; accountSid: string };
type Round = Upkeep<Config>["round"];

const laterMs = 60_000;

const conforming: Round = async (state, config, _our, tools) => {
	const { user, origin, accountSid } = config as Polled;
	const authorization = `Basic ${Buffer.from(`${user.id}:${user.secret}`).toString("base64")}`;
	const url = `${origin}/2010-04-01/Accounts/${accountSid}/Messages.json`;
	const answer = await tools.http({ method: "GET", url, headers: { authorization } });
	return roundOf(answer, state, tools.now());
};

function roundOf(answer: HttpAnswer, state: UpkeepState, now: Date): UpkeepRound {
	const isAnswered = answer.kind === "answered" && answer.status === 200;
	const messages = isAnswered ? asObject(readJson(answer.body))?.["messages"] : undefined;
	const nextAt = new Date(now.getTime() + laterMs);
	if (Array.isArray(messages) && isAnswered) {
		const events = [found(asText(state["since"]) ?? "the beginning")];
		const findings = [{ url: "https://api.twilio.com/", body: answer.body, events }];
		return { findings, state: { since: now.toISOString() }, nextAt };
	}
	const asked = answer.kind === "answered" ? retryAfter(answer.headers, now) : undefined;
	const later = asked === undefined || asked < nextAt ? nextAt : asked;
	return { findings: [], state, nextAt: later, trouble: { code: "unreachable", detail: "Twilio told no list." } };
}

function found(since: string): MessageEvent {
	return {
		kind: "message",
		dedupKey: `since ${since}`,
		remoteId: "SM1" as RemoteId,
		channel: "sms",
		ourAddress: "+15550100001",
		contact: { address: "+15550100002" },
		text: "",
		attachments: [],
	};
}

export const upkept: Subject = upkeeping(conforming);

function upkeeping(round: Round, changes: Partial<Upkeep<Config>> = {}): Subject {
	return having(twilio, { upkeep: { isNeeded: () => true, round, ...changes } });
}

/** Another word about rounds that met trouble. */
function afterTrouble(change: (round: UpkeepRound, config: Polled, now: Date) => Partial<UpkeepRound>): Subject {
	return upkeeping(async (state, config, our, tools) => {
		const round = await conforming(state, config, our, tools);
		return round.trouble === undefined ? round : { ...round, ...change(round, config as Polled, tools.now()) };
	});
}

function withDetail(detail: (config: Polled) => string): Subject {
	return afterTrouble((_round, config) => ({ trouble: { code: "unreachable", detail: detail(config) } }));
}

export const upkeepBreaks: Breaks = {
	"a round of upkeep bears every answer": [
		{
			what: "throws",
			subject: upkeeping(async (...given) =>
				(await conforming(...given)).trouble === undefined ? conforming(...given) : throwing(),
			),
			on: ["500"],
			says: /500: thrown: TypeError: broken/,
		},
		{
			what: "throws whatever comes",
			subject: upkeeping(() => throwing()),
			on: ["500"],
			says: /all is well: thrown/,
		},
		{
			what: "keeps its trouble to itself",
			subject: upkeeping(async (...given) => {
				const { trouble: _, ...round } = await conforming(...given);
				return round;
			}),
			on: ["200 with garbage", "401"],
			says: /next round, 401: no trouble is told/,
		},
		{
			what: "has trouble with a provider that is well",
			subject: upkeeping(async (...given) => ({
				...(await conforming(...given)),
				trouble: { code: "config", detail: "Something is wrong." },
			})),
			on: ["500"],
			says: /there is trouble with a provider that is well/,
		},
		{
			what: "forgets where it was",
			subject: afterTrouble(() => ({ state: {} })),
			on: ["429"],
			says: /next round, 429: since is not in the state as it was/,
		},
		{
			what: "goes on as if it had been told",
			subject: afterTrouble((_round, _config, now) => ({ state: { since: now.toISOString() } })),
			on: ["404", "reset after reading"],
			says: /first round, 404: what was there is not found any more: since the beginning/,
		},
		{
			what: "changes the state in its hands",
			subject: upkeeping(async (state, ...given) => {
				Object.assign(state, { touched: true });
				return conforming(state, ...given);
			}),
			on: ["500"],
			says: /the state that was handed in was changed/,
		},
		{
			what: "finds something in garbage",
			subject: afterTrouble(() => ({
				findings: [{ url: "https://api.twilio.com/", body: new Uint8Array(), events: [found("garbage")] }],
			})),
			on: ["200 with garbage"],
			says: /200 with garbage: something was found in it/,
		},
		{
			what: "never comes again",
			subject: afterTrouble(() => ({ nextAt: new Date(NaN) })),
			on: ["refused connection"],
			says: /refused connection: nextAt is NaN s from now/,
		},
		{
			what: "comes again at once",
			subject: afterTrouble((_round, _config, now) => ({ nextAt: now })),
			on: ["403"],
			says: /403: nextAt is 0 s from now/,
		},
		{
			what: "comes again sooner than it is asked to",
			subject: afterTrouble((_round, _config, now) => ({ nextAt: new Date(now.getTime() + laterMs) })),
			on: ["429 with seconds"],
			says: /429 with seconds: nextAt is .*, sooner than the provider asks for/,
		},
		{
			what: "tells a secret",
			subject: withDetail(({ user }) => `Twilio refused ${user.secret}.`),
			on: ["401"],
			says: /401: the trouble tells a secret/,
		},
		{
			what: "keeps a secret",
			subject: afterTrouble(({ state }, { user }) => ({ state: { ...state, key: user.secret } })),
			on: ["401"],
			says: /401: the state tells a secret/,
		},
		{
			what: "tells a word instead of a sentence",
			subject: withDetail(() => "ECONNRESET"),
			on: ["reset after reading"],
			says: /the trouble is not one plain sentence: ECONNRESET/,
		},
		{
			what: "invents a fault",
			subject: afterTrouble(() => ({ trouble: { code: "misc" as "config", detail: "Something is wrong." } })),
			on: ["500"],
			says: /the fault code misc does not exist/,
		},
		{
			what: "keeps what is no JSON",
			subject: afterTrouble(({ state }) => ({ state: { ...state, at: new Date(0) } })),
			on: ["500"],
			says: /the state is no plain JSON/,
		},
		{
			what: "contacts somebody else",
			subject: upkeeping(async (state, config, our, tools) => {
				await tools.http({ method: "GET", url: "https://undeclared.example/", headers: {} });
				return conforming(state, config, our, tools);
			}),
			on: ["500"],
			says: /undeclared\.example was contacted without being declared/,
		},
		{
			what: "asks without end",
			subject: upkeeping(async (state, config, our, tools) => {
				for (let asked = 0; asked < 30; asked++) {
					await conforming(state, config, our, tools);
				}
				return conforming(state, config, our, tools);
			}),
			on: ["500"],
			says: /31 requests were sent/,
		},
		{
			what: "asks nothing",
			subject: upkeeping(async (state, _config, _our, tools) => ({
				findings: [],
				state,
				nextAt: new Date(tools.now().getTime() + laterMs),
			})),
			on: ["500"],
			says: /first round, 500: nothing was asked/,
		},
	],
};
