// The frame around every page the server renders, and the headers that go with it: no script, one stylesheet.

import type { FastifyReply } from "fastify";
import { type Html, html } from "./html.ts";

export const iconPath = "/assets/parley.svg";

export type PageContent = { title: string; basePath: string; body: Html };

const headers = {
	"content-type": "text/html; charset=utf-8",
	"content-security-policy":
		"default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
	// With `no-referrer` a form's own Origin header would be `null`, and its post could not be told from a foreign one.
	"referrer-policy": "same-origin",
} as const;

export function sendPage(reply: FastifyReply, status: number, content: PageContent): FastifyReply {
	return reply.code(status).headers(headers).send(page(content).html);
}

function page({ title, basePath, body }: PageContent): Html {
	return html`<!doctype html>
		<html lang="en">
			<head>
				<meta charset="utf-8" />
				<meta name="viewport" content="width=device-width, initial-scale=1" />
				<meta name="color-scheme" content="light dark" />
				<title>${title} · Parley</title>
				<link rel="icon" type="image/svg+xml" href="${basePath}${iconPath}" />
				<link rel="stylesheet" href="${basePath}/assets/parley.css" />
			</head>
			<body>
				<header><a href="${basePath}/">Parley</a></header>
				<main>
					<h1>${title}</h1>
					${body}
				</main>
			</body>
		</html> `;
}

export type Field = {
	name: string;
	/** The name, unless another field of the page has it. */
	id?: string;
	label: string;
	type: "text" | "password";
	/** Which keyboard a telephone shows. */
	inputmode?: "numeric" | "text";
	autocomplete: string;
	value?: string;
	hint?: string;
	error?: string | undefined;
};

/** A labelled input; its error is read out with it and stands next to it. */
export function field({
	name,
	id = name,
	label,
	type,
	autocomplete,
	inputmode = "text",
	value = "",
	hint,
	error,
}: Field): Html {
	const described = error === undefined ? html`` : html` aria-invalid="true" aria-describedby="${id}-error"`;
	return html`<p class="field">
		<label for="${id}">${label}</label>
		${hint === undefined ? undefined : html`<span class="hint">${hint}</span>`}
		<input
			id="${id}"
			name="${name}"
			type="${type}"
			value="${value}"
			autocomplete="${autocomplete}"
			inputmode="${inputmode}"
			required${described}
		/>
		${error === undefined ? undefined : html`<span class="error" id="${id}-error">${error}</span>`}
	</p> `;
}
