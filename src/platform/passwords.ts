// People's passwords: argon2id, a bounded number at once so that a flood of logons cannot take the processors, and the
// rules for new ones.

import { hash as argon2Hash, verify as argon2Verify } from "@node-rs/argon2";
import { Problem } from "./problems.ts";

export type PasswordHasher = {
	/** A PHC string. */
	hash(password: string): Promise<string>;
	verify(hash: string, password: string): Promise<boolean>;
	/** Costs what `verify` costs: for logons that do not exist, so that the time does not tell. */
	verifyNothing(password: string): Promise<void>;
};

// OWASP password storage cheat sheet, argon2id: m = 19456 KiB, t = 2, p = 1 (checked 2026-11-24). 2 is argon2id.
const cost = { algorithm: 2, memoryCost: 19_456, timeCost: 2, parallelism: 1 };

// The hash of a random text that was thrown away, with the cost above.
const nobodysHash =
	"$argon2id$v=19$m=19456,t=2,p=1$REPLACE";

/** @param limits Beyond `waitingMax` waiting calls the problem `too_many_logons` is thrown at once. */
export function passwordHasher(limits: { atOnce: number; waitingMax: number }): PasswordHasher {
	const inTurn = turns(limits);
	return {
		hash: (password) => inTurn(() => argon2Hash(password, cost)),
		verify: (hash, password) => inTurn(() => argon2Verify(hash, password)),
		async verifyNothing(password) {
			await inTurn(() => argon2Verify(nobodysHash, password));
		},
	};
}

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
