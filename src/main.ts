// The command line: finds the command, reads the settings, runs it. Everything else is composed in `commands/`.

import { existsSync, readFileSync } from "node:fs";
import { commands } from "#commands/commands.ts";

const [name = "serve", ...rest] = process.argv.slice(2);
process.exitCode = await run(name, rest);

async function run(commandName: string, argv: readonly string[]): Promise<number> {
	if (commandName === "--help" || commandName === "help") {
		process.stdout.write(overview());
		return 0;
	}
	const command = commands[commandName];
	if (command === undefined) {
		process.stderr.write(`There is no command "${commandName}". "parley --help" lists them.\n`);
		return 2;
	}
	if (argv.includes("--help")) {
		process.stdout.write(`parley ${command.usage}\n\n${command.summary}\n`);
		return 0;
	}
	process.on("unhandledRejection", endForBug);
	return command.run({
		argv,
		env: process.env,
		readFile: (path) => (existsSync(path) ? readFileSync(path, "utf8") : undefined),
		say: (line) => process.stdout.write(`${line}\n`),
		complain: (line) => process.stderr.write(`${line}\n`),
		onStop: (stop) => stopOnSignals(stop),
	});
}

/** The first signal drains, the second ends at once. */
function stopOnSignals(stop: () => Promise<void>): void {
	let isStopping = false;
	for (const signal of ["SIGTERM", "SIGINT"] as const) {
		process.on(signal, () => {
			if (isStopping) {
				process.exit(1);
			}
			isStopping = true;
			stop().then(() => process.exit(0), endForBug);
		});
	}
}

/** Nobody knows what a bug left behind: end, and recover from what is stored. */
function endForBug(error: unknown): void {
	const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
	process.stderr.write(`Parley ends after an error that nobody expected: ${text}\n`);
	process.exit(1);
}

function overview(): string {
	const lines = Object.values(commands).map(({ usage, summary }) => `  ${usage.padEnd(34)} ${summary}`);
	return `parley <command>\n\n${lines.join("\n")}\n\nEvery command has --help. Settings: docs/operations/settings.md\n`;
}
