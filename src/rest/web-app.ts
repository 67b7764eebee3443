// Serves a bundled browser application: its page, with what it must know of the server written in, and its files, which
// have hashed names, lie there compressed, and never change.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import fastifyStatic from "@fastify/static";
import type { FastifyInstance, FastifyReply } from "fastify";
import type { Random } from "#platform/random.ts";
import { iconPath } from "./page.ts";

/** `folder` holds `index.html` and `assets/`, as the build makes them. */
export type WebApp = { name: string; folder: string; basePath: string; random: Random };

const nonceBytes = 16; // 128 bits, as CSP Level 3 section 7.1 asks.

export type Shown = {
	/** Sources of the content security policy whose pages may show it in a frame. */
	in?: readonly string[];
	/** Origins of those pages, to which it speaks. */
	hosts?: readonly string[];
	/** It adds no styles by script and makes no markup of texts. */
	isPlain?: boolean;
};

/** Gives what answers with the application's page. */
export async function addWebApp(
	scope: FastifyInstance,
	app: WebApp,
): Promise<(reply: FastifyReply, shown?: Shown) => FastifyReply> {
	const { name, folder, basePath, random } = app;
	await scope.register(fastifyStatic, {
		root: join(folder, "assets"),
		prefix: `/assets/${name}/`,
		// One registration decorates the reply; further ones must not.
		decorateReply: false,
		preCompressed: true,
		wildcard: false,
		index: false,
		cacheControl: false,
		setHeaders: (response) => {
			void response.header("cache-control", "public, max-age=31536000, immutable");
		},
	});
	const page = readFileSync(join(folder, "index.html"), "utf8")
		.replace('href="data:,"', `href="${basePath}${iconPath}"`)
		.replaceAll('"./assets/', `"${basePath}/assets/${name}/`)
		.replace('name="parley-base" content=""', `name="parley-base" content="${basePath}"`);
	return (reply, shown = {}) => {
		const nonce = Buffer.from(random.bytes(nonceBytes)).toString("base64");
		return reply
			.headers(headersWith(nonce, shown))
			.send(
				page
					.replace('name="parley-nonce" nonce=""', `name="parley-nonce" nonce="${nonce}"`)
					.replace('name="parley-hosts" content=""', `name="parley-hosts" content="${(shown.hosts ?? []).join(" ")}"`),
			);
	};
}

/**
 * The nonce is for the style sheets that the component library adds; scripts come from files only. `'self'` covers the socket to
 * the same host in the browsers that the bundle is made for (CSP Level 3, 6.7.2.8).
 */
function headersWith(nonce: string, { in: frames = ["'none'"], isPlain = false }: Shown): Record<string, string> {
	const policy = [
		"default-src 'none'",
		"script-src 'self'",
		isPlain ? "style-src 'self'" : `style-src 'self' 'nonce-${nonce}'`,
		"img-src 'self' blob:",
		"font-src 'self'",
		"connect-src 'self'",
		"form-action 'self'",
		`frame-ancestors ${frames.join(" ")}`,
		"base-uri 'none'",
		"require-trusted-types-for 'script'",
		isPlain ? "trusted-types 'none'" : "trusted-types default",
	];
	return {
		"content-type": "text/html; charset=utf-8",
		"content-security-policy": policy.join("; "),
		"referrer-policy": "same-origin",
	};
}
