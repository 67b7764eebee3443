// The way out for lines that stay open: the same checks as for requests — allow list, names looked up once, addresses
// checked, certificates verified — and the same time limits, for a socket that speaks a protocol of its own.

import type { Socket } from "node:net";
import { type Clock, systemClock } from "./clock.ts";
import { type Lookup, lookupAll, NotSent, type NotSentReason, openGuardedSocket } from "./guarded-socket.ts";
import { lineTargetOf, type Meanwhile, parseAllowList } from "./outbound-rules.ts";

export type LineOpening = { ok: true; socket: Socket } | { ok: false; why: NotSentReason };

export type LineOut = {
	/** Never throws; the socket's owner ends it. */
	open(url: string): Promise<LineOpening>;
	/** How long the other side may take for an answer. */
	readonly answerTimeoutMs: number;
};

export type LineOutOptions = {
	/** `host:port` or CIDR entries of the setting outboundAllow. */
	outboundAllow: readonly string[];
	/** Allowed besides, for a while. */
	meanwhile?: Meanwhile;
	connectTimeoutMs: number;
	answerTimeoutMs: number;
	clock?: Clock;
	lookup?: Lookup;
	/** Certificates trusted besides the system's, as PEM. */
	certificateAuthorities?: readonly string[];
};

export function openLineOut(options: LineOutOptions): LineOut {
	const allow = parseAllowList(options.outboundAllow, options.meanwhile);
	const socketOptions = {
		allow,
		clock: options.clock ?? systemClock,
		connectTimeoutMs: options.connectTimeoutMs,
		lookup: options.lookup ?? lookupAll,
		certificateAuthorities: options.certificateAuthorities ?? [],
		alpn: [],
	};
	return {
		answerTimeoutMs: options.answerTimeoutMs,
		async open(url) {
			const target = lineTargetOf(url, allow);
			if (target === undefined) {
				return { ok: false, why: "blocked" };
			}
			try {
				return { ok: true, socket: await openGuardedSocket(target, socketOptions) };
			} catch (error) {
				if (error instanceof NotSent) {
					return { ok: false, why: error.why };
				}
				throw error;
			}
		},
	};
}
