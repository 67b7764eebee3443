// The reference of the RESTful Interfaces as a page: every operation with its needs, parameters and schemas, without
// script. The list of problems is open to anybody, because every error answer links to it.

import type { FastifyInstance } from "fastify";
import { problems } from "#platform/problems.ts";
import type { RestDeps } from "./deps.ts";
import { type Html, html } from "./html.ts";
import type { InterfaceName } from "./openapi.ts";
import { sendPage } from "./page.ts";
import type { Need, Needs, Route } from "./route.ts";

export type DocumentedInterface = { name: InterfaceName; routes: readonly Route[]; openApi: object };

export function addDocsPages(scope: FastifyInstance, deps: RestDeps, interfaces: readonly DocumentedInterface[]): void {
	const { basePath } = deps.settings;
	scope.get("/RI/docs/problems", (_request, reply) =>
		sendPage(reply, 200, { title: "Problems", basePath, body: problemsBody() }),
	);
	scope.get("/RI/docs", async (request, reply) => {
		const { authorization, cookie } = request.headers;
		const verdict = await deps.identity.authenticate({ authorization, cookie, address: request.ip });
		return verdict.ok
			? sendPage(reply, 200, { title: "RESTful Interfaces", basePath, body: referenceBody(basePath, interfaces) })
			: reply.redirect(`${basePath}/login`, 303);
	});
}

function problemsBody(): Html {
	const rows = Object.entries(problems).map(
		([code, { status, title, meaning }]) =>
			html`<h2 id="${code}"><code>${code}</code></h2>
				<p>${status} · ${title}. ${meaning}</p> `,
	);
	return html`<p>An answer of type <code>application/problem+json</code> (RFC 9457) has one of these codes.</p>
		${rows}`;
}

function referenceBody(basePath: string, interfaces: readonly DocumentedInterface[]): Html {
	const sections = interfaces.map(
		({ name, routes }) =>
			html`<section>
				<h2>${name.toUpperCase()} <code>${basePath}/RI/${name}</code></h2>
				<p><a href="${basePath}/RI/openapi/${name}.json">OpenAPI document</a></p>
				${routes.map((route) => operation(name, route))}
			</section> `,
	);
	return html`<p>
			HTTP Basic with a user, <code>Authorization: Bearer</code> with an API token, or a browser's session. Errors:
			<a href="${basePath}/RI/docs/problems">list of problems</a>.
		</p>
		${sections}`;
}

function operation(name: InterfaceName, route: Route): Html {
	return html`<details>
		<summary><code>${route.method} /RI/${name}${route.path}</code> — ${route.summary}</summary>
		${route.description === undefined ? undefined : html`<p>${route.description}</p>`}
		<p>Needs: ${needsText(route.needs)}</p>
		<p>Success: ${route.status}${route.idempotent === true ? " · honours Idempotency-Key" : ""}</p>
		${schemaBlock("Path parameters", route.params)}${schemaBlock("Query parameters", route.query)}${schemaBlock("Body", route.body)}${schemaBlock("Reply", route.reply)}
	</details> `;
}

function schemaBlock(title: string, schema: object | undefined): Html | undefined {
	return schema === undefined
		? undefined
		: html`<h3>${title}</h3>
				<pre tabindex="0">${JSON.stringify(schema, null, 2)}</pre> `;
}

export function needsText(needs: Needs): string {
	switch (needs.who) {
		case "anybody":
			return `nothing. ${needs.because}`;
		case "signedIn":
			return "somebody signed in.";
		case "holders":
			return `${needs.rights.map(needText).join("; ")}.`;
	}
}

function needText({ access, objectType, on }: Need): string {
	if (typeof on === "object") {
		return `${access} on the ${objectType} {${on.param}}`;
	}
	return on === "every" ? `${access} on every ${objectType}` : `${access} on the ${objectType} concerned`;
}
