// What a test takes from the command line: `node test/fault/kill9.test.ts --cycles 300 --seed 7`. Started by a gate, it
// has none and does the gate's share.

/** @returns the whole number after `--name`, or `otherwise`; a value that is none ends the run, so that nobody believes a typo */
export function numberFlag(name: string, otherwise: number): number {
	const place = process.argv.findIndex((word) => word === `--${name}` || word.startsWith(`--${name}=`));
	if (place === -1) {
		return otherwise;
	}
	const given = process.argv[place]?.split("=")[1] ?? process.argv[place + 1] ?? "";
	const number = Number(given);
	if (!/^\d+$/.test(given) || !Number.isSafeInteger(number)) {
		throw new Error(`--${name} takes a whole number, not "${given}".`);
	}
	return number;
}

/** The seed of everything random in a test: `--seed N`, or the fixed one. To be printed in the test's name. */
export function seedFlag(otherwise = 20260101): number {
	return numberFlag("seed", otherwise);
}
