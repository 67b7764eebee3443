// A call of a provider as REST shows it: of one service what counts for it, of a type everything with what it depends on.

import { type TObject, Type } from "typebox";
import { oneOf, textOrNull } from "./service-schemas.ts";

const method = oneOf(["GET", "POST"] as const);

const header = {
	name: Type.String(),
	value: Type.String({ description: "The value itself, or in words what it holds." }),
};

function callWith<Header extends TObject>(headers: Header) {
	return {
		purpose: Type.String({ description: "What it brings, in a few words." }),
		method,
		alsoTaken: Type.Array(method, { description: "Other methods that are read as well." }),
		url: Type.String({ description: "To the letter, but for …, which stands for what differs from call to call." }),
		namedBy: oneOf(["person", "message", "subscription"] as const, {
			description:
				"Who tells the provider this address: a person, who enters it there; each message that we send; a subscription that Parley makes by itself.",
		}),
		headers: Type.Array(headers, { description: "Those that prove the call." }),
		otherProof: textOrNull({ description: "What proves it elsewhere, in the address or the body." }),
		proposed: textOrNull({ description: "What of this is not documented by the provider, but proposed." }),
	};
}

export const webhookCall = Type.Object(callWith(Type.Object(header)));

export const webhookCallOfType = Type.Object({
	...callWith(Type.Object({ ...header, onlyIf: textOrNull({ description: "When it is demanded; null: always." }) })),
	when: Type.Array(
		Type.Object({
			setting: Type.String(),
			title: Type.String(),
			is: Type.Array(Type.Unsafe<string | boolean>({ type: ["string", "boolean"] })),
		}),
		{ description: "The settings with which the provider calls so: each has one of these values." },
	),
});
