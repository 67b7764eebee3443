// Faults of the panel in pages of other sites, by which strangers would work with an agent's session (goal S11).

import type { Mutant } from "./mutant.ts";

const panel = (id: string, says: string, [file, find, replace]: readonly [string, string, string]): Mutant => ({
	id,
	goal: "S11",
	says,
	edits: [{ file, find, replace }],
	tests: ["test/e2e/web-panel.test.ts"],
});

const commands = "src/web/desk/host-commands.ts";

export const mutants: readonly Mutant[] = [
	panel("panel-in-any-page", "A page that is not on the list shows the panel", [
		"src/rest/pages.ts",
		`{ in: ["'self'", ...hosts], hosts }`,
		`{ in: ["*"], hosts }`,
	]),
	panel("panel-hears-any-origin", "The panel does what a page asks that is not on the list", [
		commands,
		"source === parent && hosts.includes(origin)",
		'source === parent && origin !== ""',
	]),
	panel("panel-hears-any-window", "The panel does what another frame asks of the page that shows it", [
		commands,
		"source === parent && hosts.includes(origin)",
		"source !== null && hosts.includes(origin)",
	]),
];
