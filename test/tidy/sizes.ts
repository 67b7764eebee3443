// Sizes that lint does not measure: the length of files. (Functions, nesting and parameters are in .oxlintrc.json.)

import { codeUnder, lineCount, textOf } from "./source.ts";

const fileLinesMax = 400;
const rootLinesMax = 120;

export function findings(root: string): readonly string[] {
	return codeUnder(root, "src").flatMap((file) => {
		const max = file === "src/main.ts" ? rootLinesMax : fileLinesMax;
		const lines = lineCount(textOf(root, file));
		return lines > max ? [`${file} has ${lines} lines, at most ${max}: look for the second noun`] : [];
	});
}
