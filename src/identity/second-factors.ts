// The second factor of a person's account: enrolled in two moves, asked for at every logon. A step of the clock counts
// once, a recovery code once, and wrong codes are counted per account like wrong passwords, but apart from them: who has
// found out the password must not wash the count clean with it.

import { clearFailures, readFailures, writeFailures } from "#storage/logon-failures.ts";
import { lockUntilCommit } from "#storage/lock.ts";
import {
	activateFactor,
	findSecondFactor,
	replaceRecoveryCodes,
	takeRecoveryCode,
	takeStep,
	writePendingFactor,
} from "#storage/second-factors.ts";
import type { Tx } from "#storage/storage.ts";
import type { IdentityDeps } from "./deps.ts";
import { tellOperator } from "./logon.ts";
import { newRecoveryCodes, plainRecoveryCode, recoveryCodeMac } from "./recovery-codes.ts";
import { afterFailure, codeLimit, waitMs } from "./throttle.ts";
import { enrolment, newSeed, stepOf } from "./totp.ts";

export type FactorOwner = { id: string; login: string; version: number };
export type GivenCode = { code: string; address: string };
export type CodeKind = "code" | "recoveryCode";

export type CodeRefusal =
	| { ok: false; why: "wrongSecondFactor" }
	| { ok: false; why: "throttled"; retryAfterSeconds: number };
export type CodeVerdict = { ok: true; kind: CodeKind } | CodeRefusal;
/** `nothingPending`: nothing to confirm · `changed`: the account was changed at the same time. */
export type Confirmation =
	| { ok: true; recoveryCodes: string[] }
	| CodeRefusal
	| { ok: false; why: "nothingPending" | "changed" };

export type SecondFactors = {
	/** Makes a seed that counts once it is confirmed. One that was pending is gone. */
	begin(tx: Tx, owner: FactorOwner): Promise<{ secret: string; otpauthUri: string }>;
	/** Refusals are counted in `tx`, so it must be committed whatever the verdict is. */
	confirm(tx: Tx, owner: FactorOwner, given: GivenCode): Promise<Confirmation>;
	/** The same; a code that was right is used up. */
	spend(tx: Tx, owner: FactorOwner, given: GivenCode): Promise<CodeVerdict>;
	/** Those before them work no more. */
	renewRecoveryCodes(tx: Tx, owner: FactorOwner): Promise<string[]>;
};

export function openSecondFactors(deps: IdentityDeps): SecondFactors {
	const issuer = `Parley ${new URL(deps.settings.publicBaseUrl).hostname}`;
	const renewRecoveryCodes: SecondFactors["renewRecoveryCodes"] = async (tx, { id }) => {
		const codes = newRecoveryCodes(deps.random);
		const macs = codes.map((code) => recoveryCodeMac(deps.mac, id, code));
		await replaceRecoveryCodes(tx, id, macs);
		return codes;
	};
	return {
		renewRecoveryCodes,
		async begin(tx, { id, login }) {
			const seed = newSeed(deps.random);
			await writePendingFactor(tx, id, deps.secretBox.seal(seed, placeOf(id, "pending")));
			return enrolment(seed, { issuer, login });
		},
		confirm: (tx, owner, given) =>
			counted(deps, tx, { owner, given }, async (): Promise<Confirmation | undefined> => {
				const pending = (await findSecondFactor(tx, owner.id))?.pending ?? null;
				if (pending === null) {
					return { ok: false, why: "nothingPending" };
				}
				const seed = deps.secretBox.openBytes(pending, placeOf(owner.id, "pending"));
				const at = deps.clock.now();
				const step = stepOf(seed, withoutSpaces(given.code), at);
				if (step === undefined) {
					return undefined;
				}
				const secret = deps.secretBox.seal(seed, placeOf(owner.id, "secret"));
				const isActive = await activateFactor(tx, { userId: owner.id, version: owner.version, secret, step, at });
				return isActive
					? { ok: true, recoveryCodes: await renewRecoveryCodes(tx, owner) }
					: { ok: false, why: "changed" };
			}),
		spend: (tx, owner, given) =>
			counted(deps, tx, { owner, given }, async (): Promise<CodeVerdict | undefined> => {
				const kind = await acceptedAs(deps, tx, owner.id, given.code);
				return kind === undefined ? undefined : { ok: true, kind };
			}),
	};
}

/** One at a time for each account. Undefined from `check` is a wrong code, and is counted. */
async function counted<T extends { ok: boolean }>(
	deps: IdentityDeps,
	tx: Tx,
	{ owner, given }: { owner: FactorOwner; given: GivenCode },
	check: () => Promise<T | undefined>,
): Promise<T | CodeRefusal> {
	const subject = `code:${owner.id}`;
	await lockUntilCommit(tx, `logon ${subject}`);
	const now = deps.clock.now();
	const [entry] = await readFailures(tx, [subject]);
	const blockedMs = waitMs(entry, now);
	if (blockedMs > 0) {
		return { ok: false, why: "throttled", retryAfterSeconds: Math.ceil(blockedMs / 1000) };
	}
	const verdict = await check();
	if (verdict === undefined) {
		const next = afterFailure(entry, subject, codeLimit, now);
		await writeFailures(tx, next);
		if (next.failures === codeLimit.freeFailures) {
			await tellOperator(deps, tx, { address: given.address, at: now });
		}
		return { ok: false, why: "wrongSecondFactor" };
	}
	if (verdict.ok) {
		await clearFailures(tx, subject);
	}
	return verdict;
}

async function acceptedAs(deps: IdentityDeps, tx: Tx, userId: string, code: string): Promise<CodeKind | undefined> {
	const factor = await findSecondFactor(tx, userId);
	if (factor === undefined || factor.secret === null) {
		return undefined;
	}
	const seed = deps.secretBox.openBytes(factor.secret, placeOf(userId, "secret"));
	const step = stepOf(seed, withoutSpaces(code), deps.clock.now());
	if (step !== undefined) {
		return (await takeStep(tx, userId, step)) ? "code" : undefined;
	}
	const recoveryCode = plainRecoveryCode(code);
	const isTaken =
		recoveryCode !== undefined && (await takeRecoveryCode(tx, userId, recoveryCodeMac(deps.mac, userId, recoveryCode)));
	return isTaken ? "recoveryCode" : undefined;
}

/** Apps show six digits as two groups. */
function withoutSpaces(code: string): string {
	return code.replace(/\s/g, "");
}

function placeOf(userId: string, column: "secret" | "pending") {
	return { table: "second_factors", column, rowId: userId };
}
