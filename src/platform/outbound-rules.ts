// Where requests of ours may go: public addresses by HTTPS, and what the operator lists in the setting outboundAllow.
// Pure; `safe-request.ts` asks twice, before the name is looked up and with every address that came back.

import ipaddr from "ipaddr.js";

type Address = ipaddr.IPv4 | ipaddr.IPv6;

export type AllowList = {
	/** `host:port` by name, as the URL standard spells it. */
	names: ReadonlySet<string>;
	/** `address:port`. */
	endpoints: ReadonlySet<string>;
	networks: readonly (readonly [Address, number])[];
	meanwhile?: Meanwhile | undefined;
};

/** What is allowed only for a while, besides the setting: programs that this process runs itself on the loopback address. */
export type Meanwhile = {
	has(target: string): boolean;
	/** The whole list anew. Throws a RangeError for anything but `127.0.0.1:port`. */
	replace(targets: readonly string[]): void;
};

export function openMeanwhile(): Meanwhile {
	let allowed: ReadonlySet<string> = new Set();
	return {
		has: (target) => allowed.has(target),
		replace(targets) {
			if (!targets.every((target) => /^127\.0\.0\.1:[1-9]\d{0,4}$/.test(target))) {
				throw new RangeError("must be 127.0.0.1:port");
			}
			allowed = new Set(targets);
		},
	};
}

/** A target whose URL is fit to be tried. `host` has no brackets and no final dot; it goes into SNI. */
export type Target = {
	isTls: boolean;
	host: string;
	port: number;
	/** Set when the URL names an address; there is nothing to look up then. */
	literal: string | undefined;
	/** `any`: listed by host and port · `listed`: every address must be in the list · `public`: public ones do too. */
	needs: "any" | "listed" | "public";
};

/** Throws a RangeError that says what an entry must look like. The entry itself may be shown: it is no secret. */
export function parseAllowList(entries: readonly string[], meanwhile?: Meanwhile): AllowList {
	const names = new Set<string>();
	const endpoints = new Set<string>();
	const networks: (readonly [Address, number])[] = [];
	for (const entry of entries) {
		const parsed = parseEntry(entry);
		if (parsed.kind === "network") {
			networks.push(parsed.network);
		} else {
			(parsed.kind === "name" ? names : endpoints).add(parsed.key);
		}
	}
	return { names, endpoints, networks, meanwhile };
}

type Entry = { kind: "name" | "endpoint"; key: string } | { kind: "network"; network: readonly [Address, number] };

