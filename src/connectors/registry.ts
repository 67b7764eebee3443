// Every connector by its service type. A new one is a folder, an import and a line here.

import type { ServiceType } from "#domain/messages.ts";
import type { Connector, StoredService } from "./contract.ts";
import { connector as c4semail } from "./c4semail/index.ts";
import { connector as facebook } from "./facebook/index.ts";
import { connector as sap365 } from "./sap365/index.ts";
import { connector as sinchconversation } from "./sinchconversation/index.ts";
import { connector as sinchsms } from "./sinchsms/index.ts";
import { connector as smpp } from "./smpp/index.ts";
import { connector as smshttp } from "./smshttp/index.ts";
import { connector as social365 } from "./social365/index.ts";
import { connector as teams } from "./teams/index.ts";
import { connector as telegram } from "./telegram/index.ts";
import { connector as twilio } from "./twilio/index.ts";
import { connector as wavy } from "./wavy/index.ts";
import { connector as whatsapp } from "./whatsapp/index.ts";

export type { Connector, StoredService };

const connectors: ReadonlyMap<ServiceType, Connector<unknown>> = byType([
	c4semail,
	facebook,
	sap365,
	sinchconversation,
	sinchsms,
	smpp,
	smshttp,
	social365,
	teams,
	telegram,
	twilio,
	wavy,
	whatsapp,
]);

function byType(all: readonly Connector<unknown>[]): Map<ServiceType, Connector<unknown>> {
	const map = new Map(all.map((connector) => [connector.type, connector]));
	if (map.size !== all.length) {
		throw new Error("Two connectors have the same service type.");
	}
	return map;
}

/** Headers whose values are secrets as they stand, in small letters: of everybody, and of the types that name one. */
export const secretHeaders: ReadonlySet<string> = new Set([
	"authorization",
	"proxy-authorization",
	"cookie",
	"x-api-key",
	"x-auth-token",
	...[...connectors.values()].flatMap(({ inbound: { auth } }) =>
		auth.kind === "signature" ? (auth.secretHeader ?? []) : [],
	),
]);

const secretFields = [...connectors.values()].flatMap(({ inbound: { auth } }) =>
	auth.kind === "signature" ? (auth.secretField ?? []) : [],
);

/** The body of a call as it may be kept and shown: without the secrets that stand in it. Byte by byte otherwise. */
export function withoutSecrets(body: Uint8Array): Uint8Array {
	const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
	return secretFields.reduce((kept, name) => withoutField(kept, name), bytes);
}

function withoutField(body: Buffer, name: string): Buffer {
	const quoted = JSON.stringify(name);
	if (!body.includes(quoted)) {
		return body;
	}
	// A byte is a letter in Latin-1, so whatever else is in the body comes back as it was.
	const field = new RegExp(`(${quoted}\\s*:\\s*")(?:[^"\\\\]|\\\\[^])*"`, "g");
	return Buffer.from(body.toString("latin1").replaceAll(field, '$1(removed)"'), "latin1");
}

/** The connector of a type, or undefined when there is none. */
export function connectorOf(type: ServiceType): Connector<unknown> | undefined {
	return connectors.get(type);
}

export function serviceTypes(): readonly ServiceType[] {
	return [...connectors.keys()];
}
