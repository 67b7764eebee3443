// The operator's listener: alive, ready, metrics. On its own port, on loopback unless told otherwise.

import type { FastifyInstance } from "fastify";
import { buildHttpServer } from "#platform/http-server.ts";
import type { Log } from "#platform/log.ts";
import type { Metrics } from "#platform/metrics.ts";
import type { System } from "./system.ts";

/** One thing that must be well; `why` is a sentence for the operator. */
export type Readiness = { name: string; ok: boolean; why?: string };

export type OpsDeps = { system: System; log: Log; metrics: Metrics; readiness(): Promise<readonly Readiness[]> };

const opsBodyBytes = 1024;

export function buildOpsListener(deps: OpsDeps): FastifyInstance {
	const { system, log, metrics } = deps;
	const app = buildHttpServer({
		log,
		trustedProxies: [],
		bodyLimitBytes: opsBodyBytes,
		ids: system.ids,
		clock: system.clock,
	});
	app.get("/healthz", () => ({ alive: true }));
	app.get("/readyz", async (_request, reply) => {
		const checks = await deps.readiness();
		const ready = checks.every(({ ok }) => ok);
		return reply.code(ready ? 200 : 503).send({ ready, checks });
	});
	app.get("/metrics", async (_request, reply) => reply.type(metrics.contentType).send(await metrics.text()));
	return app;
}
