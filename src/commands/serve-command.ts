// `parley serve`: runs until it is told to end.

import { storageTrouble } from "#storage/trouble.ts";
import { type CommandInput, type ExitCode, settingsFor } from "./commands.ts";
import { serve } from "./serve.ts";
import { systemWith } from "./system.ts";
import { buildWebIfStale } from "./web-build.ts";

/** A connection that a caller did not use for so long is rarely the one it uses just when it is closed. */
const closingGraceMs = 500;

export async function run(input: CommandInput): Promise<ExitCode> {
	const settings = settingsFor(input);
	if (settings === undefined) {
		return 2;
	}
	try {
		await buildWebIfStale(input);
		const running = await serve(systemWith(settings), { closingGraceMs, hasSecondThread: true });
		input.onStop(() => running.stop());
		return 0;
	} catch (error) {
		input.complain(`Parley does not start: ${reasonOf(error)}`);
		return 1;
	}
}

function reasonOf(error: unknown): string {
	const message = error instanceof Error ? error.message : String(error);
	return storageTrouble(error) === "unavailable"
		? `The database does not answer (${message}). Check the setting database and start it.`
		: message;
}
