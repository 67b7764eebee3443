// From where a file that a contact sent may be fetched. Webhooks name addresses; what they name is not where we go.

/** Host names; `*.example.com` stands for every name below it, not for itself. */
export type MediaSources = { serviceConnection: string; hosts: readonly string[] };

const name = String.raw`(?:[a-z0-9-]+\.)+[a-z]{2,63}`;

/** Names with a dot, or all below such a name, with commas between: never an address in digits, never a whole top level. */
export const mediaHostsPattern = String.raw`^(?:(?:\*\.)?${name}(?:\s*,\s*(?:\*\.)?${name})*)?$`;

export function toMediaHosts(entered: string): readonly string[] {
	return entered
		.split(",")
		.map((host) => host.trim())
		.filter((host) => host !== "");
}

/** HTTPS at its usual port on a declared host, or the very origin that an administrator entered. */
export function isMediaAddress(address: string, { serviceConnection, hosts }: MediaSources): boolean {
	const url = plainUrl(address);
	if (url !== undefined && /^https?:$/.test(url.protocol) && url.origin === URL.parse(serviceConnection)?.origin) {
		return true;
	}
	const host = namedHost(address);
	return host !== undefined && hosts.some((declared) => isHost(host, declared));
}

/** The name of an HTTPS address that an administrator might declare; undefined for every other address. */
export function namedHost(address: string): string | undefined {
	const url = plainUrl(address);
	return url?.protocol === "https:" && url.port === "" && new RegExp(`^${name}$`).test(url.hostname)
		? url.hostname
		: undefined;
}

function plainUrl(address: string): URL | undefined {
	const url = URL.parse(address);
	return url === null || url.username !== "" || url.password !== "" ? undefined : url;
}

function isHost(host: string, declared: string): boolean {
	return declared.startsWith("*.") ? host.endsWith(declared.slice(1)) : host === declared;
}
