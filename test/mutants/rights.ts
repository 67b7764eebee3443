// Guards of the REST interfaces, removed or weakened one at a time: those of every route by the rights matrix, those that
// look at rows and fields by the tests of the routes. That the matrix notices the guard of each single route is shown by
// test/gates/guard-removal.test.ts, which spoils them all in one process.

import type { Mutant } from "./mutant.ts";

const matrix = ["test/contract/rights-matrix.test.ts"];

export const mutants: readonly Mutant[] = [
	{
		id: "rights-never-asked",
		goal: "S5",
		says: "a signed-in caller may call everything, whatever rights the route demands",
		edits: [
			{
				file: "src/rest/guard.ts",
				find: "demandAll(verdict.principal, route.needs.rights, knock.params);",
				replace: "void demandAll;",
			},
		],
		tests: matrix,
	},
	{
		id: "first-right-only",
		goal: "S5",
		says: "of several rights a route demands, only the first is looked at",
		edits: [
			{
				file: "src/rest/guard.ts",
				find: "for (const need of needs) {",
				replace: "for (const need of needs.slice(0, 1)) {",
			},
		],
		tests: matrix,
	},
	{
		id: "some-for-every",
		goal: "S5",
		says: "a right on one object is enough where all objects of the type are meant",
		edits: [{ file: "src/rest/guard.ts", find: 'need.on === "every" ? "every" : "some"', replace: '"some"' }],
		tests: matrix,
	},
	{
		id: "other-access-for-all",
		goal: "S5",
		says: "a right that another one may stand for is not demanded at all",
		edits: [
			{
				file: "src/rest/guard.ts",
				find: "need.or !== undefined && decide(principal.grants, need.or, asked).allowed",
				replace: "need.or !== undefined",
			},
		],
		tests: matrix,
	},
	{
		id: "right-on-another-object",
		goal: "S5",
		says: "a grant on one object opens every object of its type",
		edits: [
			{
				file: "src/rights/decide.ts",
				find: 'return asked.on !== "every" && grant.objectId === asked.on.id;',
				replace: 'return asked.on !== "every";',
			},
		],
		tests: matrix,
	},
	{
		id: "any-access-will-do",
		goal: "S5",
		says: "a grant of one access allows every other",
		edits: [
			{
				file: "src/rights/decide.ts",
				find: "return grant.access.includes(access) ||",
				replace: "return grant.access.length > 0 ||",
			},
		],
		tests: matrix,
	},
	{
		id: "modify-without-view",
		goal: "S5",
		says: "who may modify may not view",
		edits: [
			{ file: "src/rights/decide.ts", find: ' || (access === "view" && grant.access.includes("modify"))', replace: "" },
		],
		tests: matrix,
	},
	{
		id: "route-without-guard",
		goal: "S5",
		says: "one route demands no right any more",
		edits: [
			{
				file: "src/rest/rci/sms-server.ts",
				find: 'needs: { who: "holders", rights: [on("modify")] },',
				replace: 'needs: { who: "signedIn" },',
			},
		],
		tests: matrix,
	},
	{
		id: "disabled-user-by-token",
		goal: "S5",
		says: "the API token of a disabled user still works",
		edits: [
			{
				file: "src/identity/authenticate.ts",
				find: "if (user === undefined || !user.enabled) {",
				replace: "if (user === undefined) {",
			},
		],
		tests: matrix,
	},
	{
		id: "disabled-user-by-session",
		goal: "S5",
		says: "the browser session of a disabled user still works",
		edits: [
			{
				file: "src/identity/authenticate.ts",
				find: "if (session === undefined || user === undefined || !user.enabled) {",
				replace: "if (session === undefined || user === undefined) {",
			},
		],
		tests: matrix,
	},
	{
		id: "disabled-user-by-password",
		goal: "S5",
		says: "a disabled user still signs in with the password",
		edits: [
			{
				file: "src/identity/logon.ts",
				find: "if (!isRight || user === undefined || !user.enabled) {",
				replace: "if (!isRight || user === undefined) {",
			},
		],
		tests: matrix,
	},
	{
		id: "token-without-end",
		goal: "S5",
		says: "an API token works after its end",
		edits: [
			{
				file: "src/identity/api-tokens.ts",
				find: "if (row === undefined || row.expiresAt.getTime() <= now.getTime()) {",
				replace: "if (row === undefined) {",
			},
		],
		tests: matrix,
	},
	{
		id: "session-without-end",
		goal: "S5",
		says: "a browser session works after its end",
		edits: [{ file: "src/identity/sessions.ts", find: "session.expiresAt.getTime() > now.getTime() && ", replace: "" }],
		tests: matrix,
	},
	{
		id: "change-from-another-site",
		goal: "S11",
		says: "another site's page may change things with the session of who looks at it",
		edits: [
			{
				file: "src/rest/guard.ts",
				find: "refuseOtherSites(knock, deps.settings.publicBaseUrl);",
				replace: "void refuseOtherSites;",
			},
		],
		tests: matrix,
	},
	{
		id: "token-of-another",
		goal: "S5",
		says: "whoever is signed in may read and delete the API tokens of others",
		edits: [
			{ file: "src/rest/rci/api-tokens.ts", find: 'ctx.demand(access, "apiToken", id);', replace: "void access;" },
		],
		tests: matrix,
	},
	{
		id: "tokens-of-others-listed",
		goal: "S5",
		says: "the list of API tokens shows everybody's",
		edits: [{ file: "src/rest/rci/api-tokens.ts", find: 'ctx.visible("view", "apiToken")', replace: '"every"' }],
		tests: ["src/rest/rci/own-account.test.ts"],
	},
	{
		id: "token-for-any-user",
		goal: "S5",
		says: "a token for another user is made without a right on that user",
		edits: [{ file: "src/rest/rci/api-tokens.ts", find: 'ctx.demand("modify", "user", userId);', replace: "" }],
		tests: ["src/rest/rci/own-account.test.ts"],
	},
	{
		id: "token-for-a-person",
		goal: "S5",
		says: "a token is made for another person's account",
		edits: [
			{ file: "src/rest/rci/api-tokens.ts", find: "if (!user.externalUser) {", replace: 'if (user.id === "") {' },
		],
		tests: ["src/rest/rci/own-account.test.ts"],
	},
	{
		id: "users-unfiltered",
		goal: "S5",
		says: "the list of users shows those the caller may not view",
		edits: [{ file: "src/rest/rci/users.ts", find: 'ctx.visible("view", "user")', replace: '"every"' }],
		tests: ["src/rest/rci/users.test.ts"],
	},
	{
		id: "bags-unfiltered",
		goal: "S5",
		says: "the lists of groups and roles show those the caller may not view",
		edits: [{ file: "src/rest/rci/bags.ts", find: 'ctx.visible("view", kind.objectType)', replace: '"every"' }],
		tests: ["src/rest/rci/rights.test.ts"],
	},
	{
		id: "services-unfiltered",
		goal: "S5",
		says: "the list of messaging services shows those the caller may not view",
		edits: [
			{ file: "src/rest/rci/messaging-services.ts", find: 'ctx.visible("view", objectType)', replace: '"every"' },
		],
		tests: ["src/rest/rci/messaging-services.test.ts"],
	},
	{
		id: "members-unfiltered",
		goal: "S5",
		says: "lists of members show those the caller may not view",
		edits: [
			{ file: "src/rest/rci/memberships.ts", find: 'ctx.may("view", link.member, { id })', replace: 'id !== ""' },
		],
		tests: ["src/rest/rci/rights.test.ts"],
	},
	{
		id: "member-row-unguarded",
		goal: "S5",
		says: "a member is added without a right on that very member",
		edits: [
			{
				file: "src/rest/rci/memberships.ts",
				find: "ctx.demand(access, link.member, memberId);",
				replace: "void access;",
			},
		],
		tests: ["src/rest/rci/rights.test.ts"],
	},
	{
		id: "membership-hands-out",
		goal: "S5",
		says: "a membership hands out what the giver does not hold",
		edits: [
			{ file: "src/rest/rci/memberships.ts", find: "demandHeld(ctx, await grantsThrough(tx, bag));", replace: "" },
		],
		tests: ["src/rest/rci/rights.test.ts"],
	},
	{
		id: "rights-hand-out",
		goal: "S5",
		says: "a grant hands out what the giver does not hold",
		edits: [{ file: "src/rest/rci/rights.ts", find: "demandHeld(ctx, added(before, after));", replace: "" }],
		tests: ["src/rest/rci/rights.test.ts"],
	},
	{
		id: "parent-hands-out",
		goal: "S5",
		says: "a parent group hands out what the giver does not hold",
		edits: [
			{
				file: "src/rest/rci/bags.ts",
				find: 'demandHeld(ctx, await grantsThrough(tx, { kind: "userGroup", id: parent }));',
				replace: "",
			},
		],
		tests: ["src/rest/rci/rights.test.ts"],
	},
	{
		id: "parent-unguarded",
		goal: "S5",
		says: "a group is put below another without Manage members of that one",
		edits: [{ file: "src/rest/rci/bags.ts", find: 'ctx.demand("manageMembers", "userGroup", parent);', replace: "" }],
		tests: ["src/rest/rci/rights.test.ts"],
	},
	{
		id: "password-of-a-superior",
		goal: "S5",
		says: "who may modify users takes over somebody with more rights",
		edits: [
			{
				file: "src/rest/rci/handing-out.ts",
				find: "if (ctx.caller().userId !== userId) {",
				replace: 'if (ctx.caller().userId === "") {',
			},
		],
		tests: ["src/rest/rci/users.test.ts"],
	},
	{
		id: "last-administrator-leaves",
		goal: "S5",
		says: "the last administrator can be removed",
		edits: [
			{
				file: "src/rest/rci/handing-out.ts",
				find: "if (wasThere && !(await hasAdministrator(tx))) {",
				replace: "if (wasThere && (await hasAdministrator(tx)) === undefined) {",
			},
		],
		tests: ["src/rest/rci/users.test.ts"],
	},
	{
		id: "rows-of-any-service",
		goal: "S5",
		says: "one message, conversation or entry is shown whatever its service",
		edits: [
			{
				file: "src/rest/cmi/access.ts",
				find: 'if (!accesses.some((access) => ctx.may(access, "messagingService", { id: serviceId }))) {',
				replace: "if (accesses.length === 0) {",
			},
		],
		tests: ["src/rest/cmi/messages.test.ts", "src/rest/cmi/conversations.test.ts", "src/rest/cmi/quarantine.test.ts"],
	},
	{
		id: "lists-of-any-service",
		goal: "S5",
		says: "lists show rows of services the caller may not read",
		edits: [
			{
				file: "src/rest/cmi/access.ts",
				find: 'return lists.includes("every") ? "every" : [...new Set(lists.flat())];',
				replace: 'return lists.length > 0 ? "every" : [];',
			},
		],
		tests: ["src/rest/cmi/messages.test.ts", "src/rest/cmi/conversations.test.ts", "src/rest/cmi/quarantine.test.ts"],
	},
	{
		id: "named-service-unfiltered",
		goal: "S5",
		says: "a service named in a query is shown although it is not visible",
		edits: [{ file: "src/rest/cmi/access.ts", find: "ids.filter((id) => visible.includes(id))", replace: "ids" }],
		tests: ["src/rest/cmi/messages.test.ts", "src/rest/cmi/conversations.test.ts", "src/rest/cmi/quarantine.test.ts"],
	},
	{
		id: "send-by-any-service",
		goal: "S5",
		says: "a message is sent by a service on which the caller does not hold Messaging",
		edits: [
			{
				file: "src/rest/cmi/access.ts",
				find: 'found.filter(({ id }) => ctx.may(access, "messagingService", { id }))',
				replace: "found",
			},
		],
		tests: ["src/rest/cmi/send-message.test.ts"],
	},
	{
		id: "sealed-request-unguarded",
		goal: "S5",
		says: "a refused request is opened without Modify on its service",
		edits: [
			{
				file: "src/rest/cmi/quarantine.ts",
				find: 'ctx.demand("modify", "messagingService", entry.serviceId);',
				replace: "",
			},
		],
		tests: ["src/rest/cmi/quarantine.test.ts"],
	},
	{
		id: "unstated-fields",
		goal: "S5",
		says: "an answer shows fields that its schema does not state",
		edits: [
			{
				file: "src/rest/answers.ts",
				find: "body: serialise(answer.body)",
				replace: "body: JSON.stringify(answer.body)",
			},
		],
		tests: ["src/rest/serve.test.ts"],
	},
	{
		id: "stream-outlives-right",
		goal: "S5",
		says: "an open stream of events goes on after the right to read was taken away",
		edits: [
			{
				file: "src/rest/serve.ts",
				find: "callerStill(route, knockOf(request), deps)",
				replace: "Promise.resolve(call.principal)",
			},
		],
		tests: ["src/rest/cmi/events.test.ts"],
	},
];
