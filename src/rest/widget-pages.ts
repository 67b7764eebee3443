// The visitor widget: the script that pages elsewhere load, and the page it shows in a frame, for those origins only that the
// chat settings name.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { FastifyInstance } from "fastify";
import { readChatConfiguration } from "#storage/chat-configuration.ts";
import type { RestDeps } from "./deps.ts";
import { addWebApp } from "./web-app.ts";

const loaderSeconds = 300; // A new version is everywhere within five minutes.

export async function addWidget(scope: FastifyInstance, deps: RestDeps & { webFolder: string }): Promise<void> {
	const { settings, random, storage, webFolder: folder } = deps;
	const sendApp = await addWebApp(scope, { name: "widget", folder, basePath: settings.basePath, random });
	const loader = readFileSync(join(folder, "widget.js"), "utf8");
	scope.get("/widget.js", (_request, reply) =>
		reply
			.headers({
				"content-type": "text/javascript; charset=utf-8",
				"cache-control": `public, max-age=${loaderSeconds}`,
				// Any page may load it; what it shows is kept to those that are named.
				"cross-origin-resource-policy": "cross-origin",
			})
			.send(loader),
	);
	scope.get("/widget/", async (_request, reply) => {
		const { settings: chat } = await storage.remembered("chat configuration", readChatConfiguration);
		return sendApp(
			reply.headers({ "cross-origin-resource-policy": "cross-origin", "cross-origin-opener-policy": "unsafe-none" }),
			{ in: ["'self'", ...chat.widgetOrigins], isPlain: true },
		);
	});
}
