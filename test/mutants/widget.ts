// Faults of the visitor widget: what agents write that does something in a visitor's browser (goal S12), and pages or people
// who hear what is not theirs (S13).

import type { Mutant } from "./mutant.ts";

const states = "test/e2e/web-widget.test.ts";

export const mutants: readonly Mutant[] = [
	{
		id: "any-address-opens",
		goal: "S12",
		says: "A text may hold addresses of any kind that run when a visitor presses them",
		edits: [
			{ file: "src/web/realtime/links.ts", find: "text.matchAll(/https?:\\/\\/", replace: "text.matchAll(/[a-z]+:" },
		],
		tests: ["src/web/realtime/links.test.ts"],
	},
	{
		id: "proven-chat-for-anybody",
		goal: "S13",
		says: "Whoever sits at the browser next sees the chat of somebody who was proven",
		edits: [
			{
				file: "src/web/widget/wishes.ts",
				find: 'return who === null || who === identity?.["id"];',
				replace: 'return who === null || who !== identity?.["nobody"];',
			},
		],
		tests: ["src/web/widget/wishes.test.ts"],
	},
	{
		id: "page-hears-any-window",
		goal: "S13",
		says: "The page takes what any window says for what the widget's frame says",
		edits: [
			{
				file: "src/web/widget/page/shell.ts",
				find: "source !== null && source === frame.contentWindow && origin === from",
				replace: 'source !== null && from !== ""',
			},
		],
		tests: [states],
		only: "hear each other",
	},
	{
		id: "frame-hears-any-window",
		goal: "S13",
		says: "The widget's frame obeys windows that do not show it",
		edits: [
			{ file: "src/web/widget/host.ts", find: "if (source !== own.parent || ", replace: "if (source === null || " },
		],
		tests: ["src/web/widget/host.test.ts"],
	},
];
