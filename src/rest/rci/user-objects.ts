// The user as REST shows and takes it, and the way between that and the table.

import { type Static, Type } from "typebox";
import { isTimeZone } from "#domain/time-zones.ts";
import { Problem } from "#platform/problems.ts";
import { logonName } from "#platform/text-patterns.ts";
import type { User, UserFields } from "#storage/people.ts";
import type { AnyContext } from "../route.ts";
import { allowedSchema, closed, idSchema, line, orNull, timestamp, toTimestamp } from "../schemas.ts";

const login = Type.String({
	minLength: 1,
	maxLength: 100,
	pattern: logonName,
	description: "Letters, digits and . _ @ + - only; unique without regard to case.",
});
const password = Type.Optional(
	orNull(
		Type.String({
			minLength: 1,
			maxLength: 512,
			writeOnly: true,
			description: "Write-only. Absent: the stored one stays; null: no logon with a password.",
		}),
	),
);
/** Accepted in a PUT and ignored, so that what a GET gave can be changed and sent back. */
const readOnly = Type.Optional(Type.Unknown({ readOnly: true, description: "Read-only: accepted and ignored." }));

const optionalTexts = {
	email: Type.Optional(orNull(line(320))),
	title: Type.Optional(orNull(line(100))),
	location: Type.Optional(orNull(line(200))),
	phone: Type.Optional(orNull(line(40))),
	uiLanguage: Type.Optional(
		orNull(line(35, "BCP 47. Of the System Configurator, unless another one is chosen in the browser.")),
	),
	timeZone: Type.Optional(orNull(line(64, "IANA name. In which times are shown; null: the browser's."))),
	externalId: Type.Optional(orNull(line(200, "Id in another system that users are kept in step with."))),
};
const flags = {
	externalUser: Type.Optional(Type.Boolean({ description: "A provider calls in as this user; no browser sessions." })),
	enabled: Type.Optional(Type.Boolean()),
};
const ignored = {
	id: readOnly,
	passwordSet: readOnly,
	passwordKind: readOnly,
	passwordChangedAt: readOnly,
	secondFactor: readOnly,
	userGroups: readOnly,
	allowed: readOnly,
	createdAt: readOnly,
	updatedAt: readOnly,
};

export const userBody = Type.Object(
	{ firstName: line(400), surname: line(400), login, password, ...flags, ...optionalTexts, ...ignored },
	closed,
);
export const userPatch = Type.Object(
	{
		firstName: Type.Optional(line(400)),
		surname: Type.Optional(line(400)),
		login: Type.Optional(login),
		password,
		...flags,
		...optionalTexts,
		...ignored,
	},
	closed,
);
export type UserBody = Static<typeof userBody>;
export type UserPatch = Static<typeof userPatch>;

const text = orNull(Type.String());
const userFields = {
	id: idSchema,
	firstName: Type.String(),
	surname: Type.String(),
	login: Type.String(),
	externalUser: Type.Boolean(),
	enabled: Type.Boolean(),
	email: text,
	title: text,
	location: text,
	phone: text,
	uiLanguage: text,
	timeZone: text,
	externalId: text,
	passwordSet: Type.Boolean(),
	passwordKind: Type.Unsafe<User["passwordKind"]>({ type: "string", enum: ["none", "person", "machine"] }),
	passwordChangedAt: orNull(timestamp),
	secondFactor: Type.Boolean({ description: "Signing in takes a code as well." }),
	allowed: allowedSchema,
	createdAt: timestamp,
	updatedAt: timestamp,
};
export const userReply = Type.Object(userFields, closed);
export const listedUser = Type.Object(
	{
		...userFields,
		userGroups: Type.Array(Type.Object({ id: idSchema, name: Type.String() }, closed), {
			description: "Groups that the user is a direct member of, by name; those that the caller may view.",
		}),
	},
	closed,
);

export function toUserObject(ctx: Pick<AnyContext, "allowed">, user: User): Static<typeof userReply> {
	const {
		version: _version,
		passwordIsInitial: _isInitial,
		secondFactorAt,
		passwordChangedAt,
		createdAt,
		updatedAt,
		...fields
	} = user;
	return {
		...fields,
		passwordSet: user.passwordKind !== "none",
		passwordChangedAt: toTimestamp(passwordChangedAt),
		secondFactor: secondFactorAt !== null,
		allowed: ctx.allowed("user", user.id),
		createdAt: toTimestamp(createdAt),
		updatedAt: toTimestamp(updatedAt),
	};
}

const nothing = {
	email: null,
	title: null,
	location: null,
	phone: null,
	uiLanguage: null,
	timeZone: null,
	externalId: null,
};

/** A whole object as entered (POST, PUT): what is not given has its default. */
export function wholeUser(body: UserBody): UserFields {
	return mergedUser({ firstName: "", surname: "", login: "", externalUser: false, enabled: true, ...nothing }, body);
}

/** PATCH: what is not given stays. */
export function mergedUser(before: UserFields, body: UserPatch): UserFields {
	demandTimeZone(body.timeZone);
	return {
		firstName: body.firstName ?? before.firstName,
		surname: body.surname ?? before.surname,
		login: body.login ?? before.login,
		externalUser: body.externalUser ?? before.externalUser,
		enabled: body.enabled ?? before.enabled,
		email: entered(body.email, before.email),
		title: entered(body.title, before.title),
		location: entered(body.location, before.location),
		phone: entered(body.phone, before.phone),
		uiLanguage: entered(body.uiLanguage, before.uiLanguage),
		timeZone: entered(body.timeZone, before.timeZone),
		externalId: entered(body.externalId, before.externalId),
	};
}

function demandTimeZone(timeZone: string | null | undefined): void {
	if (typeof timeZone === "string" && !isTimeZone(timeZone)) {
		const message = "must be the IANA name of a time zone, such as Europe/Helsinki";
		throw new Problem("invalid_body", "This time zone is not known.", [{ pointer: "/timeZone", message }]);
	}
}

/** Null empties the field; absent keeps it. */
function entered(given: string | null | undefined, before: string | null): string | null {
	return given === undefined ? before : given;
}
