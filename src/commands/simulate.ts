// `parley simulate <type>`: one provider simulator, until it is told to end; prints what an administrator would enter.

import { systemClock } from "#platform/clock.ts";
import { systemRandom } from "#platform/random.ts";
import { simulators } from "#simulators/simulators.ts";
import type { CommandInput, ExitCode } from "./commands.ts";

export async function run(input: CommandInput): Promise<ExitCode> {
	const [type = "", ...rest] = input.argv;
	const start = simulators[type];
	const port = portIn(rest);
	if (start === undefined || port === undefined) {
		input.complain(`Usage: parley simulate <type> [--port N]. Types: ${Object.keys(simulators).join(", ")}.`);
		return 2;
	}
	const simulator = await start({ clock: systemClock, random: systemRandom }, { port });
	input.onStop(() => simulator.close());
	input.say(
		`The ${type} simulator listens on ${simulator.origin}. Enter in Parley (and add the address to outboundAllow):`,
	);
	input.say(JSON.stringify({ type, ...simulator.account }, undefined, 2));
	return 0;
}

/** 0: any free one. Undefined: not a port. */
function portIn(argv: readonly string[]): number | undefined {
	if (argv.length === 0) {
		return 0;
	}
	const [option, value = ""] = argv;
	const port = /^\d{1,5}$/.test(value) ? Number(value) : Number.NaN;
	return option === "--port" && argv.length === 2 && port < 65_536 ? port : undefined;
}
