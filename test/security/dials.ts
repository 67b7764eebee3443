// Every connection this process tries to open, noted where Node opens it, before a byte leaves: a sentinel for addresses
// that no test can listen on. What does not lead to this machine is noted and refused.

import type { TestContext } from "node:test";
import { type LookupFunction, Socket } from "node:net";

/** `address port`, as `127.0.0.1 443`. */
export type Dials = { readonly seen: readonly string[]; forget(): void };

type Given = { host?: string; port?: number; path?: string; lookup?: LookupFunction };
type Connect = (this: Socket, ...given: readonly unknown[]) => Socket;

export function watchDials(t: Pick<TestContext, "mock">): Dials {
	const seen: string[] = [];
	const connect = Reflect.get(Socket.prototype, "connect") as unknown as Connect;
	function watched(this: Socket, ...args: readonly unknown[]): Socket {
		const given = optionsIn(args);
		const addresses = addressesOf(given);
		seen.push(...addresses.map((address) => `${address} ${given.port ?? given.path ?? ""}`));
		if (addresses.every(isOwn)) {
			return connect.call(this, ...args);
		}
		setImmediate(() => this.destroy(Object.assign(new Error("a watched dial"), { code: "ECONNREFUSED" })));
		return this;
	}
	t.mock.method(Socket.prototype, "connect", watched as unknown as Socket["connect"]);
	return { seen, forget: () => void seen.splice(0) };
}

/** `net.connect` hands its arguments on as one list, `tls.connect` as they are. */
function optionsIn([first]: readonly unknown[]): Given {
	const [options] = Array.isArray(first) ? (first as unknown[]) : [first];
	return typeof options === "object" && options !== null ? options : {};
}

/** A name is looked up as Node would; our look-ups for sockets answer at once. Without one, the name itself is noted. */
function addressesOf({ host = "", lookup, path }: Given): readonly string[] {
	if (path !== undefined || lookup === undefined || /^[\d.]+$|:/.test(host)) {
		return [host];
	}
	let found: readonly string[] = [host];
	lookup(host, { all: true }, (_error, addresses) => {
		found = [addresses].flat().map((one) => (typeof one === "string" ? one : one.address));
	});
	return found;
}

function isOwn(address: string): boolean {
	return /^127\.|^::1$|^::ffff:127\.|^0\.0\.0\.0$|^::$|^localhost$|^$/.test(address);
}
