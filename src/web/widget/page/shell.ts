// The button and the dialog with our frame, in the page of somebody else. On a small screen the dialog is the only thing one
// can reach; on a large one the page stays there beside it.

import type { ToFrame, ToPage } from "../messages.ts";
import { smallScreen, style } from "./style.ts";
import { type ButtonTexts, buttonTextsFor } from "./texts.ts";

export type Shell = {
	show(isShown: boolean): void;
	/** As it was on the page before: without taking the focus, and not where it would be all there is. */
	showAgain(): void;
	isShown(): boolean;
	/** Makes the frame without showing it. */
	load(): void;
	post(message: ToFrame): void;
	unread(count: number): void;
	language(tag: string): void;
	dock(where: string): void;
	remove(): void;
};

export type ShellEvents = { told(message: ToPage): void; shown(isShown: boolean): void };

/** What the frame needs, and nothing besides: forms and scripts of its own, its storage, files and links that are opened. */
const sandbox =
	"allow-scripts allow-same-origin allow-forms allow-downloads allow-popups allow-popups-to-escape-sandbox";

const bubble = "M4 5h16v11H11l-5 4v-4H4z";
const cross = "M6 6l12 12M18 6L6 18";

export function openShell(base: URL, events: ShellEvents): Shell {
	const parts = makeParts();
	const { host, dialog, frame, launcher, announcement } = parts;
	const small = matchMedia(smallScreen);
	let texts = buttonTextsFor("en");
	let unread = 0;

	const draw = (): void => drawParts(parts, texts, unread);
	const open = (): void => (small.matches ? dialog.showModal() : dialog.show());
	const load = (): void => {
		if (frame.src === "") {
			frame.src = new URL("widget/", base).href;
		}
	};
	const show = (isShown: boolean): void => {
		if (isShown === dialog.open) {
			return;
		}
		if (isShown) {
			load();
			open();
			frame.focus();
		} else {
			dialog.close();
			launcher.focus();
		}
		draw();
		events.shown(isShown);
	};
	const showAgain = (): void => {
		if (!small.matches) {
			load();
			dialog.open = true;
			draw();
		}
	};
	const fit = (): void => {
		if (dialog.open) {
			dialog.close();
			open();
		}
	};
	const stopListening = listenTo(frame, base.origin, events.told);
	launcher.addEventListener("click", () => show(!dialog.open));
	small.addEventListener("change", fit);
	draw();
	mount(host);
	return {
		show,
		showAgain,
		isShown: () => dialog.open,
		load,
		post: (message) => frame.contentWindow?.postMessage(message, base.origin),
		unread(count) {
			// Said once for each that comes, and only where nobody sees it come.
			announcement.textContent = count > unread && !dialog.open ? texts.unread(count) : announcement.textContent;
			unread = count;
			draw();
		},
		language(tag) {
			texts = buttonTextsFor(tag);
			draw();
		},
		dock: (where) => host.setAttribute("data-dock", where),
		remove() {
			stopListening();
			small.removeEventListener("change", fit);
			host.remove();
		},
	};
}

type Parts = ReturnType<typeof makeParts>;

function drawParts({ dialog, frame, launcher, name, badge, path }: Parts, texts: ButtonTexts, unread: number): void {
	const what = dialog.open ? texts.close : texts.open;
	name.textContent = unread > 0 ? `${what} (${texts.unread(unread)})` : what;
	launcher.setAttribute("aria-expanded", String(dialog.open));
	path.setAttribute("d", dialog.open ? cross : bubble);
	badge.textContent = String(Math.min(unread, 99));
	badge.hidden = unread === 0;
	dialog.setAttribute("aria-label", texts.title);
	frame.title = texts.title;
}

/** Gives what stops it. */
function listenTo(frame: HTMLIFrameElement, from: string, told: (message: ToPage) => void): () => void {
	const hear = ({ source, origin, data }: MessageEvent): void => {
		const isOurs = source !== null && source === frame.contentWindow && origin === from;
		if (isOurs && typeof data === "object" && data !== null) {
			told(data as ToPage);
		}
	};
	addEventListener("message", hear);
	return () => removeEventListener("message", hear);
}

function makeParts() {
	const host = document.createElement("div");
	host.id = "parley-widget";
	const shadow = host.attachShadow({ mode: "open" });
	const sheet = new CSSStyleSheet();
	sheet.replaceSync(style);
	shadow.adoptedStyleSheets = [sheet];
	const dialog = document.createElement("dialog");
	const frame = document.createElement("iframe");
	frame.setAttribute("sandbox", sandbox);
	frame.allow = "";
	frame.referrerPolicy = "no-referrer";
	dialog.append(frame);
	const launcher = document.createElement("button");
	launcher.type = "button";
	launcher.className = "launcher";
	launcher.setAttribute("aria-haspopup", "dialog");
	const badge = document.createElement("span");
	badge.className = "badge";
	badge.setAttribute("aria-hidden", "true");
	const name = document.createElement("span");
	name.className = "unseen";
	const { picture, path } = makePicture();
	launcher.append(picture, name, badge);
	const announcement = document.createElement("div");
	announcement.className = "unseen";
	announcement.setAttribute("role", "status");
	dialog.addEventListener("cancel", (event) => {
		event.preventDefault();
		launcher.click();
	});
	shadow.append(launcher, dialog, announcement);
	return { host, dialog, frame, launcher, name, badge, announcement, path };
}

function makePicture() {
	const namespace = "http://www.w3.org/2000/svg";
	const picture = document.createElementNS(namespace, "svg");
	picture.setAttribute("viewBox", "0 0 24 24");
	picture.setAttribute("aria-hidden", "true");
	const path = document.createElementNS(namespace, "path");
	picture.append(path);
	return { picture, path };
}

function mount(host: HTMLElement): void {
	// A script in the head runs before there is a body.
	const { body } = document as { body: HTMLElement | null };
	if (body === null) {
		addEventListener("DOMContentLoaded", () => document.body.append(host), { once: true });
	} else {
		body.append(host);
	}
}
