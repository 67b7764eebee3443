// Opens a socket to a target of ours: names are looked up once, every address is checked, and the connection is made to
// a checked address only, while certificate and Host header stay the name's. Fails with `NotSent`: no byte of a request
// has left.

import { lookup as systemLookup } from "node:dns/promises";
import { type LookupFunction, type Socket, connect as connectTcp } from "node:net";
import { connect as connectTls, getCACertificates } from "node:tls";
import type { Clock } from "./clock.ts";
import { type AllowList, type Target, mayConnect } from "./outbound-rules.ts";

export type LookedUp = { address: string; family: number };
export type Lookup = (host: string) => Promise<readonly LookedUp[]>;

export type NotSentReason = "blocked" | "dns" | "refused" | "tls" | "timeout";

/** Nothing was sent, and why. Carries no detail of the target, for it ends up before people's eyes. */
export class NotSent extends Error {
	override readonly name = "NotSent";
	readonly why: NotSentReason;

	constructor(why: NotSentReason) {
		super(`not sent: ${why}`);
		this.why = why;
	}
}

export type SocketOptions = {
	allow: AllowList;
	clock: Clock;
	connectTimeoutMs: number;
	lookup: Lookup;
	/** What is offered in TLS (RFC 7301); none: the protocol is not negotiated. Default `http/1.1`. */
	alpn?: readonly string[];
	/** Certificates trusted besides the system's, as PEM. */
	certificateAuthorities: readonly string[];
};

export const lookupAll: Lookup = (host) => systemLookup(host, { all: true, verbatim: true });

/** Look-up, connection and TLS handshake share one time limit. */
export async function openGuardedSocket(target: Target, options: SocketOptions): Promise<Socket> {
	const late = new AbortController();
	const cancel = options.clock.after(options.connectTimeoutMs, () => late.abort(new NotSent("timeout")));
	try {
		const addresses = await orLate(checkedAddresses(target, options), late.signal);
		return await connected(target, addresses, options, late.signal);
	} finally {
		cancel();
	}
}

function orLate<T>(promise: Promise<T>, late: AbortSignal): Promise<T> {
	return new Promise((resolve, reject) => {
		late.addEventListener("abort", () => reject(late.reason as Error), { once: true });
		promise.then(resolve, reject);
	});
}

async function checkedAddresses(target: Target, { allow, lookup }: SocketOptions): Promise<readonly LookedUp[]> {
	const found = target.literal === undefined ? await lookedUp(target.host, lookup) : [literalOf(target.literal)];
	const addresses = found.map(({ address }) => address);
	if (!mayConnect(target, addresses, allow)) {
		throw new NotSent("blocked");
	}
	return found;
}

function literalOf(address: string): LookedUp {
	return { address, family: address.includes(":") ? 6 : 4 };
}

async function lookedUp(host: string, lookup: Lookup): Promise<readonly LookedUp[]> {
	let found: readonly LookedUp[];
	try {
		found = await lookup(host);
	} catch {
		throw new NotSent("dns"); // The resolver's words are of no use to the caller and may name servers of ours.
	}
	if (found.length === 0) {
		throw new NotSent("dns");
	}
	return found;
}

function connected(
	target: Target,
	addresses: readonly LookedUp[],
	options: SocketOptions,
	late: AbortSignal,
): Promise<Socket> {
	return new Promise((resolve, reject) => {
		if (late.aborted) {
			reject(late.reason as Error);
			return;
		}
		const socket = startConnection(target, addresses, options);
		let isConnected = false;
		const onLate = () => socket.destroy(late.reason as Error);
		const onError = (error: Error) => {
			late.removeEventListener("abort", onLate);
			reject(error instanceof NotSent ? error : new NotSent(reasonOf(error, isConnected)));
		};
		late.addEventListener("abort", onLate, { once: true });
		socket.once("error", onError);
		socket.once("connect", () => {
			isConnected = true;
		});
		socket.once(target.isTls ? "secureConnect" : "connect", () => {
			late.removeEventListener("abort", onLate);
			socket.off("error", onError);
			socket.on("error", () => undefined); // Until its next owner listens: whoever uses a broken socket learns of it.
			resolve(socket.setNoDelay(true).setKeepAlive(true, 60_000));
		});
	});
}

function startConnection(target: Target, addresses: readonly LookedUp[], options: SocketOptions): Socket {
	// Node asks `lookup` for names only: literals have been checked, and names get the checked addresses, whichever of
	// them answers first (RFC 8305).
	const to = { host: target.host, port: target.port, lookup: pinned(addresses), autoSelectFamily: true };
	if (!target.isTls) {
		return connectTcp(to);
	}
	const { certificateAuthorities, alpn = ["http/1.1"] } = options;
	return connectTls({
		...to,
		...(target.literal === undefined ? { servername: target.host } : {}),
		...(certificateAuthorities.length === 0 ? {} : { ca: [...getCACertificates(), ...certificateAuthorities] }),
		...(alpn.length === 0 ? {} : { ALPNProtocols: [...alpn] }),
		minVersion: "TLSv1.2",
		rejectUnauthorized: true,
	});
}

/** Because of `autoSelectFamily`, Node asks for all of them. */
function pinned(addresses: readonly LookedUp[]): LookupFunction {
	return (_host, _options, callback) => callback(null, [...addresses]);
}

function reasonOf(error: Error, isConnected: boolean): NotSentReason {
	if (isConnected) {
		return "tls";
	}
	return (error as NodeJS.ErrnoException).code === "ETIMEDOUT" ? "timeout" : "refused";
}
