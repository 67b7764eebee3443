// Writes an example of a service's request to the log when the service is opened, for those types whose request an
// administrator describes: that is how templates are compared with a gateway's manual. Made without the secrets.

import type { HttpCall } from "#connectors/contract.ts";
import type { Log } from "#platform/log.ts";
import type { OpenService } from "./open-service.ts";

const exampleCharactersMax = 4000; // Longer than any short message's request.

/** Each example once, and again when it has become another one. */
export function exampleTeller(log: Log): (services: readonly OpenService[]) => void {
	let told = new Map<string, string>();
	return (services) => {
		const now = new Map<string, string>();
		for (const service of services) {
			const call = service.example();
			const example = call === undefined ? "" : shown(call);
			now.set(service.id, example);
			if (example !== "" && told.get(service.id) !== example) {
				const fields = { server: "SMS Server", serviceId: service.id, serviceType: service.type, example } as const;
				log.info("An example of the request that sends a message.", fields);
			}
		}
		told = now;
	};
}

function shown({ method, url, headers, body }: HttpCall): string {
	const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
	const text = typeof body === "string" ? body : Buffer.from(body ?? []).toString("latin1");
	return [`${method} ${url}`, ...lines, "", text].join("\n").slice(0, exampleCharactersMax).toWellFormed();
}