function parseEntry(entry: string): Entry {
	if (ipaddr.isValidCIDR(entry)) {
		return { kind: "network", network: ipaddr.parseCIDR(entry) };
	}
	const [, host = "", digits = ""] = /^(\[[0-9a-f:.]+\]|[^:/?#@[\]\s]+):(\d{1,5})$/i.exec(entry) ?? [];
	const url = URL.parse(`http://${host}/`);
	const port = Number(digits);
	if (url === null || host === "" || port < 1 || port > 65_535) {
		throw new RangeError("must be host:port (example.internal:8443, 10.0.0.5:80, [fd00::1]:80) or CIDR (10.0.0.0/8)");
	}
	const name = plainHost(url.hostname);
	return ipaddr.isValid(name)
		? { kind: "endpoint", key: endpointKey(ipaddr.process(name), port) }
		: { kind: "name", key: `${name}:${port}` };
}

/** Undefined: no request to this URL is ever made, whatever its name resolves to. */
export function targetOf(text: string, allow: AllowList): Target | undefined {
	const url = URL.parse(text);
	if (url === null || !["https:", "http:"].includes(url.protocol) || url.username !== "" || url.password !== "") {
		return undefined;
	}
	const isTls = url.protocol === "https:";
	const defaultPort = isTls ? 443 : 80;
	return targetAt(url, { isTls, port: url.port === "" ? defaultPort : Number(url.port) }, allow);
}

/**
 * The same for a line that stays open, such as `smpps://host:3601`. Whoever calls has checked that the type speaks the
 * scheme; one that ends with s is encrypted, and only such a line may go to public addresses without being listed.
 */
export function lineTargetOf(text: string, allow: AllowList): Target | undefined {
	const [, scheme = "http", rest = ""] = /^([a-z][a-z0-9+.-]*):\/\/(.*)$/is.exec(text) ?? [];
	// Read as a scheme that the URL standard knows, so that host names and addresses get their one spelling.
	const url = URL.parse(`ftp://${rest}`);
	const isFit = url !== null && url.username === "" && url.password === "" && url.port !== "";
	const isOfWeb = /^https?$/i.test(scheme);
	return isFit && !isOfWeb ? targetAt(url, { isTls: /s$/i.test(scheme), port: Number(url.port) }, allow) : undefined;
}

function targetAt(url: URL, { isTls, port }: Pick<Target, "isTls" | "port">, allow: AllowList): Target | undefined {
	const host = plainHost(url.hostname);
	const literal = ipaddr.isValid(host) ? host : undefined;
	const isPublicPort = url.protocol === "ftp:" ? port >= ownPortsFrom : port === 443 || port === 80;
	const needs = needsOf({ isTls, host, port, literal }, isPublicPort, allow);
	return needs === undefined ? undefined : { isTls, host, port, literal, needs };
}

const ownPortsFrom = 1024; // Below it are the system's services (RFC 6335 section 6), none of which is a line of ours.

function needsOf(target: Omit<Target, "needs">, isPublicPort: boolean, allow: AllowList): Target["needs"] | undefined {
	const { isTls, host, port, literal } = target;
	const isMeant = allow.names.has(`${host}:${port}`);
	// Spelled exactly so: no name has to be looked up, and none that leads there counts.
	if (isMeant || allow.meanwhile?.has(`${host}:${port}`) === true) {
		return "any";
	}
	if (isTls && isPublicPort && (literal !== undefined || !isLocalName(host))) {
		return "public";
	}
	// When no address is listed, none it resolves to could be: the name is not even looked up.
	return allow.networks.length + allow.endpoints.size > 0 ? "listed" : undefined;
}

function plainHost(hostname: string): string {
	return hostname.replace(/^\[(.*)\]$/, "$1").replace(/\.$/, "");
}

// Names that mean something inside a machine, a network or a cloud; RFC 6761, RFC 6762, ICANN's reservation of .internal.
const localSuffixes = ["localhost", "local", "internal", "intranet", "lan", "home.arpa", "localdomain"];

function isLocalName(host: string): boolean {
	return !host.includes(".") || localSuffixes.some((suffix) => host === suffix || host.endsWith(`.${suffix}`));
}

/** Whether the target may be reached at these addresses. One that may not spoils them all: an answer could be chosen. */
export function mayConnect(target: Target, addresses: readonly string[], allow: AllowList): boolean {
	return addresses.length > 0 && addresses.every((address) => mayReach(target, address, allow));
}

function mayReach(target: Target, text: string, allow: AllowList): boolean {
	if (!ipaddr.isValid(text) || text.includes("%")) {
		return false; // A zone id names an interface of this machine.
	}
	if (target.needs === "any") {
		return true;
	}
	const address = ipaddr.process(text);
	return isListed(address, target.port, allow) || (target.needs === "public" && isPublic(text));
}

function isListed(address: Address, port: number, allow: AllowList): boolean {
	if (allow.endpoints.has(endpointKey(address, port))) {
		return true;
	}
	return allow.networks.some(([network, bits]) => network.kind() === address.kind() && address.match(network, bits));
}

function endpointKey(address: Address, port: number): string {
	return `${address.toNormalizedString()}:${port}`;
}

// IPv6 that is routed on the internet is 2000::/3 (IANA); what lies outside it is local, reserved, or IPv4 in disguise
// (::/96, 64:ff9b::/96, 64:ff9b:1::/48). Within it ipaddr.js knows the special ranges (6to4, Teredo, documentation, …).
const globalIpv6 = ipaddr.IPv6.parseCIDR("2000::/3");

/** Unlike an allow-list entry, a public address must be spelled as what it is: IPv4 inside IPv6 is not public. */
function isPublic(text: string): boolean {
	const address = ipaddr.parse(text);
	if (address.range() !== "unicast") {
		return false;
	}
	return address.kind() === "ipv4" || address.match(globalIpv6);
}
