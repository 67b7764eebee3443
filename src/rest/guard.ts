// Who is calling, and may they? Asked before the body is even read: authentication, the defence against other sites
// that use a browser's session, and the rights the route needs.

import type { IncomingHttpHeaders } from "node:http";
import type { Authenticated } from "#identity/authenticate.ts";
import { basicChallenge } from "#identity/http-users.ts";
import type { Principal } from "#identity/principal.ts";
import { isOwnSite } from "#platform/own-site.ts";
import { Problem } from "#platform/problems.ts";
import { type Reach, decide } from "#rights/decide.ts";
import type { RestDeps } from "./deps.ts";
import type { Need, Route } from "./route.ts";

export type Knock = {
	method: string;
	headers: IncomingHttpHeaders;
	params: Readonly<Record<string, string>>;
	address: string;
};

/** The principal; undefined on routes open to anybody. Throws the problem otherwise. */
export async function admitCaller(route: Route, knock: Knock, deps: RestDeps): Promise<Principal | undefined> {
	if (route.needs.who === "anybody") {
		return undefined;
	}
	const { authorization, cookie } = knock.headers;
	const verdict = await deps.identity.authenticate({ authorization, cookie, address: knock.address });
	if (!verdict.ok) {
		throw refusal(verdict, knock.headers);
	}
	demandDutyDone(verdict.principal, route);
	if (verdict.principal.isByCookie) {
		refuseOtherSites(knock, deps, route.takesFile === true);
	}
	if (route.needs.who === "holders") {
		demandAll(verdict.principal, route.needs.rights, knock.params);
	}
	return verdict.principal;
}

const duties = {
	changePassword: () =>
		new Problem("password_change_required", "Change your password first: PUT /me/password with the present one."),
	enrolSecondFactor: () =>
		new Problem("second_factor_enrolment_required", "Enrol a second factor first: POST /me/secondFactor."),
} as const;

function demandDutyDone({ mustDo }: Principal, { servesBeforeDuty }: Route): void {
	if (mustDo !== null && servesBeforeDuty !== true) {
		throw duties[mustDo]();
	}
}

/** The same again for an answer that stays open; undefined: the caller would not be admitted any more. */
export async function callerStill(route: Route, knock: Knock, deps: RestDeps): Promise<Principal | undefined> {
	try {
		return await admitCaller(route, knock, deps);
	} catch (error) {
		if (error instanceof Problem) {
			return undefined;
		}
		throw error;
	}
}

type Refused = Extract<Authenticated, { ok: false }>;

function refusal(verdict: Refused, headers: IncomingHttpHeaders): Problem {
	if (verdict.why === "throttled") {
		const seconds = verdict.retryAfterSeconds;
		return new Problem("too_many_logons", `Too many failed logons; try again in ${seconds} s.`, undefined, {
			headers: { "retry-after": String(seconds) },
		});
	}
	if (verdict.why === "secondFactor") {
		const detail = "This account has a second factor, so its password alone opens no interface; use an API token.";
		const bearer = { headers: { "www-authenticate": 'Bearer realm="Parley"' } };
		return new Problem("second_factor_required", detail, undefined, bearer);
	}
	const extra = { headers: { "www-authenticate": challengeFor(headers) } };
	return verdict.why === "wrong"
		? new Problem("wrong_credentials", "The logon name, password or token is not right.", undefined, extra)
		: new Problem("not_authenticated", "Sign in, or send a user or an API token.", undefined, extra);
}

/**
 * RFC 9110 section 15.5.2 wants a challenge with every 401. A page's own calls get Bearer, because for Basic the
 * browser would open its own logon window over the page.
 */
function challengeFor(headers: IncomingHttpHeaders): string {
	const isPage = headers["sec-fetch-mode"] !== undefined && headers["sec-fetch-mode"] !== "navigate";
	return isPage || headers.cookie !== undefined ? 'Bearer realm="Parley"' : basicChallenge;
}

/**
 * For everything that changes something: only our own pages, and only JSON, or a file under a header of ours: neither can a
 * foreign form send.
 */
function refuseOtherSites({ method, headers }: Knock, deps: RestDeps, takesFile: boolean): void {
	if (method === "GET" || method === "HEAD") {
		return;
	}
	const isAdmittedPage = deps.pagesAreAdmitted === true && headers.origin !== undefined;
	if (!isAdmittedPage && !isOwnSite(headers, deps.settings.publicBaseUrl)) {
		throw new Problem("cross_site", "A browser's session counts only for calls from our own pages.");
	}
	if (takesFile) {
		if (headers["idempotency-key"] === undefined) {
			throw new Problem("cross_site", "With a browser's session an upload needs the header Idempotency-Key.");
		}
		return;
	}
	const type = headers["content-type"];
	if (type !== undefined && !/^application\/(merge-patch\+)?json\b/i.test(type)) {
		throw new Problem("cross_site", "With a browser's session only JSON is accepted.");
	}
}

function demandAll(principal: Principal, needs: readonly Need[], params: Knock["params"]): void {
	for (const need of needs) {
		const asked = { objectType: need.objectType, on: reachOf(need, params) };
		const decision = decide(principal.grants, need.access, asked);
		const others = need.or === undefined ? [] : [need.or].flat();
		const isServedOtherwise = others.some((access) => decide(principal.grants, access, asked).allowed);
		if (!decision.allowed && !isServedOtherwise) {
			throw new Problem("forbidden", decision.reason);
		}
	}
}

function reachOf(need: Need, params: Knock["params"]): Reach {
	if (typeof need.on === "object") {
		return { id: params[need.on.param] ?? "" };
	}
	return need.on === "every" ? "every" : "some";
}
