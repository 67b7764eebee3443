// The one place where a logon name and a password are checked, whoever asks: REST, the logon page, the webhooks.
// Failures are counted before the check, so that many at the same time count as many; a success takes its count back.

import type { UserId } from "#domain/ids.ts";
import type { PasswordCheck } from "#platform/passwords.ts";
import {
	type LogonFailures,
	clearFailures,
	deleteOldFailures,
	readFailures,
	writeFailures,
} from "#storage/logon-failures.ts";
import { lockUntilCommit } from "#storage/lock.ts";
import { type Credentials, findCredentials, loginKey } from "#storage/people.ts";
import { appendSecurityEvents } from "#storage/security-events.ts";
import type { Tx } from "#storage/storage.ts";
import type { IdentityDeps } from "./deps.ts";
import {
	type Limit,
	accountLimit,
	addressLimit,
	afterFailure,
	codeLimit,
	networkOf,
	waitMs,
	windowMs,
	withoutOne,
} from "./throttle.ts";
import { equalBytes, machineSecretMac } from "./tokens.ts";

export type LogonAttempt = { login: string; password: string; address: string };

/** `wrong` does not tell what was wrong: no such user, another password, or a disabled user. */
export type LogonVerdict =
	| { ok: true; user: Credentials }
	| { ok: false; why: "wrong" }
	| { ok: false; why: "throttled"; retryAfterSeconds: number };

export type Logons = {
	/** Throws the problem `too_many_logons` when too many passwords are being checked at once. */
	verify(attempt: LogonAttempt): Promise<LogonVerdict>;
	/** Drops what is remembered of the user's password. */
	forget(userId: string): void;
};

const rememberedMs = 5 * 60_000;
const rememberedMax = 5000;
const loginLengthMax = 320;
const passwordBytesMax = 1024;

type Subject = { name: string; limit: Limit };

export function openLogons(deps: IdentityDeps): Logons {
	const remembered = rememberedPasswords(deps);
	const inFlight = new Map<string, Promise<LogonVerdict>>();

	/** A program's parallel calls come with one password from one place: it is checked, and counted, once for all of them. */
	function checkOnce(user: Credentials | undefined, attempt: LogonAttempt): Promise<LogonVerdict> {
		const key = keyOf(deps.mac("logon in flight", networkOf(attempt.address), attempt.login, attempt.password));
		const running = inFlight.get(key);
		if (running !== undefined) {
			return running;
		}
		const check = slowly(deps, user, attempt).finally(() => inFlight.delete(key));
		inFlight.set(key, check);
		return check;
	}

	return {
		forget: (userId) => remembered.forget(userId),
		async verify(attempt) {
			const fits = attempt.login.length <= loginLengthMax && Buffer.byteLength(attempt.password) <= passwordBytesMax;
			const user = fits ? await findCredentials(deps.storage.db, { login: attempt.login }) : undefined;
			if (user !== undefined && isKnownToFit(deps, user, attempt.password, remembered)) {
				return verdictOn(deps, user);
			}
			const verdict = await checkOnce(user, attempt);
			if (verdict.ok) {
				remembered.add(verdict.user, attempt.password);
			}
			deps.metrics.logon(verdict.ok ? "ok" : verdict.why);
			return verdict;
		},
	};
}

/**
 * What costs no argon2 and cannot be guessed at: a generated password, or one that was checked a moment ago. It is heard
 * even while strangers try passwords for the same account, so that they cannot lock its owner out.
 */
function isKnownToFit(deps: IdentityDeps, user: Credentials, password: string, remembered: Remembered): boolean {
	if (user.machineSecret !== null) {
		return equalBytes(machineSecretMac(deps.mac, user.id, password), user.machineSecret);
	}
	return remembered.has(user, password);
}

function verdictOn(deps: IdentityDeps, user: Credentials): LogonVerdict {
	deps.metrics.logon(user.enabled ? "ok" : "wrong");
	return user.enabled ? { ok: true, user } : { ok: false, why: "wrong" };
}

async function slowly(deps: IdentityDeps, user: Credentials | undefined, attempt: LogonAttempt): Promise<LogonVerdict> {
	const subjects: readonly Subject[] = [
		{ name: `account:${loginKey(attempt.login.slice(0, loginLengthMax))}`, limit: accountLimit },
		{ name: `address:${networkOf(attempt.address)}`, limit: addressLimit },
	];
	const blockedMs = waitForAllMs(await readFailures(deps.storage.db, namesOf(subjects)), deps.clock.now());
	if (blockedMs > 0) {
		return throttled(blockedMs); // Neither a turn nor the writer, which those who know their password may need.
	}
	return deps.passwords.checking(async (check) => {
		const stillMs = await countAttempt(deps, subjects, attempt.address);
		if (stillMs > 0) {
			return throttled(stillMs);
		}
		const isRight = await isRightPassword(check, user, attempt.password);
		if (!isRight || user === undefined || !user.enabled) {
			return { ok: false, why: "wrong" };
		}
		await startAnew(deps, subjects);
		return { ok: true, user };
	});
}

