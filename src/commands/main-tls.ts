// TLS of the main listener, where the settings name a certificate: read before anything starts, watched while it runs.

import type { Server } from "node:https";
import type { FastifyInstance } from "fastify";
import { readTlsPair, type TlsFiles, type TlsPair } from "#platform/tls-pair.ts";
import { stampOf, type TlsWatchDeps, watchTls } from "#platform/tls-watch.ts";
import type { RunningWorker } from "#platform/worker-loop.ts";
import type { Settings } from "#settings";

export type MainTls = { pair: TlsPair; watch(app: FastifyInstance, deps: TlsWatchDeps): RunningWorker };

/** Undefined: the settings name none. Throws an error that names the setting and the rule. */
export function openMainTls({ tls }: Pick<Settings, "tls">): MainTls | undefined {
	if (!usesTls(tls)) {
		return undefined;
	}
	const stamp = stampOf(tls);
	const read = readTlsPair(tls);
	if (!read.ok) {
		throw new Error(read.why);
	}
	const { pair } = read;
	return {
		pair,
		watch: (app, deps) => watchTls(tls, { pair, stamp }, app.server as unknown as Server, deps),
	};
}

export function usesTls({ certificateFile }: TlsFiles): boolean {
	return certificateFile !== "";
}
