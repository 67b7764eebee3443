// The messaging services as this process knows them: opened once, looked up in memory, re-read when any of them changed,
// also by another node.

import type { Clock } from "#platform/clock.ts";
import { describeError, type Log } from "#platform/log.ts";
import type { OpenService } from "./open-service.ts";

export type ServiceBook = {
	byId(id: string): OpenService | undefined;
	ofType(type: string): readonly OpenService[];
	all(): readonly OpenService[];
	/** Those that take part in sending: enabled and not stopped. */
	sending(): readonly OpenService[];
	/** Reads again if something changed. Never rejects: the book as it was stays in use. */
	refresh(): Promise<void>;
};

export type BookSource = {
	/** Changes whenever a service, or the box its secrets are in, does. */
	version(): Promise<string>;
	load(): Promise<readonly OpenService[]>;
};

export type BookDeps = {
	clock: Clock;
	log: Log;
	/** Told of all services whenever they were opened. */
	opened?(services: readonly OpenService[]): void;
};

/** @param source reads the database; its rejections are logged and leave the book unchanged */
export async function openServiceBook(source: BookSource, deps: BookDeps): Promise<ServiceBook> {
	let services = new Map<string, OpenService>();
	let knownVersion: string | undefined;

	async function read(): Promise<void> {
		const version = await source.version();
		if (version !== knownVersion) {
			services = new Map((await source.load()).map((service) => [service.id, service]));
			knownVersion = version;
			deps.opened?.([...services.values()]);
		}
	}
	await read();

	return {
		byId: (id) => services.get(id),
		ofType: (type) => [...services.values()].filter((service) => service.type === type),
		all: () => [...services.values()],
		sending: () => [...services.values()].filter((service) => service.enabled && service.stoppedReason === null),
		async refresh() {
			try {
				await read();
			} catch (error) {
				deps.log.warn("The messaging services could not be read again.", {
					server: "SMS Server",
					error: describeError(error),
				});
			}
		},
	};
}
