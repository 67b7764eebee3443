// People's passwords: argon2id, a bounded number at once so that a flood of logons can take neither the processors nor the
// database, and the rules for new ones.

import { hash as argon2Hash, verify as argon2Verify } from "@node-rs/argon2";
import { Problem } from "./problems.ts";

export type PasswordHasher = {
	/** A PHC string. */
	hash(password: string): Promise<string>;
	/** One turn for all that checking and counting one logon costs, so that what is refused here has cost neither. */
	checking<T>(work: (check: PasswordCheck) => Promise<T>): Promise<T>;
};

export type PasswordCheck = {
	verify(hash: string, password: string): Promise<boolean>;
	/** Costs what `verify` costs: for logons that do not exist, so that the time does not tell. */
	verifyNothing(password: string): Promise<void>;
};

// OWASP password storage cheat sheet, argon2id: m = 19456 KiB, t = 2, p = 1 (checked 2026-11-24). 2 is argon2id.
const cost = { algorithm: 2, memoryCost: 19_456, timeCost: 2, parallelism: 1 };

// The hash of a random text that was thrown away, with the cost above.
const nobodysHash = "$argon2id$v=19$m=19456,t=2,p=1$frfbAEOyv2/M8wjhUx4UiQ$/guNrkFt1pPqxFWQUJIHzAMhOneng3hF7KR5faJkqUw";

/** @param limits Beyond `waitingMax` waiting calls the problem `too_many_logons` is thrown at once. */
export function passwordHasher(limits: { atOnce: number; waitingMax: number }): PasswordHasher {
	const inTurn = turns(limits);
	return {
		hash: (password) => inTurn(() => argon2Hash(password, cost)),
		checking: (work) => inTurn(() => work(check)),
	};
}

const check: PasswordCheck = {
	verify: (hash, password) => argon2Verify(hash, password),
	async verifyNothing(password) {
		await argon2Verify(nobodysHash, password);
	},
};

function turns({ atOnce, waitingMax }: { atOnce: number; waitingMax: number }) {
	let running = 0;
	const waiting: (() => void)[] = [];
	return async <T>(work: () => Promise<T>): Promise<T> => {
		if (running < atOnce) {
			running++;
		} else if (waiting.length < waitingMax) {
			await new Promise<void>((resolve) => waiting.push(resolve));
		} else {
			const extra = { headers: { "retry-after": "1" } };
			throw new Problem("too_many_logons", "Too many logons are being checked at once.", undefined, extra);
		}
		try {
			return await work();
		} finally {
			const next = waiting.shift();
			if (next === undefined) {
				running--;
			} else {
				next(); // The turn is handed on, so `running` stays.
			}
		}
	};
}

export const passwordLengthMin = 12;
export const passwordLengthMax = 256;

/** Why a person may not choose this password, in one sentence, or undefined. The password itself is kept exactly. */
export function passwordProblem(
	password: string,
	login: string,
	lengthMin: number = passwordLengthMin,
): string | undefined {
	const length = Array.from(password).length;
	if (length < lengthMin) {
		return `The password must have at least ${lengthMin} characters.`;
	}
	if (length > passwordLengthMax) {
		return `The password must have at most ${passwordLengthMax} characters.`;
	}
	if (lettersForm(password) === lettersForm(login)) {
		return "The password must not be the logon name.";
	}
	return isCommon(password) ? "The password is one of the first that are guessed; choose another one." : undefined;
}

function lowerForm(text: string): string {
	return text.normalize("NFKC").toLowerCase().trim();
}

/** How guessing programs see it: the usual digits and signs for letters are letters. */
function lettersForm(text: string): string {
	return lowerForm(text).replace(/[@4310$57!]/g, (sign) => lettersForSigns[sign] ?? sign);
}

const lettersForSigns: Readonly<Record<string, string>> = {
	"@": "a",
	"4": "a",
	"3": "e",
	"1": "i",
	"0": "o",
	$: "s",
	"5": "s",
	"7": "t",
	"!": "i",
};

// The stems of the most common leaked passwords; most are shorter than twelve characters and appear repeated, joined
// with each other or with digits and signs around them.
const commonStems = [
	"password passwort passw pass word secret geheim welcome willkommen letmein",
	"administrator admin root user login master default changeme change test guest",
	"qwertyuiop qwertzuiop qwerty qwertz azerty asdfghjkl asdfgh zxcvbnm zxcvbn",
	"iloveyou sunshine princess football baseball dragon monkey superman batman trustno",
	"hello hallo monday summer winter spring autumn company contact center centre",
	"parley january february october november december michael starwars pokemon abcdef",
].flatMap((line) => line.split(" "));
const stemPattern = new RegExp(commonStems.toSorted((one, other) => other.length - one.length).join("|"), "g");
const ownPartMin = 5; // Characters that must be left once the stems and the signs and digits around them are gone.

function isCommon(password: string): boolean {
	const lower = lowerForm(password);
	const forms = [lettersForm(password), lower.replace(/\d/g, "")];
	return isRun(lower) || isRepeated(lower) || forms.some((form) => ownPart(form) < ownPartMin);
}

/** How many different letters and digits belong to no well-known stem; enough where there is no stem at all. */
function ownPart(form: string): number {
	const withoutSigns = (text: string): string => text.replace(/[\s\p{P}\p{S}]/gu, "");
	const rest = withoutSigns(form.replace(stemPattern, ""));
	return rest.length === withoutSigns(form).length ? ownPartMin : new Set(rest).size;
}

/** One short piece over and over: aaaa…, abcabc…. */
function isRepeated(plain: string): boolean {
	return /^(.{1,4})\1+.{0,3}$/su.test(plain);
}

/** Neighbours on the code table all along: 12345678…, abcdefgh…, up or down. */
function isRun(plain: string): boolean {
	const codes = Array.from(plain, (character) => character.codePointAt(0) ?? 0);
	const steps = codes.slice(1).map((code, index) => code - (codes[index] ?? 0));
	const regular = steps.filter((step) => Math.abs(step) === 1).length;
	return regular >= steps.length - 1;
}
