// The only way out of the product. One attempt, no redirects, no proxy from the environment, bounded in time and size,
// to checked addresses only. Each failure says what is certain: `notSent` is answered only while no byte of the request
// can have left, which undici marks by `onRequestStart`, called right before its first write.

import { callbackify } from "node:util";
import { Agent } from "undici";
import { type Clock, systemClock } from "./clock.ts";
import { Exchange, type OutgoingAnswer, type OutgoingCall } from "./exchange.ts";
import { type Lookup, NotSent, lookupAll, openGuardedSocket } from "./guarded-socket.ts";
import { openLanes } from "./lanes.ts";
import { type Meanwhile, type Target, parseAllowList, targetOf } from "./outbound-rules.ts";

export type { OutgoingAnswer, OutgoingCall };

export type WayOut = {
	/** Never throws, never repeats. */
	request(call: OutgoingCall): Promise<OutgoingAnswer>;
	/** Waits for the calls that are under way and closes the sockets. */
	close(): Promise<void>;
};

export type SafeRequestOptions = {
	/** `host:port` or CIDR entries of the setting outboundAllow. */
	outboundAllow: readonly string[];
	/** Allowed besides, for a while. */
	meanwhile?: Meanwhile;
	connectTimeoutMs: number;
	firstByteTimeoutMs: number;
	totalTimeoutMs: number;
	answerBytesMax: number;
	clock?: Clock;
	lookup?: Lookup;
	/** Certificates trusted besides the system's, as PEM. */
	certificateAuthorities?: readonly string[];
};

const socketsPerLane = 20;
const socketsInAll = 200;
const idleSocketMs = 4000; // Shorter than the 5 s after which Node's and many other servers close an idle connection.

export function openWayOut(options: SafeRequestOptions): WayOut {
	const clock = options.clock ?? systemClock;
	const allow = parseAllowList(options.outboundAllow, options.meanwhile);
	const lanes = openLanes({ perLane: socketsPerLane, inAll: socketsInAll });
	const agent = openAgent(options, clock);
	return {
		request(call) {
			const target = targetOf(call.url, allow);
			if (target === undefined) {
				return Promise.resolve({ kind: "notSent", why: "blocked" });
			}
			const { answerBytesMax = options.answerBytesMax } = call;
			const exchange = new Exchange({ ...options, answerBytesMax }, clock, call.signal);
			const leave = lanes.enter(call.lane ?? "", () => exchange.start(agent, call));
			return exchange.answer.finally(leave);
		},
		close: () => agent.close(),
	};
}

/** Sockets are kept per origin and used one request at a time; how many there are is up to the lanes. */
function openAgent(options: SafeRequestOptions, clock: Clock): Agent {
	const allow = parseAllowList(options.outboundAllow, options.meanwhile);
	const socketOptions = {
		allow,
		clock,
		connectTimeoutMs: options.connectTimeoutMs,
		lookup: options.lookup ?? lookupAll,
		certificateAuthorities: options.certificateAuthorities ?? [],
	};
	const open = callbackify((target: Target) => openGuardedSocket(target, socketOptions));
	return new Agent({
		connections: null,
		pipelining: 1,
		maxHeaderSize: 16_384,
		headersTimeout: 0, // The exchange has its own, exact to the millisecond.
		bodyTimeout: 0,
		keepAliveTimeout: idleSocketMs,
		keepAliveMaxTimeout: idleSocketMs,
		connect({ protocol, host }, callback) {
			// The URL's host, port and brackets included; undici always gives it, though its type does not say so.
			const target = targetOf(`${protocol}//${host}`, allow);
			if (target === undefined) {
				callback(new NotSent("blocked"), null);
			} else {
				open(target, (error, socket) => {
					// undici would not end the call for a socket that broke meanwhile.
					const failure = error ?? (socket.destroyed ? new NotSent("refused") : null);
					if (failure === null) {
						callback(null, socket);
					} else {
						callback(failure, null);
					}
				});
			}
		},
	});
}
