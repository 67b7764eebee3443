// The documentation page of the settings, made from the table.

import { environmentName, optionName } from "./settings-sources.ts";
import type { Setting } from "./settings-rules.ts";
import { settingsTable } from "./settings-table.ts";

const introduction = `# Settings

This page is generated from \`src/settings-table.ts\`; \`node tools/generate-settings-page.ts\` writes it anew.

A setting is looked for on the command line (\`--port 8081\`), then in the environment (\`PARLEY_PORT=8081\`), then in
\`parley.yaml\` (another file with \`--config F\` or \`PARLEY_CONFIG\`), and else has its default. In the file, a dot in a
name is a level: \`retry: { baseMs: 2000 }\`. Lists are written with commas, in the file also as YAML lists. Durations are
milliseconds, or a number with \`ms\`, \`s\`, \`m\`, \`h\` or \`d\`. An unknown name, or a value outside its bounds, stops the
start with a message that names the setting and the rule. Relative paths begin in the folder the process is started in.
`;

export function settingsPage(): string {
	const rows = settingsTable.map((setting: Setting) => {
		const names = `\`${setting.name}\`<br>\`${optionName(setting.name)}\`<br>\`${environmentName(setting.name)}\``;
		const cells = [names, typeCell(setting), defaultCell(setting), meaningCell(setting)];
		return `| ${cells.join(" | ")} |`;
	});
	return [introduction, "| setting | type | default | meaning |", "|---|---|---|---|", ...rows, ""].join("\n");
}

function typeCell({ type, min, max, choices }: Setting): string {
	if (choices !== undefined) {
		const words = choices.map((choice) => `\`${choice}\``).join(", ");
		return type === "list" ? `list of ${words}` : `one of ${words}`;
	}
	const name = type === "int" ? "whole number" : type;
	return min === undefined || max === undefined ? name : `${name}, ${shown(type, min)} to ${shown(type, max)}`;
}

function defaultCell(setting: Setting): string {
	const { type, defaultInWords } = setting;
	const value = setting.default;
	if (defaultInWords !== undefined) {
		return defaultInWords;
	}
	const text = typeof value === "object" ? value.join(",") : String(value);
	return text === "" ? "empty" : `\`${type === "duration" ? shown(type, Number(value)) : text}\``;
}

const units = [
	["d", 86_400_000],
	["h", 3_600_000],
	["m", 60_000],
	["s", 1000],
] as const;

/** A duration in the largest unit that is exact. */
function shown(type: Setting["type"], value: number): string {
	if (type !== "duration") {
		return String(value);
	}
	const unit = units.find(([, ms]) => value > 0 && value % ms === 0);
	return unit === undefined ? `${value}ms` : `${value / unit[1]}${unit[0]}`;
}

function meaningCell({ description, secret }: Setting): string {
	return secret === true ? `${description} Holds a secret; never shown.` : description;
}
