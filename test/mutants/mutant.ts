// A mutant is a fault put into the code on purpose, to see that the test that claims to catch it turns red. The lists
// beside this file are applied one at a time, in a copy of the repository, by `npm run mutants`.

export type Mutant = {
	/** Short, kebab-case, unique among all mutants: `ack-before-commit`. */
	id: string;
	/** The goal whose test must catch it, as in docs/operations/proof.md: `R1`, `S7`. */
	goal: string;
	/** What is wrong now, in one sentence, for the table in the docs. */
	says: string;
	/** Each replaces one place. `find` must occur exactly once in the file, or the list is out of date and the gate says so. */
	edits: readonly { file: string; find: string; replace: string }[];
	/** Runs in the copy, from its root; must end with a code other than 0. Without it: `node --test <tests>`. */
	tests: readonly string[];
	/** Only these tests of the files, as `--test-name-pattern`. */
	only?: string;
	/** Arguments of the test file itself, such as `--cycles 3`; the file is then started without a runner. */
	flags?: readonly string[];
};
