// How the browser parts are bundled: hashed names, compressed beforehand, no source maps, nothing inline. The mode names the
// part. Addresses inside a bundle are relative to it, so that one build serves every base path.

import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";
import { compression } from "vite-plugin-compression2";

// What many screens share would else be a hundred small files, each of them a request of its own: on a slow processor they
// cost more than what is in them. The widget has one screen.
const codeSplitting = {
	groups: [
		// Without main.tsx: it waits for texts, and nothing that others import may wait with it.
		{ name: "ground", tags: ["$initial" as const], test: /(?<!\/main)\.(?:tsx?|m?js)$/, priority: 2 },
		{ name: "shared", test: /\.(?:tsx?|m?js)$/, minShareCount: 20, priority: 1 },
	],
};

function inPart(part: string, file: string): string {
	return new URL(`${part}/${file}`, import.meta.url).pathname;
}

/** The loader runs as a plain script in a page of somebody else: nothing of it may become a name there. */
const withoutGlobals = {
	banner: ({ name }: { name: string }) => (name === "loader" ? "(() => {" : ""),
	footer: ({ name }: { name: string }) => (name === "loader" ? "})();" : ""),
};

export default defineConfig(({ mode: part }) => ({
	root: inPart(part, ""),
	// Vite takes a mode it does not know for development.
	define: { "process.env.NODE_ENV": JSON.stringify("production") },
	base: "./",
	plugins: [react(), compression({ algorithms: ["gzip", "brotliCompress"], threshold: 1024 })],
	build: {
		outDir: new URL(`../../dist/web/${part}/`, import.meta.url).pathname,
		emptyOutDir: true,
		target: "es2022",
		// These know light-dark(); for older ones it would be rewritten, which fails where a script sets the colour scheme.
		cssTarget: ["chrome123", "firefox120", "safari17.5"],
		sourcemap: false,
		// A picture or font inside a style would need `data:` in the content security policy.
		assetsInlineLimit: 0,
		modulePreload: { polyfill: false },
		rolldownOptions: {
			// The widget has a second way in, under a name that pages write into their script tag.
			...(part === "widget" ? { input: { index: inPart(part, "index.html"), loader: inPart(part, "loader.ts") } } : {}),
			output: {
				entryFileNames: ({ name }) => (name === "loader" ? "widget.js" : "assets/[name]-[hash].js"),
				...(part === "widget" ? withoutGlobals : { codeSplitting }),
			},
		},
	},
}));
