// The browser's client of both interfaces, made from their OpenAPI documents: `npm run generate`.

import { defineConfig } from "orval";

const client = (name: "rci" | "cmi") => ({
	input: { target: `docs/openapi/${name}.json` },
	output: {
		mode: "single" as const,
		client: "fetch" as const,
		target: `src/web/api/${name}.ts`,
		baseUrl: `/RI/${name}`,
		override: {
			mutator: { path: "src/web/api/call.ts", name: "call", extension: ".ts" },
			fetch: { includeHttpResponseReturnType: true, forceSuccessResponse: true },
			useTypeOverInterfaces: true,
			enumGenerationType: "union" as const,
		},
	},
});

export default defineConfig({ rci: client("rci"), cmi: client("cmi") });
