import assert from "node:assert/strict";
import test from "node:test";
import type { Grant } from "#domain/rights.ts";
import type { AuthenticationPolicy } from "#storage/authentication-policy.ts";
import type { Credentials } from "#storage/people.ts";
import { dutyOf } from "./duties.ts";

const now = new Date("2026-01-31T00:00:00Z");
const ada: Credentials = {
	id: "A".repeat(32) as Credentials["id"],
	login: "ada",
	name: "Ada",
	enabled: true,
	externalUser: false,
	passwordHash: "hash",
	machineSecret: null,
	passwordChangedAt: new Date("2026-01-01T00:00:00Z"),
	passwordIsInitial: false,
	hasSecondFactor: false,
	version: 1,
};
const lax: AuthenticationPolicy = {
	minimumPasswordLength: 12,
	passwordExpiryDays: 0,
	initialPasswordMustBeChanged: true,
	secondFactorRequired: "nobody",
	sessionIdleMinutes: 30,
	sessionAbsoluteHours: 10,
};
const may = (objectType: Grant["objectType"], ...access: Grant["access"]): Grant[] => [
	{ objectType, objectId: "B".repeat(32), access },
];
const agent = [...may("messagingService", "view", "use", "messaging"), ...may("apiToken", "create")];
const everybody = { secondFactorRequired: "everybody" } as const;
const administrators = { secondFactorRequired: "administrators" } as const;

type Case = [
	says: string,
	user: Partial<Credentials>,
	policy: Partial<AuthenticationPolicy>,
	grants: Grant[],
	duty: string | null,
];
const cases: readonly Case[] = [
	["nothing is asked by default", {}, {}, [], null],
	["another's password must be changed", { passwordIsInitial: true }, {}, [], "changePassword"],
	["unless the policy lets it be", { passwordIsInitial: true }, { initialPasswordMustBeChanged: false }, [], null],
	["a password of 30 days is too old after 30 days", {}, { passwordExpiryDays: 30 }, [], "changePassword"],
	["but not after 31", {}, { passwordExpiryDays: 31 }, [], null],
	["everybody enrols", {}, everybody, [], "enrolSecondFactor"],
	["once", { hasSecondFactor: true }, everybody, [], null],
	["the password comes first", { passwordIsInitial: true }, everybody, [], "changePassword"],
	["an agent is no administrator", {}, administrators, agent, null],
	["who modifies one service is", {}, administrators, may("messagingService", "modify"), "enrolSecondFactor"],
	["who manages members is", {}, administrators, may("userGroup", "manageMembers"), "enrolSecondFactor"],
	["who modifies the policy is", {}, administrators, may("authenticationPolicy", "modify"), "enrolSecondFactor"],
	["who looks at users is not", {}, administrators, may("user", "view"), null],
	["an external user has no duties", { externalUser: true, passwordIsInitial: true }, everybody, [], null],
];
for (const [says, user, policy, grants, duty] of cases) {
	test(says, () => {
		assert.equal(dutyOf({ ...ada, ...user }, grants, { ...lax, ...policy }, now), duty);
	});
}
