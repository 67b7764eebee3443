// Who a visitor says to be, signed by the site that knows them: HMAC-SHA-256, hexadecimal, over id, issuedAt and expiresAt
// with a line feed between them. Only the id is proven; name and e-mail address are what the page says, within the bounds
// of what visitors may say of themselves.

import { createHmac } from "node:crypto";
import { Type, type Static } from "typebox";
import { Compile } from "typebox/compile";
import { equalBytes } from "#identity/tokens.ts";
import { addressSchema, aliasSchema } from "../tree/body.ts";

const seconds = Type.Integer({ minimum: 0, maximum: 9_999_999_999 });

export const VisitorIdentity = Type.Object(
	{
		id: Type.String({ minLength: 1, maxLength: 200, pattern: "^[^\\n]*$" }),
		name: Type.Optional(aliasSchema),
		email: Type.Optional(Type.Union([addressSchema, Type.Literal("")])),
		/** Seconds since 1970. */
		issuedAt: seconds,
		expiresAt: seconds,
		signature: Type.String({ pattern: "^[0-9a-fA-F]{64}$" }),
	},
	{ additionalProperties: false },
);
export type VisitorIdentity = Static<typeof VisitorIdentity>;

const body = Compile(Type.Object({ identity: VisitorIdentity }));

const lifeSecondsMax = 3600;
const skewSeconds = 60;

/** What the body says: an identity, none, or one that is not well-formed. */
export function readIdentity(value: unknown): VisitorIdentity | "none" | "malformed" {
	if (typeof value !== "object" || value === null || !("identity" in value)) {
		return "none";
	}
	return body.Check(value) ? value.identity : "malformed";
}

/** @param secret empty or undefined: nobody can prove anything */
export function isProven(identity: VisitorIdentity, secret: string | undefined, now: Date): boolean {
	if (secret === undefined || secret === "") {
		return false;
	}
	const { id, issuedAt, expiresAt, signature } = identity;
	const nowSeconds = now.getTime() / 1000;
	const isInTime = issuedAt - skewSeconds <= nowSeconds && nowSeconds < expiresAt;
	const wanted = createHmac("sha256", secret).update(`${id}\n${issuedAt}\n${expiresAt}`).digest();
	const isSigned = equalBytes(Buffer.from(signature, "hex"), wanted);
	return isSigned && isInTime && expiresAt - issuedAt <= lifeSecondsMax;
}
