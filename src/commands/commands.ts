// Every command by its name.

import { readSettings, type Settings } from "#settings";

export type CommandInput = {
	/** What stands behind the command's name. */
	argv: readonly string[];
	env: Readonly<Record<string, string | undefined>>;
	readFile(path: string): string | undefined;
	/** A line for whoever reads the output. */
	say(line: string): void;
	/** A line for whoever has to mend something. */
	complain(line: string): void;
	/** What to do when the process is told to end. */
	onStop(stop: () => Promise<void>): void;
};

/** Exit codes: 0 done, 1 it did not work, 2 it was called wrongly. */
export type ExitCode = 0 | 1 | 2;

export type Command = {
	usage: string;
	summary: string;
	run(input: CommandInput): Promise<ExitCode>;
};

export const commands: Readonly<Record<string, Command>> = {
	serve: {
		usage: "serve [--<setting> <value> …]",
		summary: "Runs the servers; the first start prints the address that makes the first administrator.",
		run: async (input) => (await import("./serve-command.ts")).run(input),
	},
	demo: {
		usage: "demo [--keep]",
		summary: "Shows the whole way of a message for every service type, against built-in provider simulators.",
		run: async (input) => (await import("./demo.ts")).run(input),
	},
	simulate: {
		usage: "simulate <type> [--port N]",
		summary: "Runs one provider simulator and prints what to enter in Parley.",
		run: async (input) => (await import("./simulate.ts")).run(input),
	},
	check: {
		usage: "check [--settings] [--json]",
		summary: "The doctor: settings, data directory, key ring, database, clock, ports, one line each with the fix.",
		run: async (input) => (await import("./check.ts")).run(input),
	},
	verify: {
		usage: "verify [--json]",
		summary: "Checks the database: integrity, conservation of messages, the audit chain, that every secret opens.",
		run: async (input) => (await import("./verify.ts")).run(input),
	},
	user: {
		usage: "user add|reset|list …",
		summary: "Makes a user, sets a password anew, or lists users, on the host itself.",
		run: async (input) => (await import("./user.ts")).run(input),
	},
};

/** The settings, or undefined after telling what is wrong with them. `own`: options that belong to the command. */
export function settingsFor(input: CommandInput, argv: readonly string[] = input.argv): Settings | undefined {
	const read = readSettings({ argv, env: input.env, readFile: (path) => input.readFile(path) });
	if (read.ok) {
		return read.settings;
	}
	for (const error of read.errors) {
		input.complain(error);
	}
	return undefined;
}
