// `/widget.js`: one script tag on somebody's page. It shows a button and, when asked, our frame; page and frame speak by
// messages whose origin both check. Nothing here throws into the page, and nothing of the visitor is kept in it.

import { PageApi } from "./page/api.ts";
import { marksIn } from "./page/marks.ts";
import { openShell } from "./page/shell.ts";
import { queuesIn } from "./page/tag.ts";

type Waiting = { q?: readonly ArrayLike<unknown>[] };

try {
	const script = document.currentScript;
	if (script instanceof HTMLScriptElement && document.getElementById("parley-widget") === null) {
		begin(script);
	}
} catch (error) {
	reportError(error);
}

function begin(script: HTMLScriptElement): void {
	const base = new URL("./", script.src);
	const marks = marksIn(
		() => localStorage,
		() => sessionStorage,
	);
	const shell = openShell(base, {
		told: (message) => api.take(message),
		shown(isShown) {
			marks.open(isShown);
			api.shown(isShown);
		},
	});
	const api = new PageApi({ shell, report: reportError, remember: marks.chat });
	const { parley } = api;
	const { queue, language = navigator.language } = script.dataset;
	parley("language", language);
	parley("direction", getComputedStyle(document.documentElement).direction);
	if (queue !== undefined) {
		parley("queues", queuesIn(queue));
	}
	const { parley: before } = window as { parley?: Waiting };
	Object.assign(window, { parley, cvc: api.cvc() });
	for (const call of before?.q ?? []) {
		parley(...Array.from(call));
	}
	if (marks.isGoingOn() && marks.wasOpen()) {
		shell.showAgain();
	} else if (marks.isGoingOn()) {
		shell.load();
	}
}
