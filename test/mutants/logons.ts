// Faults that would make a second factor, or the authentication policy, worth nothing (goal S10).

import type { Mutant } from "./mutant.ts";

type Edit = readonly [file: string, find: string, replace: string];

function spoilt(id: string, says: string, [file, find, replace]: Edit, test: string): Mutant {
	return { id, goal: "S10", says, edits: [{ file, find, replace }], tests: [test] };
}

const factors = "src/identity/second-factors.test.ts";

export const mutants: readonly Mutant[] = [
	spoilt(
		"code-counts-twice",
		"A code signs in as often as it is given in its time.",
		["src/storage/second-factors.ts", '\t\t.where("last_step", "<", step)\n', ""],
		factors,
	),
	spoilt(
		"wrong-codes-washed-clean",
		"Who has found out the password begins to guess codes anew by giving it again.",
		[
			"src/identity/second-factors.ts",
			"const subject = `code:${owner.id}`;",
			"const subject = `account:${owner.login}`;",
		],
		factors,
	),
	spoilt(
		"any-code-any-time",
		"A code is accepted ten steps early and late.",
		["src/identity/totp.ts", "const stepsAside = 1;", "const stepsAside = 10;"],
		"src/identity/totp.test.ts",
	),
	spoilt(
		"password-alone-by-basic",
		"The password alone opens the interfaces, although the account has a second factor.",
		["src/identity/authenticate.ts", "if (verdict.user.hasSecondFactor && ", "if (!verdict.user.hasSecondFactor && "],
		"src/rest/rci/second-factor.test.ts",
	),
	spoilt(
		"page-for-any-account",
		"The proof that a password was right opens the page for the code of every account.",
		["src/identity/challenge.ts", "if (!isOurs || ", "if ("],
		"src/rest/logon-pages.test.ts",
	),
	spoilt(
		"factor-off-without-a-code",
		"Who finds an open browser of an administrator takes the second factor off without a code.",
		["src/rest/rci/second-factor.ts", "if (ctx.caller().userId === id) {", "if (id === undefined) {"],
		"src/rest/rci/second-factor.test.ts",
	),
	spoilt(
		"duty-undone",
		"Who must change the password or enrol a second factor may do everything all the same.",
		["src/rest/guard.ts", "\tdemandDutyDone(verdict.principal, route);\n", "\tvoid demandDutyDone;\n"],
		"src/rest/rci/authentication-policy.test.ts",
	),
];
