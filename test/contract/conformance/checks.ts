// The kit: what every connector must keep, by the promise in words. A check takes a subject and says what is wrong.

import {
	flippedBytesAreRefused,
	oldRequestsAreStale,
	otherSpellingsAreRefused,
	secretsDecide,
	signatureIsDemanded,
	statedVerdicts,
} from "./admission.ts";
import { draftIsBorne, formCoversConfig, formIsComplete, readmeTellsItsSources, simulatedAccountFits } from "./form.ts";
import { formCanBeDrawn } from "./form-layout.ts";
import { frameChanceIsBorne, isShutToHttp, statedFrames, strangeFramesAreBorne } from "./line-frames.ts";
import { lineAnswersAreUnderstood, longestTextPassesLine } from "./line-sending.ts";
import { filesAreHadDecently } from "./media.ts";
import { previewIsWhatIsSent } from "./preview.ts";
import { chanceIsBorne, statedEvents, wrongPiecesAreBorne, wrongTypesAreBorne } from "./reading.ts";
import { attemptIdTravels } from "./receipts.ts";
import {
	answersAreUnderstood,
	longestTextPasses,
	lookupOnlyAsks,
	nothingLeaks,
	tokenTroubleLosesNothing,
} from "./sending.ts";
import { noSideDoor } from "./side-doors.ts";
import { statusWordsAreRead } from "./status-words.ts";
import { strangeAnswersAreBorne } from "./strange-answers.ts";
import type { Findings, Subject } from "./subject.ts";
import { upkeepBearsEveryAnswer } from "./upkeep.ts";
import { callsAreAsTold } from "./webhook-calls.ts";

export type Check = (subject: Subject) => Findings | Promise<Findings>;

const ways = new Map<Check, "http" | "line">();

/**
 * Types with a line neither send nor receive by HTTP: a row about a status or a redirect could not be tried, and no attempt
 * id comes back where a provider has no field for it. What holds for them instead is checked by line.
 */
function byHttp(check: Check): Check {
	const whole: Check = (subject) => (subject.connector.line === undefined ? check(subject) : []);
	ways.set(whole, "http");
	return whole;
}

function byLine(check: Check): Check {
	const whole: Check = (subject) => (subject.connector.line === undefined ? [] : check(subject));
	ways.set(whole, "line");
	return whole;
}

/** Why a check had nothing to try with that connector. */
export function whyNothing(check: Check | undefined, { line }: Subject["connector"]): string {
	const way = check === undefined ? undefined : ways.get(check);
	if (way === undefined || (way === "line") === (line !== undefined)) {
		return "nothing to try for this type";
	}
	return way === "line" ? "only of types with a line" : "only of types by HTTP";
}

export const checks = {
	"every fixture gets its stated verdict": byHttp(statedVerdicts),
	"no proof is no entry": byHttp(signatureIsDemanded),
	"one flipped bit in the body or the proof is refused": byHttp(flippedBytesAreRefused),
	"a proof in another spelling is refused": byHttp(otherSpellingsAreRefused),
	"only the secret decides, the old one too while a rotation lasts": byHttp(secretsDecide),
	"an old request is stale": byHttp(oldRequestsAreStale),
	"every fixture gives its stated events": byHttp(statedEvents),
	"wrong types everywhere are read without an exception": byHttp(wrongTypesAreBorne),
	"broken requests are read without an exception": byHttp(wrongPiecesAreBorne),
	"requests of chance are read without an exception": (subject) => chanceIsBorne(subject),
	"every documented status word is read": statusWordsAreRead,
	"every answer is understood": byHttp((subject) => answersAreUnderstood(subject)),
	"an answer in another shape is neither thrown over nor believed": byHttp(strangeAnswersAreBorne),
	"trouble with a token loses no message": (subject) => tokenTroubleLosesNothing(subject),
	"no secret and no text leaks": byHttp(nothingLeaks),
	"the longest text passes": byHttp(longestTextPasses),
	"a preview is what is sent, without its secrets": byHttp(previewIsWhatIsSent),
	"a look-up only asks": (subject) => lookupOnlyAsks(subject),
	"a round of upkeep bears every answer": (subject) => upkeepBearsEveryAnswer(subject),
	"files are asked for at declared hosts, and credentials go nowhere else": filesAreHadDecently,
	"our attempt id travels and comes back": byHttp(attemptIdTravels),
	"every frame is taken for what is stated": byLine(statedFrames),
	"a type with a line is shut to HTTP": byLine(isShutToHttp),
	"any bytes on a line are borne": byLine(frameChanceIsBorne),
	"every answer on a line is understood": byLine((subject) => lineAnswersAreUnderstood(subject)),
	"an answer on a line in another shape is neither thrown over nor believed": byLine(strangeFramesAreBorne),
	"the longest text passes over a line": byLine(longestTextPassesLine),
	"nothing is reached but by what is handed in": noSideDoor,
	"the form is complete": formIsComplete,
	"the form can be drawn": formCanBeDrawn,
	"the form covers the configuration": formCoversConfig,
	"the provider calls as the form says": callsAreAsTold,
	"a draft is borne": draftIsBorne,
	"the simulated account fits the form": simulatedAccountFits,
	"the README tells its sources": readmeTellsItsSources,
} as const satisfies Readonly<Record<string, Check>>;
