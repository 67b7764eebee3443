// A listener's certificate is renewed while it listens: the files are looked at again and again, and a pair that fits is
// used for the connections that follow. One that does not fit changes nothing, and raises the alarm.

import { statSync } from "node:fs";
import type { Server } from "node:tls";
import type { Clock } from "./clock.ts";
import type { Log } from "./log.ts";
import type { Metrics } from "./metrics.ts";
import { readTlsPair, type TlsFiles, type TlsPair, tlsVersionMin } from "./tls-pair.ts";
import { type RunningWorker, startWorker } from "./worker-loop.ts";

export const lookEveryMs = 10_000;
export const soonMs = 14 * 86_400_000; // What is renewed by itself is renewed thirty days before; then it did not work.

export type TlsWatchDeps = { clock: Clock; log: Log; metrics: Pick<Metrics, "alarm" | "certificateEnds"> };

/** @param first what the listener began with */
export function watchTls(
	files: TlsFiles,
	first: { pair: TlsPair; stamp: string },
	server: Pick<Server, "setSecureContext">,
	deps: TlsWatchDeps,
): RunningWorker {
	const { clock, log, metrics } = deps;
	let { pair, stamp } = first;
	let why: string | undefined;
	function look(): Promise<boolean> {
		const present = stampOf(files);
		if (present !== stamp || why !== undefined) {
			const isNews = present !== stamp;
			stamp = present;
			take(isNews);
		}
		tell();
		return Promise.resolve(false);
	}
	/** A pair that is being replaced may be read half: it is read again at each look until it fits. */
	function take(isNews: boolean): void {
		const read = readTlsPair(files);
		if (read.ok) {
			({ pair } = read);
			why = undefined;
			server.setSecureContext({ cert: pair.certificate, key: pair.key, minVersion: tlsVersionMin });
			log.info("The certificate was read anew.", { server: "main", setting: "tls.certificateFile" });
		} else {
			({ why } = read);
			if (isNews) {
				log.error("The new certificate cannot be used; the one before stays.", { server: "main", reason: why });
			}
		}
	}
	function tell(): void {
		metrics.certificateEnds(pair.validUntil);
		const isEnding = pair.validUntil.getTime() - clock.now().getTime() < soonMs;
		metrics.alarm("tls_certificate", isEnding || why !== undefined);
	}
	return startWorker({ name: "TLS", pollMs: lookEveryMs, round: look, listen: () => () => undefined }, deps);
}

/** Another one when any of the files was replaced or written. */
export function stampOf({ certificateFile, keyFile }: TlsFiles): string {
	return [certificateFile, keyFile].map(stampOfFile).join(" ");
}

function stampOfFile(file: string): string {
	try {
		const { mtimeMs, size, ino } = statSync(file);
		return `${mtimeMs}/${size}/${ino}`;
	} catch {
		return "none"; // Why it cannot be read is told when it is read.
	}
}
