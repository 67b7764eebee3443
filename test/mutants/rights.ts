// Guards of the REST interfaces, removed or weakened one at a time: those of every route by the rights matrix, those that
// look at rows and fields by the tests of the routes. That the matrix notices the guard of each single route is shown by
// test/gates/guard-removal.test.ts, which spoils them all in one process.

import type { Mutant } from "./mutant.ts";

type Edit = readonly [file: string, find: string, replace: string];

function spoilt(id: string, says: string, [file, find, replace]: Edit, tests: readonly string[]): Mutant {
	return { id, goal: "S5", says, edits: [{ file, find, replace }], tests };
}

const matrix = ["test/contract/rights-matrix.test.ts"];

export const mutants: readonly Mutant[] = [
	spoilt(
		"rights-never-asked",
		"a signed-in caller may call everything, whatever rights the route demands",
		["src/rest/guard.ts", "demandAll(verdict.principal, route.needs.rights, knock.params);", "void demandAll;"],
		matrix,
	),
	spoilt(
		"first-right-only",
		"of several rights a route demands, only the first is looked at",
		["src/rest/guard.ts", "for (const need of needs) {", "for (const need of needs.slice(0, 1)) {"],
		matrix,
	),
	spoilt(
		"some-for-every",
		"a right on one object is enough where all objects of the type are meant",
		["src/rest/guard.ts", 'need.on === "every" ? "every" : "some"', '"some"'],
		matrix,
	),
	spoilt(
		"other-access-for-all",
		"a right that another one may stand for is not demanded at all",
		[
			"src/rest/guard.ts",
			"others.some((access) => decide(principal.grants, access, asked).allowed)",
			"others.length > 0",
		],
		matrix,
	),
	spoilt(
		"right-on-another-object",
		"a grant on one object opens every object of its type",
		[
			"src/rights/decide.ts",
			'return asked.on !== "every" && grant.objectId === asked.on.id;',
			'return asked.on !== "every";',
		],
		matrix,
	),
	spoilt(
		"any-access-will-do",
		"a grant of one access allows every other",
		["src/rights/decide.ts", "return grant.access.includes(access) ||", "return grant.access.length > 0 ||"],
		matrix,
	),
	spoilt(
		"modify-without-view",
		"who may modify may not view",
		["src/rights/decide.ts", ' || (access === "view" && grant.access.includes("modify"))', ""],
		matrix,
	),
	spoilt(
		"route-without-guard",
		"one route demands no right any more",
		["src/rest/rci/sms-server.ts", 'needs: { who: "holders", rights: [on("modify")] },', 'needs: { who: "signedIn" },'],
		matrix,
	),
	spoilt(
		"disabled-user-by-token",
		"the API token of a disabled user still works",
		["src/identity/authenticate.ts", "if (known === undefined || !known.user.enabled) {", "if (known === undefined) {"],
		matrix,
	),
	spoilt(
		"disabled-user-by-session",
		"the browser session of a disabled user still works",
		[
			"src/identity/authenticate.ts",
			"if (session === undefined || known === undefined || !known.user.enabled) {",
			"if (session === undefined || known === undefined) {",
		],
		matrix,
	),
	spoilt(
		"disabled-user-by-password",
		"a disabled user still signs in with the password",
		[
			"src/identity/logon.ts",
			"if (!isRight || user === undefined || !user.enabled) {",
			"if (!isRight || user === undefined) {",
		],
		matrix,
	),
	spoilt(
		"token-without-end",
		"an API token works after its end",
		[
			"src/identity/api-tokens.ts",
			"if (row === undefined || row.expiresAt.getTime() <= now.getTime()) {",
			"if (row === undefined) {",
		],
		matrix,
	),
	spoilt(
		"session-without-end",
		"a browser session works after its end",
		["src/identity/sessions.ts", "session.expiresAt.getTime() > now.getTime() && ", ""],
		matrix,
	),
	{
		...spoilt(
			"change-from-another-site",
			"another site's page may change things with the session of who looks at it",
			["src/rest/guard.ts", "refuseOtherSites(knock, deps, route.takesFile === true);", "void refuseOtherSites;"],
			matrix,
		),
		goal: "S11",
	},
	spoilt(
		"token-of-another",
		"whoever is signed in may read and delete the API tokens of others",
		["src/rest/rci/api-tokens.ts", 'ctx.demand(access, "apiToken", id);', "void access;"],
		matrix,
	),
	spoilt(
		"tokens-of-others-listed",
		"the list of API tokens shows everybody's",
		["src/rest/rci/api-tokens.ts", 'ctx.visible("view", "apiToken")', '"every"'],
		["src/rest/rci/own-account.test.ts"],
	),
	spoilt(
		"token-for-any-user",
		"a token for another user is made without a right on that user",
		["src/rest/rci/api-tokens.ts", 'ctx.demand("modify", "user", userId);', ""],
		["src/rest/rci/own-account.test.ts"],
	),
	spoilt(
		"token-for-a-person",
		"a token is made for another person's account",
		["src/rest/rci/api-tokens.ts", "if (!user.externalUser) {", 'if (user.id === "") {'],
		["src/rest/rci/own-account.test.ts"],
	),
	spoilt(
		"users-unfiltered",
		"the list of users shows those the caller may not view",
		["src/rest/rci/users.ts", 'ctx.visible("view", "user")', '"every"'],
		["src/rest/rci/users.test.ts"],
	),
	spoilt(
		"bags-unfiltered",
		"the lists of groups and roles show those the caller may not view",
		["src/rest/rci/bags.ts", 'ctx.visible("view", kind.objectType)', '"every"'],
		["src/rest/rci/rights.test.ts"],
	),
	spoilt(
		"services-unfiltered",
		"the list of messaging services shows those the caller may not view",
		["src/rest/rci/messaging-services.ts", 'ctx.visible("view", objectType)', '"every"'],
		["src/rest/rci/messaging-services.test.ts"],
	),
	spoilt(
		"members-unfiltered",
		"lists of members show those the caller may not view",
		["src/rest/rci/memberships.ts", 'ctx.may("view", link.member, { id })', 'id !== ""'],
		["src/rest/rci/rights.test.ts"],
	),
	spoilt(
		"member-row-unguarded",
		"a member is added without a right on that very member",
		["src/rest/rci/memberships.ts", "ctx.demand(access, link.member, memberId);", "void access;"],
		["src/rest/rci/rights.test.ts"],
	),
	spoilt(
		"membership-hands-out",
		"a membership hands out what the giver does not hold",
		["src/rest/rci/memberships.ts", "demandHeld(ctx, await grantsThrough(tx, bag));", ""],
		["src/rest/rci/rights.test.ts"],
	),
	spoilt(
		"rights-hand-out",
		"a grant hands out what the giver does not hold",
		["src/rest/rci/rights.ts", "demandHeld(ctx, added(before, after));", ""],
		["src/rest/rci/rights.test.ts"],
	),
	spoilt(
		"parent-hands-out",
		"a parent group hands out what the giver does not hold",
		["src/rest/rci/bags.ts", 'demandHeld(ctx, await grantsThrough(tx, { kind: "userGroup", id: parent }));', ""],
		["src/rest/rci/rights.test.ts"],
	),
	spoilt(
		"parent-unguarded",
		"a group is put below another without Manage members of that one",
		["src/rest/rci/bags.ts", 'ctx.demand("manageMembers", "userGroup", parent);', ""],
		["src/rest/rci/rights.test.ts"],
	),
	spoilt(
		"password-of-a-superior",
		"who may modify users takes over somebody with more rights",
		["src/rest/rci/handing-out.ts", "if (ctx.caller().userId !== userId) {", 'if (ctx.caller().userId === "") {'],
		["src/rest/rci/users.test.ts"],
	),
	spoilt(
		"last-administrator-leaves",
		"the last administrator can be removed",
		[
			"src/rest/rci/handing-out.ts",
			"if (wasThere && !(await hasAdministrator(tx))) {",
			"if (wasThere && (await hasAdministrator(tx)) === undefined) {",
		],
		["src/rest/rci/users.test.ts"],
	),
	spoilt(
		"rows-of-any-service",
		"one message, conversation or entry is shown whatever its service",
		[
			"src/rest/cmi/access.ts",
			'if (!accesses.some((access) => ctx.may(access, "messagingService", { id: serviceId }))) {',
			"if (accesses.length === 0) {",
		],
		["src/rest/cmi/messages.test.ts", "src/rest/cmi/conversations.test.ts", "src/rest/cmi/quarantine.test.ts"],
	),
	spoilt(
		"lists-of-any-service",
		"lists show rows of services the caller may not read",
		[
			"src/rest/cmi/access.ts",
			'return lists.includes("every") ? "every" : [...new Set(lists.flat())];',
			'return lists.length > 0 ? "every" : [];',
		],
		["src/rest/cmi/messages.test.ts", "src/rest/cmi/conversations.test.ts", "src/rest/cmi/quarantine.test.ts"],
	),
	spoilt(
		"named-service-unfiltered",
		"a service named in a query is shown although it is not visible",
		["src/rest/cmi/access.ts", "ids.filter((id) => visible.includes(id))", "ids"],
		["src/rest/cmi/messages.test.ts", "src/rest/cmi/conversations.test.ts", "src/rest/cmi/quarantine.test.ts"],
	),
	spoilt(
		"send-by-any-service",
		"a message is sent by a service on which the caller does not hold Messaging",
		["src/rest/cmi/access.ts", 'accesses.some((access) => ctx.may(access, "messagingService", { id }))', "true"],
		["src/rest/cmi/send-message.test.ts"],
	),
	spoilt(
		"sealed-request-unguarded",
		"a refused request is opened without Modify on its service",
		["src/rest/cmi/quarantine.ts", 'ctx.demand("modify", "messagingService", entry.serviceId);', ""],
		["src/rest/cmi/quarantine.test.ts"],
	),
	spoilt(
		"unstated-fields",
		"an answer shows fields that its schema does not state",
		["src/rest/answers.ts", "body: serialise(answer.body)", "body: JSON.stringify(answer.body)"],
		["src/rest/serve.test.ts"],
	),
	spoilt(
		"remembered-for-ever",
		"what was read of users and rights counts on after they were changed",
		["src/storage/remembered.ts", "revision !== known.revision", "known.revision === -1"],
		["src/storage/remembered.test.ts", "src/rest/rci/rights.test.ts"],
	),
	spoilt(
		"grants-raise-nothing",
		"a right that is given or taken does not raise the revision under which rights are remembered",
		["src/storage/migrations/0001-first.ts", '\tgrants: "",\n', ""],
		["src/storage/remembered.test.ts"],
	),
	{
		...spoilt(
			"stream-outlives-right",
			"an open stream of events goes on after the right to read was taken away",
			["src/rest/serve.ts", "callerStill(route, knockOf(request), deps)", "Promise.resolve(call.principal)"],
			["src/rest/cmi/events.test.ts"],
		),
		only: "after the right is taken away",
	},
];
