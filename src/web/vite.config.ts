// How the browser parts are bundled: hashed names, compressed beforehand, no source maps, nothing inline.
// Addresses inside the bundle are relative to it, so that one build serves every base path.

import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";
import { compression } from "vite-plugin-compression2";

export default defineConfig({
	root: new URL("configurator/", import.meta.url).pathname,
	base: "./",
	plugins: [react(), compression({ algorithms: ["gzip", "brotliCompress"], threshold: 1024 })],
	build: {
		outDir: new URL("../../dist/web/configurator/", import.meta.url).pathname,
		emptyOutDir: true,
		target: "es2022",
		// These know light-dark(); for older ones it would be rewritten, which fails where a script sets the colour scheme.
		cssTarget: ["chrome123", "firefox120", "safari17.5"],
		sourcemap: false,
		// A picture or font inside a style would need `data:` in the content security policy.
		assetsInlineLimit: 0,
		modulePreload: { polyfill: false },
	},
});
