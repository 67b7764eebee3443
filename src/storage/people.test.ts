import assert from "node:assert/strict";
import type { UserId } from "#domain/ids.ts";
import type { Grant } from "#domain/rights.ts";
import { seededRandom, testClock } from "#test/scene.ts";
import { onBothDialects } from "#test/storage-on-both.ts";
import { idsFrom } from "#platform/ids.ts";
import {
	addMember,
	deleteBag,
	findBag,
	findBagByName,
	giveRole,
	groupIdsOf,
	insertBag,
	isOrBelow,
	listBags,
	memberIds,
	parentIds,
	parentsByGroup,
	removeMember,
	replaceParents,
	roleHolders,
	roleIdsOf,
	takeRole,
	updateBag,
} from "./bags.ts";
import { deleteGrantsOn, effectiveGrants, grantsOf, grantsThrough, replaceGrants, usersHolding } from "./grants.ts";
import type { ListRequest } from "./list.ts";
import { namesOf } from "./names.ts";
import { objectExists } from "./object-exists.ts";
import {
	type UserFields,
	countUsers,
	deleteUser,
	findCredentials,
	findUser,
	insertUser,
	listUsers,
	updateUser,
} from "./people.ts";
import { isUniqueViolation } from "./unique.ts";
import type { Storage } from "./storage.ts";

const clock = testClock();
const ids = idsFrom(clock, seededRandom(3));
const at = clock.now();

const ada: UserFields = {
	firstName: "Ada",
	surname: "Byron",
	login: "Ada.Byron",
	externalUser: false,
	enabled: true,
	email: "ada@example.org",
	title: null,
	location: null,
	phone: null,
	uiLanguage: null,
	timeZone: null,
	externalId: null,
};

async function addUser(storage: Storage, fields: Partial<UserFields> = {}): Promise<UserId> {
	const id = ids.next<UserId>();
	const password = { kind: "person", hash: "phc" } as const;
	const user = { id, fields: { ...ada, login: `user${id}`, ...fields }, password, at };
	await storage.write((tx) => insertUser(tx, user));
	return id;
}

async function addBag(storage: Storage, table: "user_groups" | "roles", name: string): Promise<string> {
	const id = ids.next();
	await storage.write((tx) => insertBag(tx, table, { id, fields: { name, description: "" }, at }));
	return id;
}

const page: ListRequest = { limit: 100, offset: 0, sort: [], filters: [], only: "every" };
const viewUsers: Grant = { objectType: "user", objectId: null, access: ["view"] };

onBothDialects("a user is stored, read, changed by version and deleted", async (open) => {
	const storage = await open();
	const id = await addUser(storage, { login: "Ada.Byron" });
	const user = await findUser(storage.db, id);
	assert.deepEqual(user, {
		...ada,
		id,
		passwordKind: "person",
		passwordChangedAt: at,
		passwordIsInitial: false,
		secondFactorAt: null,
		version: 1,
		createdAt: at,
		updatedAt: at,
	});
	assert.equal((await findCredentials(storage.db, { login: "ADA.BYRON" }))?.id, id);
	assert.equal(await findCredentials(storage.db, { login: "nobody" }), undefined);
	const mac = new Uint8Array(32).fill(7);
	const change = {
		id,
		version: 1,
		fields: { ...ada, enabled: false },
		password: { kind: "machine", mac },
		at,
	} as const;
	assert.equal(await storage.write((tx) => updateUser(tx, change)), true);
	assert.equal(await storage.write((tx) => updateUser(tx, change)), false, "the version is another one by now");
	const credentials = await findCredentials(storage.db, { id });
	assert.equal(credentials?.passwordHash, null);
	assert.deepEqual(Buffer.from(credentials?.machineSecret ?? []), Buffer.from(mac));
	assert.deepEqual([credentials?.enabled, credentials?.version], [false, 2]);
	await storage.write((tx) => deleteUser(tx, id));
	assert.equal(await countUsers(storage.db), 0);
});

onBothDialects("logon names are unique without regard to case", async (open) => {
	const storage = await open();
	await addUser(storage, { login: "Ada" });
	await assert.rejects(addUser(storage, { login: "aDA" }), (error) => isUniqueViolation(error));
	assert.equal(isUniqueViolation(new Error("other")), false);
	assert.equal(isUniqueViolation("text"), false);
});