function throttled(blockedMs: number): LogonVerdict {
	return { ok: false, why: "throttled", retryAfterSeconds: Math.ceil(blockedMs / 1000) };
}

/** Every failure costs one argon2, so that the time does not tell which logon names exist or are machines'. */
async function isRightPassword(
	check: PasswordCheck,
	user: Credentials | undefined,
	password: string,
): Promise<boolean> {
	if (typeof user?.passwordHash === "string") {
		return check.verify(user.passwordHash, password);
	}
	await check.verifyNothing(password);
	return false;
}

/** Counts the attempt as failed, unless a subject has to wait; then it gives the wait in milliseconds. */
function countAttempt(deps: IdentityDeps, subjects: readonly Subject[], address: string): Promise<number> {
	return deps.storage.write(async (tx) => {
		const now = deps.clock.now();
		const entries = await readLocked(tx, subjects);
		const blockedMs = waitForAllMs([...entries.values()], now);
		if (blockedMs > 0) {
			return blockedMs;
		}
		const ago = (ms: number) => new Date(now.getTime() - ms);
		await deleteOldFailures(tx, { logons: ago(2 * windowMs), codes: ago(2 * codeLimit.forgottenAfterMs) });
		for (const { name, limit } of subjects) {
			const next = afterFailure(entries.get(name), name, limit, now);
			await writeFailures(tx, next);
			if (next.failures === limit.freeFailures) {
				await tellOperator(deps, tx, { address, at: now });
			}
		}
		return 0;
	});
}

function namesOf(subjects: readonly Subject[]): string[] {
	return subjects.map(({ name }) => name);
}

/** Milliseconds; 0: heard now. */
function waitForAllMs(entries: readonly LogonFailures[], now: Date): number {
	return Math.max(0, ...entries.map((entry) => waitMs(entry, now)));
}

async function readLocked(tx: Tx, subjects: readonly Subject[]): Promise<Map<string, LogonFailures>> {
	for (const { name } of subjects) {
		await lockUntilCommit(tx, `logon ${name}`);
	}
	const rows = await readFailures(tx, namesOf(subjects));
	return new Map(rows.map((row) => [row.subject, row]));
}

export async function tellOperator(
	deps: IdentityDeps,
	tx: Tx,
	{ address, at }: { address: string; at: Date },
): Promise<void> {
	const detail = "Too many failed logons; further ones have to wait.";
	await appendSecurityEvents(tx, [
		{ id: deps.ids.next(), at, kind: "logon_blocked", serviceId: null, address, detail },
	]);
	deps.log.warn(detail, { event: "logon.blocked", address });
}

/**
 * After a success the account starts anew; the address gets back the one attempt only, or an attacker's own account
 * would wash it clean.
 */
async function startAnew(deps: IdentityDeps, subjects: readonly Subject[]): Promise<void> {
	await deps.storage.write(async (tx) => {
		const entries = await readLocked(tx, subjects);
		for (const { name, limit } of subjects) {
			const entry = entries.get(name);
			if (limit === accountLimit) {
				await clearFailures(tx, name);
			} else if (entry !== undefined) {
				await writeFailures(tx, withoutOne(entry, limit));
			}
		}
	});
}

type Remembered = {
	has(user: Credentials, password: string): boolean;
	add(user: Credentials, password: string): void;
	forget(userId: string): void;
};

/** Keyed hashes in memory only. The user's version is part of them: after any change nothing fits, on every node. */
function rememberedPasswords(deps: IdentityDeps): Remembered {
	const entries = new Map<string, { userId: UserId; untilMs: number }>();
	const keyFor = (user: Credentials, password: string): string =>
		keyOf(deps.mac("remembered logon", user.id, String(user.version), password));
	return {
		has(user, password) {
			const key = keyFor(user, password);
			const entry = entries.get(key);
			if (entry === undefined || entry.untilMs > deps.clock.monotonicMs()) {
				return entry !== undefined;
			}
			entries.delete(key);
			return false;
		},
		add(user, password) {
			const [oldest] = entries.keys();
			if (entries.size >= rememberedMax && oldest !== undefined) {
				entries.delete(oldest);
			}
			entries.set(keyFor(user, password), { userId: user.id, untilMs: deps.clock.monotonicMs() + rememberedMs });
		},
		forget(userId) {
			for (const [key, entry] of entries) {
				if (entry.userId === userId) {
					entries.delete(key);
				}
			}
		},
	};
}

function keyOf(mac: Uint8Array): string {
	return Buffer.from(mac).toString("base64");
}
