// The server's own pages: where to go from here, signing in and out, the first administrator, and their stylesheet.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { FastifyInstance } from "fastify";
import { readChatConfiguration } from "#storage/chat-configuration.ts";
import { findUser } from "#storage/people.ts";
import { addBootstrapPage } from "./bootstrap-page.ts";
import type { RestDeps } from "./deps.ts";
import { takeForms } from "./forms.ts";
import { html } from "./html.ts";
import { addLogonPages } from "./logon-pages.ts";
import { iconPath, sendPage } from "./page.ts";
import { storageProblem } from "./storage-problem.ts";
import { addWebApp } from "./web-app.ts";
import { addWidget } from "./widget-pages.ts";

const stylesheet = readFileSync(new URL("parley.css", import.meta.url), "utf8");
const icon = readFileSync(new URL("parley.svg", import.meta.url), "utf8");

/** Every route here is open to anybody, because it is the way in or shows nothing of the installation. */
export async function addPages(app: FastifyInstance, deps: RestDeps): Promise<void> {
	const { webFolder } = deps;
	await (webFolder === undefined
		? app.register(async (scope) => addLandingPage(scope, deps))
		: app.register((scope) => addConfigurator(scope, { ...deps, webFolder: join(webFolder, "configurator") })));
	if (webFolder !== undefined) {
		await app.register((scope) => addDesk(scope, { ...deps, webFolder: join(webFolder, "desk") }));
		await app.register((scope) => addWidget(scope, { ...deps, webFolder: join(webFolder, "widget") }));
	}
	await app.register((scope, _options, done) => {
		scope.setErrorHandler((error) => {
			throw storageProblem(error) ?? error;
		});
		takeForms(scope);
		addLogonPages(scope, deps);
		addBootstrapPage(scope, deps);
		addFile(scope, "/assets/parley.css", { type: "text/css; charset=utf-8", text: stylesheet });
		addFile(scope, iconPath, { type: "image/svg+xml", text: icon });
		done();
	});
}

function addFile(scope: FastifyInstance, path: string, { type, text }: { type: string; text: string }): void {
	scope.get(path, (_request, reply) =>
		reply.headers({ "content-type": type, "cache-control": "public, max-age=3600" }).send(text),
	);
}

/** Its screens have addresses of their own: whatever a browser opens that nothing else serves is one of them. */
async function addConfigurator(scope: FastifyInstance, deps: RestDeps & { webFolder: string }): Promise<void> {
	const { settings, random, webFolder: folder } = deps;
	const sendApp = await addWebApp(scope, { name: "configurator", folder, basePath: settings.basePath, random });
	scope.unknownPage.send = sendApp;
	for (const path of ["/", ...screens.flatMap((screen) => [`/${screen}`, `/${screen}/*`])]) {
		scope.get(path, (_request, reply) => sendApp(reply));
	}
}

/** The original's addresses: its library for host pages writes them. The second is for single sign-on, which needs no other page here. */
const panelPaths = ["embedded.html", "embedded_sso.html"].map((page) => `/ecf/latest/communicationpanel/${page}`);

/** The agents' part: one page, whatever follows in its address; and the same as a panel in pages on which agents work. */
async function addDesk(scope: FastifyInstance, deps: RestDeps & { webFolder: string }): Promise<void> {
	const { settings, random, storage, webFolder: folder } = deps;
	const sendApp = await addWebApp(scope, { name: "desk", folder, basePath: settings.basePath, random });
	for (const path of ["/desk", "/desk/*"]) {
		scope.get(path, (_request, reply) => sendApp(reply));
	}
	for (const path of panelPaths) {
		scope.get(path, async (_request, reply) => {
			const { agentOrigins: hosts } = (await storage.remembered("chat configuration", readChatConfiguration)).settings;
			return sendApp(
				reply.headers({
					"cross-origin-resource-policy": "cross-origin",
					"cross-origin-opener-policy": "unsafe-none",
				}),
				{ in: ["'self'", ...hosts], hosts },
			);
		});
	}
}

/** The first steps of the addresses in src/web/configurator/routes.tsx. */
const screens = [
	"services",
	"health",
	"smsServer",
	"authenticationPolicy",
	"messages",
	"quarantine",
	"parked",
	"users",
	"userGroups",
	"roles",
	"apiTokens",
	"audit",
	"account",
	"queues",
	"prompts",
	"calendars",
	"schedules",
	"adHocSchedules",
	"replyTemplates",
	"chatSettings",
	"eventWebhooks",
];

/** Where the browser part is not built. */
function addLandingPage(scope: FastifyInstance, deps: RestDeps): void {
	const { basePath } = deps.settings;
	scope.get("/", async (request, reply) => {
		const session = await deps.identity.sessions.resume(request.headers.cookie);
		const user = session === undefined ? undefined : await findUser(deps.storage.db, session.userId);
		const standing =
			user === undefined
				? html`<p><a href="${basePath}/login">Sign in</a></p>`
				: html`<form method="post" action="${basePath}/logout">
						<p>Signed in as ${user.firstName} ${user.surname} (${user.login}).</p>
						<button type="submit">Sign out</button>
					</form>`;
		const body = html`<p>
				Parley runs: the SMS Server takes messages in and sends them out, the Chain Matcher puts them into
				conversations, and the RESTful Interfaces configure and show it all.
			</p>
			${standing}
			<h2>Interfaces</h2>
			<ul>
				<li><a href="${basePath}/RI/docs">Reference of the RESTful Interfaces</a></li>
				<li><a href="${basePath}/RI/openapi/rci.json">OpenAPI: configuration (RCI)</a></li>
				<li><a href="${basePath}/RI/openapi/cmi.json">OpenAPI: contact management (CMI)</a></li>
				<li><a href="${basePath}/RI/docs/problems">What error codes mean</a></li>
			</ul>`;
		return sendPage(reply, 200, { title: "Messaging hub", basePath, body });
	});
}