onBothDialects("lists filter by pattern, sort, page and show only what may be seen", async (open) => {
	const storage = await open();
	const zoe = await addUser(storage, { firstName: "Zoë", login: "z100%" });
	const adas = await addUser(storage, { firstName: "Ada", login: "a_1" });
	const bob = await addUser(storage, { firstName: "bob", login: "b21", email: null });
	const list = async (request: Partial<ListRequest>) =>
		(await listUsers(storage.db, { ...page, ...request })).map(({ id }) => id);
	const by = (column: string, pattern: string) => list({ filters: [{ column, pattern }] });
	assert.deepEqual(await by("first_name", "ADA"), [adas]);
	assert.deepEqual(await by("first_name", "*o*"), [zoe, bob]);
	assert.deepEqual(await by("login", "?_1"), [adas], "an underscore is an underscore");
	assert.deepEqual(await by("login", "b??"), [bob]);
	assert.deepEqual(await by("login", "*%"), [zoe], "a percent sign is a percent sign");
	assert.deepEqual(await by("login", "!"), []);
	assert.deepEqual(await by("login", "' OR 1=1 --"), []);
	assert.deepEqual(await by("email", "*"), [zoe, adas]);
	assert.deepEqual(await list({ sort: [{ column: "first_name", descending: false }] }), [adas, bob, zoe]);
	assert.deepEqual(await list({ sort: [{ column: "first_name", descending: true }] }), [zoe, bob, adas]);
	assert.deepEqual(await list({ limit: 1, offset: 1 }), [adas]);
	assert.deepEqual(await list({ only: [bob] }), [bob]);
	assert.deepEqual(await list({ only: [] }), []);
});

onBothDialects(
	"groups and roles are stored, found by name, changed by version and deleted with their grants",
	async (open) => {
		const storage = await open();
		for (const table of ["user_groups", "roles"] as const) {
			const id = await addBag(storage, table, "Agents");
			const kind = table === "roles" ? "role" : "userGroup";
			await assert.rejects(addBag(storage, table, "AGENTS"), (error) => isUniqueViolation(error));
			assert.equal((await findBagByName(storage.db, table, "agents"))?.id, id);
			const fields = { name: "Night", description: "late" };
			assert.equal(await storage.write((tx) => updateBag(tx, table, { id, version: 1, fields, at })), true);
			assert.equal(await storage.write((tx) => updateBag(tx, table, { id, version: 1, fields, at })), false);
			assert.deepEqual(
				(await listBags(storage.db, table, page)).map(({ name, version }) => [name, version]),
				[["Night", 2]],
			);
			assert.equal(await objectExists(storage.db, kind, id), true);
			await storage.write((tx) => replaceGrants(tx, { kind, id }, [viewUsers], () => ids.next()));
			await storage.write((tx) => deleteBag(tx, table, id));
			assert.equal(await findBag(storage.db, table, id), undefined);
			assert.deepEqual(await grantsOf(storage.db, { kind, id }), []);
			assert.equal(await objectExists(storage.db, kind, id), false);
		}
		assert.equal(await objectExists(storage.db, "smsServer", ids.next()), false);
	},
);

onBothDialects("memberships and roles are added once, listed from both sides and removed", async (open) => {
	const storage = await open();
	const user = await addUser(storage);
	const group = await addBag(storage, "user_groups", "g");
	const role = await addBag(storage, "roles", "r");
	const holder = { kind: "user", id: user } as const;
	for (const _twice of [1, 2]) {
		await storage.write((tx) => addMember(tx, group, user));
		await storage.write((tx) => giveRole(tx, role, holder));
	}
	assert.deepEqual([await memberIds(storage.db, group), await groupIdsOf(storage.db, user)], [[user], [group]]);
	assert.deepEqual([await roleHolders(storage.db, role), await roleIdsOf(storage.db, holder)], [[holder], [role]]);
	assert.equal(await storage.write((tx) => removeMember(tx, group, user)), true);
	assert.equal(await storage.write((tx) => removeMember(tx, group, user)), false);
	assert.equal(await storage.write((tx) => takeRole(tx, role, holder)), true);
	assert.equal(await storage.write((tx) => takeRole(tx, role, holder)), false);
	assert.deepEqual([...(await namesOf(storage.db, "user", [user, "x"]))], [[user, "Ada Byron"]]);
	assert.deepEqual([...(await namesOf(storage.db, "role", [role]))], [[role, "r"]]);
	assert.deepEqual([...(await namesOf(storage.db, "userGroup", []))], []);
});

/** user ∈ team < department < company; the role is held by the company, and has a grant. */
async function nested(storage: Storage) {
	const user = await addUser(storage);
	const [team, department, company] = [
		await addBag(storage, "user_groups", "team"),
		await addBag(storage, "user_groups", "department"),
		await addBag(storage, "user_groups", "company"),
	];
	const role = await addBag(storage, "roles", "role");
	await storage.write(async (tx) => {
		await addMember(tx, team, user);
		await replaceParents(tx, team, [department]);
		await replaceParents(tx, department, [company]);
		await giveRole(tx, role, { kind: "userGroup", id: company });
		await replaceGrants(tx, { kind: "role", id: role }, [viewUsers], () => ids.next());
	});
	return { user, team, department, company, role };
}

