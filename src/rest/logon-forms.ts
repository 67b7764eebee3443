// The two pages of signing in, and what they say when it did not work: the logon name with the password, then the code.

import type { FastifyReply } from "fastify";
import type { RestDeps } from "./deps.ts";
import { type Html, html } from "./html.ts";
import { field, sendPage } from "./page.ts";

type Said =
	| { why: "wrong" | "secondFactorRequired" | "wrongSecondFactor" }
	| { why: "throttled"; retryAfterSeconds: number };

export function textOf(refusal: Said): string {
	switch (refusal.why) {
		case "wrong":
			return "The logon name or the password is not right.";
		case "secondFactorRequired":
			return "This account has a second factor; send its code as well.";
		case "wrongSecondFactor":
			return "The code is wrong, too old, or was used before. Enter the one the app shows now, or a recovery code.";
		case "throttled":
			return `There were too many failed logons. Try again in ${refusal.retryAfterSeconds} seconds.`;
	}
}

export function sendLogonForm(
	reply: FastifyReply,
	deps: RestDeps,
	form: { status: number; login: string; error?: string },
): FastifyReply {
	const { basePath } = deps.settings;
	const fields = [
		field({ name: "login", label: "Logon Name", type: "text", autocomplete: "username", value: form.login }),
		field({ name: "password", label: "Password", type: "password", autocomplete: "current-password" }),
	];
	const body = html`${alertOf(form.error)}
		<form method="post" action="${basePath}/login">${fields}<button type="submit">Sign in</button></form>`;
	return sendPage(reply, form.status, { title: "Sign in", basePath, body });
}

/** `challenge` stands for the password, which is not asked for again. */
export function sendCodeForm(
	reply: FastifyReply,
	deps: RestDeps,
	form: { status: number; challenge: string; error?: string },
): FastifyReply {
	const { basePath } = deps.settings;
	const code = field({
		name: "code",
		label: "Code",
		type: "text",
		inputmode: "numeric",
		autocomplete: "one-time-code",
		hint: "Six digits from your authenticator app.",
		error: form.error,
	});
	const recoveryCode = field({
		name: "code",
		id: "recovery-code",
		label: "Recovery code",
		type: "text",
		autocomplete: "off",
		hint: "Sixteen letters and digits; each works once.",
	});
	const action = `${basePath}/login/code`;
	const proof = html`<input type="hidden" name="challenge" value="${form.challenge}" />`;
	const body = html`${alertOf(form.error === undefined ? undefined : "You are not signed in yet.")}
		<form method="post" action="${action}">${proof}${code}<button type="submit">Sign in</button></form>
		<details>
			<summary>I do not have the device</summary>
			<form method="post" action="${action}">${proof}${recoveryCode}<button type="submit">Sign in</button></form>
		</details>
		<p><a href="${basePath}/login">Sign in as somebody else</a></p>`;
	return sendPage(reply, form.status, { title: "Enter the code", basePath, body });
}

function alertOf(text: string | undefined): Html | undefined {
	return text === undefined ? undefined : html`<p role="alert" class="error">${text}</p>`;
}
