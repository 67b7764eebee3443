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
import { filesAreHadDecently } from "./media.ts";
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

export type Check = (subject: Subject) => Findings | Promise<Findings>;

export const checks = {
	"every fixture gets its stated verdict": statedVerdicts,
	"no proof is no entry": signatureIsDemanded,
	"one flipped bit in the body or the proof is refused": flippedBytesAreRefused,
	"a proof in another spelling is refused": otherSpellingsAreRefused,
	"only the secret decides, the old one too while a rotation lasts": secretsDecide,
	"an old request is stale": oldRequestsAreStale,
	"every fixture gives its stated events": statedEvents,
	"wrong types everywhere are read without an exception": wrongTypesAreBorne,
	"broken requests are read without an exception": wrongPiecesAreBorne,
	"requests of chance are read without an exception": (subject) => chanceIsBorne(subject),
	"every documented status word is read": statusWordsAreRead,
	"every answer is understood": (subject) => answersAreUnderstood(subject),
	"an answer in another shape is neither thrown over nor believed": strangeAnswersAreBorne,
	"trouble with a token loses no message": (subject) => tokenTroubleLosesNothing(subject),
	"no secret and no text leaks": nothingLeaks,
	"the longest text passes": longestTextPasses,
	"a look-up only asks": (subject) => lookupOnlyAsks(subject),
	"a round of upkeep bears every answer": (subject) => upkeepBearsEveryAnswer(subject),
	"files are asked for at declared hosts, and credentials go nowhere else": filesAreHadDecently,
	"our attempt id travels and comes back": attemptIdTravels,
	"nothing is reached but by what is handed in": noSideDoor,
	"the form is complete": formIsComplete,
	"the form covers the configuration": formCoversConfig,
	"a draft is borne": draftIsBorne,
	"the simulated account fits the form": simulatedAccountFits,
	"the README tells its sources": readmeTellsItsSources,
} as const satisfies Readonly<Record<string, Check>>;
