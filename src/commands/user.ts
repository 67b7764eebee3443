// `parley user add|reset|list`: people on the host itself, for a first account without a browser, a forgotten password or a
// lost second factor. A generated password is printed once, and must be changed where the authentication policy says so.
// Every change is in the audit log.

import { parseArgs } from "node:util";
import { administratorRoleId } from "#identity/bootstrap.ts";
import type { UserId } from "#domain/ids.ts";
import { passwordHasher } from "#platform/passwords.ts";
import { newSecret } from "#platform/random.ts";
import { silentLog } from "#platform/log.ts";
import { appendAudit, type Changes } from "#storage/audit.ts";
import { giveRole } from "#storage/bags.ts";
import { findCredentials, findUser, insertUser, listUsers, updateUser, type User } from "#storage/people.ts";
import { deleteSecondFactor } from "#storage/second-factors.ts";
import { deleteSessions } from "#storage/sessions.ts";
import { openStorage, type Storage, type Tx } from "#storage/storage.ts";
import { type CommandInput, type ExitCode, settingsFor } from "./commands.ts";
import { openVault } from "./open-vault.ts";
import { type System, systemWith } from "./system.ts";

const usage =
	"Usage: parley user add --login L --first-name F --last-name N [--administrator] | user reset --login L [--without-second-factor] | user list [--json]";

const options = {
	login: { type: "string" },
	"first-name": { type: "string" },
	"last-name": { type: "string" },
	administrator: { type: "boolean" },
	"without-second-factor": { type: "boolean" },
	json: { type: "boolean" },
	config: { type: "string" },
	"data-dir": { type: "string" },
} as const;

type Words = ReturnType<typeof parseArgs<{ options: typeof options }>>["values"];

export async function run(input: CommandInput): Promise<ExitCode> {
	const [verb = "", ...rest] = input.argv;
	const words = read(rest);
	const work = { add, reset, list }[verb];
	if (words === undefined || work === undefined) {
		input.complain(usage);
		return 2;
	}
	const settings = settingsFor(input, forSettings(words));
	if (settings === undefined) {
		return 2;
	}
	const storage = await openStorage(settings.database, () => undefined);
	try {
		return await work({ storage, system: systemWith(settings), words, input });
	} finally {
		await storage.close();
	}
}

function read(argv: string[]): Words | undefined {
	try {
		return parseArgs({ args: argv, options }).values;
	} catch (error) {
		if (error instanceof TypeError) {
			return undefined; // An unknown or incomplete option; the usage says which there are.
		}
		throw error;
	}
}

function forSettings(words: Words): string[] {
	return (["config", "data-dir"] as const).flatMap((name) => {
		const value = words[name];
		return value === undefined ? [] : [`--${name}`, value];
	});
}

type Work = { storage: Storage; system: System; words: Words; input: CommandInput };

async function list({ storage, words, input }: Work): Promise<ExitCode> {
	const users = await listUsers(storage.db, { limit: 1000, offset: 0, sort: [], filters: [], only: "every" });
	if (words.json === true) {
		input.say(
			JSON.stringify(
				users.map(({ id, login, firstName, surname, enabled }) => ({ id, login, firstName, surname, enabled })),
			),
		);
		return 0;
	}
	for (const { login, firstName, surname, enabled } of users) {
		input.say(`${login.padEnd(24)} ${firstName} ${surname}${enabled ? "" : " (disabled)"}`);
	}
	return 0;
}

async function add(work: Work): Promise<ExitCode> {
	const { storage, system, words, input } = work;
	const { login, "first-name": firstName, "last-name": surname } = words;
	if (login === undefined || firstName === undefined || surname === undefined) {
		input.complain(usage);
		return 2;
	}
	if ((await findByLogin(storage, login)) !== undefined) {
		input.complain(`There is a user ${login} already; "user reset" gives a new password.`);
		return 1;
	}
	const { password, hash } = await newPassword(system);
	const id = system.ids.next<UserId>();
	const at = system.clock.now();
	const nothing = { email: null, title: null, location: null, phone: null, uiLanguage: null, timeZone: null };
	const fields = { firstName, surname, login, externalUser: false, enabled: true, externalId: null, ...nothing };
	const audit = await auditor(work);
	await storage.write(async (tx) => {
		await insertUser(tx, { id, fields, password: { kind: "person", hash, isInitial: true }, at });
		if (words.administrator === true) {
			await giveRole(tx, await administratorRoleId(system, tx, at), { kind: "user", id });
		}
		await audit(tx, { id, login, action: "create", changes: { login: { after: login }, password: { after: "set" } } });
	});
	input.say(`User ${login} with the password ${password}`);
	return 0;
}

async function reset(work: Work): Promise<ExitCode> {
	const { storage, system, words, input } = work;
	const { login } = words;
	if (login === undefined) {
		input.complain(usage);
		return 2;
	}
	const user = await findByLogin(storage, login);
	if (user === undefined) {
		input.complain(`There is no user ${login}.`);
		return 1;
	}
	const { password, hash } = await newPassword(system);
	const audit = await auditor(work);
	const { id, version } = user;
	const at = system.clock.now();
	const isWritten = await storage.write(async (tx) => {
		const change = { id, version, fields: user, password: { kind: "person" as const, hash, isInitial: true }, at };
		if (!(await updateUser(tx, change))) {
			return false;
		}
		if (words["without-second-factor"] === true) {
			await deleteSecondFactor(tx, { id, version: version + 1 }, at);
			await audit(tx, { id, login, action: "removeSecondFactor", changes: { secondFactor: { after: "not set" } } });
		}
		await deleteSessions(tx, id);
		await audit(tx, { id, login, action: "resetPassword", changes: { password: { after: "set" } } });
		return true;
	});
	input.say(
		isWritten
			? `User ${login} has the new password ${password}`
			: "Somebody else changed this user just now; try again.",
	);
	return isWritten ? 0 : 1;
}

async function findByLogin({ db }: Storage, login: string): Promise<User | undefined> {
	const found = await findCredentials(db, { login });
	return found === undefined ? undefined : findUser(db, found.id);
}

async function newPassword(system: System): Promise<{ password: string; hash: string }> {
	const password = newSecret(system.random);
	return { password, hash: await passwordHasher({ atOnce: 1, waitingMax: 1 }).hash(password) };
}

type UserChange = { id: string; login: string; action: string; changes: Changes };

async function auditor({ storage, system }: Work): Promise<(tx: Tx, change: UserChange) => Promise<void>> {
	const { vault } = await openVault({ system, storage, log: silentLog, metrics: { alarm: () => undefined } });
	return (tx, { id, login, action, changes }) =>
		appendAudit(
			tx,
			{
				at: system.clock.now(),
				userId: null,
				actor: "command",
				via: "command",
				action,
				objectType: "user",
				objectId: id,
				objectName: login,
				changes,
			},
			(...pieces) => vault.mac("audit", ...pieces),
		);
}
