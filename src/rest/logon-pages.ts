// Signing in and out of the browser: a form that works without script, and the same as JSON.

import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { LogonVerdict } from "#identity/logon.ts";
import { Problem } from "#platform/problems.ts";
import { appendAudit } from "#storage/audit.ts";
import { findCredentials } from "#storage/people.ts";
import { deleteSessions } from "#storage/sessions.ts";
import type { RestDeps } from "./deps.ts";
import { formBytesMax, isForm, readFields, refuseForeignPost } from "./forms.ts";
import { html } from "./html.ts";
import { field, sendPage } from "./page.ts";

export function addLogonPages(scope: FastifyInstance, deps: RestDeps): void {
	const home = `${deps.settings.basePath}/`;
	scope.get("/login", (_request, reply) => sendLogonForm(reply, deps, { status: 200, login: "" }));
	scope.post("/login", { bodyLimit: formBytesMax }, async (request, reply) => {
		refuseForeignPost(request, deps.settings.publicBaseUrl);
		const { login, password } = readFields(request.body, ["login", "password"]);
		const verdict = await signIn(deps, request, { login, password });
		if (!verdict.ok) {
			return isForm(request) ? sendRefusal(reply, deps, verdict, login) : refuse(verdict);
		}
		void reply.header("set-cookie", verdict.cookie);
		return isForm(request) ? reply.redirect(home, 303) : reply.code(204).send();
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

type Refusal = Extract<LogonVerdict, { ok: false }>;
type SignedIn = { ok: true; cookie: string } | Refusal;

/** A session that the browser already had ends: the id is a new one after every logon. */
async function signIn(
	deps: RestDeps,
	request: FastifyRequest,
	given: { login: string; password: string },
): Promise<SignedIn> {
	const verdict = await deps.identity.logOn({ ...given, address: request.ip });
	if (!verdict.ok) {
		return verdict;
	}
	if (verdict.user.externalUser) {
		return { ok: false, why: "wrong" }; // Providers' accounts have no browser sessions; which accounts those are is not told.
	}
	const before = await deps.identity.sessions.resume(request.headers.cookie);
	if (before !== undefined) {
		await deps.identity.sessions.end(before.userId, { id: before.id });
	}
	const started = await deps.identity.sessions.start(verdict.user, request.headers["user-agent"] ?? "");
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

const wrongText = "The logon name or the password is not right.";

function refuse(refusal: Refusal): never {
	if (refusal.why === "throttled") {
		const seconds = String(refusal.retryAfterSeconds);
		throw new Problem("too_many_logons", `Too many failed logons; try again in ${seconds} s.`, undefined, {
			headers: { "retry-after": seconds },
		});
	}
	throw new Problem("wrong_credentials", wrongText, undefined, {
		headers: { "www-authenticate": 'Bearer realm="Parley"' },
	});
}

function sendRefusal(reply: FastifyReply, deps: RestDeps, refusal: Refusal, login: string): FastifyReply {
	if (refusal.why === "throttled") {
		const seconds = refusal.retryAfterSeconds;
		void reply.header("retry-after", String(seconds));
		const error = `There were too many failed logons. Try again in ${seconds} seconds.`;
		return sendLogonForm(reply, deps, { status: 429, login, error });
	}
	void reply.header("www-authenticate", 'Bearer realm="Parley"');
	return sendLogonForm(reply, deps, { status: 401, login, error: wrongText });
}

function sendLogonForm(
	reply: FastifyReply,
	deps: RestDeps,
	form: { status: number; login: string; error?: string },
): FastifyReply {
	const { basePath } = deps.settings;
	const alert = form.error === undefined ? undefined : html`<p role="alert" class="error">${form.error}</p>`;
	const fields = [
		field({ name: "login", label: "Logon Name", type: "text", autocomplete: "username", value: form.login }),
		field({ name: "password", label: "Password", type: "password", autocomplete: "current-password" }),
	];
	const body = html`${alert}
		<form method="post" action="${basePath}/login">${fields}<button type="submit">Sign in</button></form>`;
	return sendPage(reply, form.status, { title: "Sign in", basePath, body });
}
