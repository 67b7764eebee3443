// Every tidy gate by its name: a function from a tree to what is wrong with it.

import * as clockAndChance from "./clock-and-chance.ts";
import * as connectors from "./connectors.ts";
import * as dependencies from "./dependencies.ts";
import * as generated from "./generated.ts";
import * as imports from "./imports.ts";
import * as mutants from "./mutants.ts";
import * as names from "./names.ts";
import * as papers from "./papers.ts";
import * as sizes from "./sizes.ts";

export type Gate = { findings(root: string): readonly string[] };

export const gates: Readonly<Record<string, Gate>> = {
	imports,
	"clock-and-chance": clockAndChance,
	connectors,
	names,
	sizes,
	papers,
	dependencies,
	generated,
	mutants,
};