onBothDialects(
	"effective grants are one's own, those of groups and the groups above, and those of their roles",
	async (open) => {
		const storage = await open();
		const { user, team, department, company, role } = await nested(storage);
		const one: Grant = { objectType: "messagingService", objectId: ids.next(), access: ["use", "view"] };
		await storage.write(async (tx) => {
			await replaceGrants(tx, { kind: "user", id: user }, [one], () => ids.next());
			await replaceGrants(tx, { kind: "userGroup", id: department }, [viewUsers], () => ids.next());
		});
		const stranger = await addUser(storage);
		assert.deepEqual(await effectiveGrants(storage.db, stranger), []);
		assert.deepEqual(await effectiveGrants(storage.db, user), [
			{ ...one, holder: { kind: "user", id: user }, through: { kind: "user", id: user } },
			{ ...viewUsers, holder: { kind: "role", id: role }, through: { kind: "userGroup", id: company } },
			{ ...viewUsers, holder: { kind: "userGroup", id: department }, through: { kind: "userGroup", id: department } },
		]);
		assert.equal((await grantsThrough(storage.db, { kind: "userGroup", id: team })).length, 2);
		assert.equal((await grantsThrough(storage.db, { kind: "userGroup", id: company })).length, 1);
		assert.equal((await grantsThrough(storage.db, { kind: "role", id: role })).length, 1);
		await storage.write((tx) => deleteGrantsOn(tx, "messagingService", one.objectId ?? ""));
		assert.equal((await effectiveGrants(storage.db, user)).length, 2);
	},
);

onBothDialects("a circle of groups is found beforehand, and does no harm when it is there", async (open) => {
	const storage = await open();
	const { user, team, department, company } = await nested(storage);
	assert.equal(await isOrBelow(storage.db, team, company), true);
	assert.equal(await isOrBelow(storage.db, company, team), false);
	assert.equal(await isOrBelow(storage.db, team, team), true);
	assert.deepEqual(await parentIds(storage.db, team), [department]);
	assert.deepEqual((await parentsByGroup(storage.db)).get(department), [company]);
	await storage.write((tx) => replaceParents(tx, company, [team]));
	assert.equal((await effectiveGrants(storage.db, user)).length, 1);
	const holding = await usersHolding(storage.db, { objectType: "user", access: "view" });
	assert.deepEqual(
		holding.map(({ id }) => id),
		[user],
	);
});

onBothDialects(
	"who holds an access is found through every way, for all objects or one; disabled users are left out",
	async (open) => {
		const storage = await open();
		const { user, role } = await nested(storage);
		const serviceId = ids.next();
		const direct = await addUser(storage, { externalUser: true });
		const disabled = await addUser(storage, { enabled: false });
		const use: Grant = { objectType: "messagingService", objectId: serviceId, access: ["use"] };
		await storage.write(async (tx) => {
			await replaceGrants(tx, { kind: "user", id: direct }, [use], () => ids.next());
			await replaceGrants(tx, { kind: "user", id: disabled }, [use], () => ids.next());
			await replaceGrants(tx, { kind: "role", id: role }, [{ ...use, objectId: null }], () => ids.next());
		});
		const holding = async (objectId?: string) =>
			(
				await usersHolding(storage.db, {
					objectType: "messagingService",
					access: "use",
					...(objectId === undefined ? {} : { objectId }),
				})
			).map(({ id }) => id);
		assert.deepEqual(await holding(serviceId), [user, direct]);
		assert.deepEqual(await holding(), [user]);
		assert.deepEqual(await holding(ids.next()), [user]);
		const [, found] = await usersHolding(storage.db, {
			objectType: "messagingService",
			access: "use",
			objectId: serviceId,
		});
		assert.deepEqual([found?.externalUser, found?.hasPersonPassword], [true, true]);
	},
);

onBothDialects("a deleted user leaves no grant, role or membership behind", async (open) => {
	const storage = await open();
	const { user, team } = await nested(storage);
	const role = await addBag(storage, "roles", "own");
	const other = await addUser(storage);
	await storage.write(async (tx) => {
		await giveRole(tx, role, { kind: "user", id: user });
		await replaceGrants(tx, { kind: "user", id: user }, [viewUsers], () => ids.next());
		await replaceGrants(tx, { kind: "user", id: other }, [{ ...viewUsers, objectId: user }], () => ids.next());
		await deleteUser(tx, user);
	});
	assert.deepEqual(await memberIds(storage.db, team), []);
	assert.deepEqual(await roleHolders(storage.db, role), []);
	assert.deepEqual(await grantsOf(storage.db, { kind: "user", id: user }), []);
	assert.deepEqual(await grantsOf(storage.db, { kind: "user", id: other }), []);
});
