// Signing in and out of the browser: a form that works without script, and the same as JSON. Where the account has a second
// factor, the form leads to a second page; JSON sends the code with the password.

import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { LogonVerdict } from "#identity/logon.ts";
import type { CodeKind, CodeRefusal } from "#identity/second-factors.ts";
import { Problem } from "#platform/problems.ts";
import { appendAudit } from "#storage/audit.ts";
import { type Credentials, findCredentials } from "#storage/people.ts";
import { deleteSessions } from "#storage/sessions.ts";
import type { RestDeps } from "./deps.ts";
import { formBytesMax, isForm, readFields, refuseForeignPost } from "./forms.ts";
import { sendCodeForm, sendLogonForm, textOf } from "./logon-forms.ts";

export function addLogonPages(scope: FastifyInstance, deps: RestDeps): void {
	const home = `${deps.settings.basePath}/`;
	scope.get("/login", (_request, reply) => sendLogonForm(reply, deps, { status: 200, login: "" }));
	scope.post("/login", { bodyLimit: formBytesMax }, async (request, reply) => {
		refuseForeignPost(request, deps.settings.publicBaseUrl);
		const given = readFields(request.body, ["login", "password"], ["code"]);
		const verdict = await signIn(deps, request, given);
		if (!verdict.ok) {
			return isForm(request) ? sendRefusal(reply, deps, verdict, { login: given.login }) : refuse(verdict);
		}
		void reply.header("set-cookie", verdict.cookie);
		return isForm(request) ? reply.redirect(home, 303) : reply.code(204).send();
	});
	scope.post("/login/code", { bodyLimit: formBytesMax }, async (request, reply) => {
		refuseForeignPost(request, deps.settings.publicBaseUrl);
		const { challenge, code } = readFields(request.body, ["challenge", "code"]);
		const user = await deps.identity.challenges.open(challenge);
		if (user === undefined) {
			const error = "That took longer than five minutes, or the account was changed. Sign in again.";
			return sendLogonForm(reply, deps, { status: 401, login: "", error });
		}
		const verdict = await withSecondFactor(deps, request, { user, code });
		return verdict.ok
			? reply.header("set-cookie", verdict.cookie).redirect(home, 303)
			: sendRefusal(reply, deps, verdict, { login: user.login, challenge });
	});
	scope.post("/logout", { bodyLimit: formBytesMax }, async (request, reply) => {
		refuseForeignPost(request, deps.settings.publicBaseUrl);
		await signOut(deps, request.headers.cookie);
		void reply.headers({
			"set-cookie": deps.identity.sessions.clearedCookie,
			"clear-site-data": '"cache", "storage"',
		});
		return isForm(request) ? reply.redirect(home, 303) : reply.code(204).send();
	});
}

/** With `user` the password was right, and the page for the code may come next. */
type Refusal =
	| Extract<LogonVerdict, { ok: false }>
	| { ok: false; why: "secondFactorRequired"; user: Credentials }
	| (CodeRefusal & { user: Credentials });
type SignedIn = { ok: true; cookie: string } | Refusal;

async function signIn(
	deps: RestDeps,
	request: FastifyRequest,
	given: { login: string; password: string; code: string },
): Promise<SignedIn> {
	const { login, password, code } = given;
	const verdict = await deps.identity.logOn({ login, password, address: request.ip });
	if (!verdict.ok) {
		return verdict;
	}
	const { user } = verdict;
	if (user.externalUser) {
		return { ok: false, why: "wrong" }; // Providers' accounts have no browser sessions; which accounts those are is not told.
	}
	return user.hasSecondFactor ? withSecondFactor(deps, request, { user, code }) : start(deps, request, user);
}

/** Of somebody whose password was right. */
async function withSecondFactor(
	deps: RestDeps,
	request: FastifyRequest,
	{ user, code }: { user: Credentials; code: string },
): Promise<SignedIn> {
	if (code.trim() === "") {
		return { ok: false, why: "secondFactorRequired", user };
	}
	const given = { code, address: request.ip };
	const verdict = await deps.storage.write((tx) => deps.identity.secondFactors.spend(tx, user, given));
	return verdict.ok ? start(deps, request, user, verdict.kind) : { ...verdict, user };
}

/** A session that the browser already had ends: the id is a new one after every logon. */
async function start(deps: RestDeps, request: FastifyRequest, user: Credentials, by?: CodeKind): Promise<SignedIn> {
	const { sessions } = deps.identity;
	const before = await sessions.resume(request.headers.cookie);
	if (before !== undefined) {
		await sessions.end(before.userId, { id: before.id });
	}
	const started = await sessions.start(user, request.headers["user-agent"] ?? "", by);
	return started === undefined ? { ok: false, why: "wrong" } : { ok: true, cookie: started.cookie };
}

async function signOut(deps: RestDeps, cookie: string | undefined): Promise<void> {
	const session = await deps.identity.sessions.resume(cookie);
	if (session === undefined) {
		return;
	}
	await deps.storage.write(async (tx) => {
		const user = await findCredentials(tx, { id: session.userId });
		await deleteSessions(tx, session.userId, { id: session.id });
		const what = { action: "logOff", objectType: "user", objectId: session.userId, objectName: user?.login ?? null };
		await appendAudit(
			tx,
			{
				at: deps.clock.now(),
				userId: session.userId,
				actor: user?.login ?? "",
				via: "logon",
				...what,
				changes: { session: { before: session.id } },
			},
			(...pieces) => deps.mac("audit", ...pieces),
		);
	});
}

const bearer = { "www-authenticate": 'Bearer realm="Parley"' } as const;

function refuse(refusal: Refusal): never {
	switch (refusal.why) {
		case "throttled": {
			const seconds = String(refusal.retryAfterSeconds);
			throw new Problem("too_many_logons", `Too many failed logons; try again in ${seconds} s.`, undefined, {
				headers: { "retry-after": seconds },
			});
		}
		case "wrong":
			throw new Problem("wrong_credentials", textOf(refusal), undefined, { headers: bearer });
		case "secondFactorRequired":
			throw new Problem("second_factor_required", textOf(refusal), undefined, { headers: bearer });
		case "wrongSecondFactor":
			throw new Problem("wrong_second_factor", textOf(refusal), undefined, { headers: bearer });
	}
}

/** A further try at the code is within the five minutes of the first: `challenge` is the one it came with. */
function sendRefusal(
	reply: FastifyReply,
	deps: RestDeps,
	refusal: Refusal,
	{ login, challenge }: { login: string; challenge?: string },
): FastifyReply {
	const isThrottled = refusal.why === "throttled";
	void reply.headers(isThrottled ? { "retry-after": String(refusal.retryAfterSeconds) } : bearer);
	const status = isThrottled ? 429 : 401;
	if (!("user" in refusal)) {
		return sendLogonForm(reply, deps, { status, login, error: textOf(refusal) });
	}
	const form = { status, challenge: challenge ?? deps.identity.challenges.make(refusal.user) };
	return refusal.why === "secondFactorRequired"
		? sendCodeForm(reply, deps, form)
		: sendCodeForm(reply, deps, { ...form, error: textOf(refusal) });
}
