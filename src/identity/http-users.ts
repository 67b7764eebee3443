// The HTTP user of a provider's call: an external user with the right Use on that messaging service. Wrong password 401,
// right password without the right 403; all refusals of one kind are worded and timed alike.

import { decide } from "#rights/decide.ts";
import { principalOf, readBasic } from "./authenticate.ts";
import type { IdentityDeps } from "./deps.ts";
import type { Logons } from "./logon.ts";
import type { Principal } from "./principal.ts";

export const basicChallenge = 'Basic realm="Parley", charset="UTF-8"';

export type HttpUserVerdict =
	| { ok: true; userId: string }
	| { ok: false; status: 401; challenge: string }
	| { ok: false; status: 403; challenge: undefined }
	/** Too many wrong passwords came from there or for that user lately: nothing was judged. */
	| { ok: false; status: 503; challenge: undefined };

export type HttpUsers = {
	check(authorization: string | undefined, asked: { serviceId: string; address: string }): Promise<HttpUserVerdict>;
	forget(userId: string): void;
};

/** How long a provider's proven call counts without asking the database: bounds how late a withdrawn right is noticed. */
const rememberedMs = 1000;
const rememberedMax = 1000;

export function openHttpUsers(deps: IdentityDeps, logons: Logons): HttpUsers {
	const remembered = new Map<string, { principal: Principal; untilMs: number }>();
	const warned = new Set<string>();

	async function principalBehind(authorization: string, address: string): Promise<Principal | "throttled" | undefined> {
		const key = Buffer.from(deps.mac("remembered HTTP user", authorization)).toString("base64");
		const known = remembered.get(key);
		if (known !== undefined && known.untilMs > deps.clock.monotonicMs()) {
			return known.principal;
		}
		remembered.delete(key);
		const given = readBasic(/^basic +(.*)$/i.exec(authorization)?.[1] ?? "");
		if (given === undefined) {
			return undefined; // No logon: it guesses at nobody's password, so it makes nobody wait.
		}
		const verdict = await logons.verify({ ...given, address });
		if (!verdict.ok) {
			return verdict.why === "throttled" ? "throttled" : undefined;
		}
		const principal = await principalOf(deps, verdict.user, "basic");
		if (remembered.size >= rememberedMax) {
			remembered.clear();
		}
		remembered.set(key, { principal, untilMs: deps.clock.monotonicMs() + rememberedMs });
		return principal;
	}

	function warnOfPerson({ userId, externalUser }: Principal, serviceId: string): void {
		if (!externalUser && !warned.has(`${userId} ${serviceId}`)) {
			warned.add(`${userId} ${serviceId}`);
			const fields = { event: "http_user.person", userId, serviceId } as const;
			deps.log.warn("A person's account is used by a provider; make an external user for it.", fields);
		}
	}

	return {
		async check(authorization, { serviceId, address }) {
			const principal = authorization === undefined ? undefined : await principalBehind(authorization, address);
			if (principal === undefined) {
				return { ok: false, status: 401, challenge: basicChallenge };
			}
			if (principal === "throttled") {
				return { ok: false, status: 503, challenge: undefined };
			}
			const asked = { objectType: "messagingService", on: { id: serviceId } } as const;
			if (!decide(principal.grants, "use", asked).allowed) {
				return { ok: false, status: 403, challenge: undefined };
			}
			warnOfPerson(principal, serviceId);
			return { ok: true, userId: principal.userId };
		},
		forget(userId) {
			for (const [key, { principal }] of remembered) {
				if (principal.userId === userId) {
					remembered.delete(key);
				}
			}
		},
	};
}
