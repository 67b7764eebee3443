// What the first thread and the sandbox's thread say to each other, and what both know: the types and the personas.

import type { Persona, SandboxAccount, SandboxConnection, SandboxFault } from "#rest/sandbox-port.ts";
import type { Failure } from "./thread-talk.ts";

export type SandboxStart = {
	/** Makes the same accounts at every start, so that conversations go on. A secret: it makes the passwords too. */
	seed: Uint8Array;
	publicOrigin: string;
	/** Where this process listens in truth. */
	localOrigin: string;
};

export type ContactWrites = { type: string; persona: string; text: string };

export type ToSandbox = { number: number } & (
	| { kind: "start"; types: readonly string[] }
	| { kind: "connect"; connection: SandboxConnection }
	| ({ kind: "write" } & ContactWrites)
	| { kind: "misbehave"; type: string; fault: SandboxFault }
);

export type Written = { status: number; body: string };
export type SandboxAnswer = readonly SandboxAccount[] | Written | undefined;

export type FromSandbox =
	| { kind: "answer"; number: number; answer: SandboxAnswer }
	| { kind: "failure"; number: number; failure: Failure };

export const usualTypes: readonly string[] = ["sinchconversation", "whatsapp", "twilio", "facebook", "smshttp"];

/** Not `smpp`, whose line every node opens, and not `teams`, whose chats belong to one person each. */
export const sandboxTypes: readonly string[] = [
	...usualTypes,
	"c4semail",
	"sap365",
	"sinchsms",
	"social365",
	"telegram",
	"wavy",
];

export const personas: readonly Persona[] = [
	{ id: "anna", name: "Anna Berger" },
	{ id: "ben", name: "Ben Okafor" },
	{ id: "chen", name: "Chen Li" },
];
