// `/widget.js`: one script tag on somebody's page. It shows a button and, when asked, our frame; page and frame speak by
// messages whose origin both check. Nothing here throws into the page, and nothing of the visitor is kept in it.

(() => {
	type Details = { state: string; unread: number };
	type Hear = (event: { type: string; detail: unknown }) => void;

	const script = document.currentScript as HTMLScriptElement | null;
	if (script === null || document.getElementById("parley-widget") !== null) {
		return;
	}
	const base = new URL("./", script.src);
	const texts = /^de\b/i.test(script.dataset["language"] ?? navigator.language)
		? { open: "Chat öffnen", close: "Chat schließen", title: "Chat", unread: "ungelesene Nachrichten" }
		: { open: "Open chat", close: "Close chat", title: "Chat", unread: "unread messages" };
	const hearers = new Map<string, Set<Hear>>();
	const waiting: unknown[] = [];
	let isReady = false;
	let isOpen = false;
	let details: Details = { state: "none", unread: 0 };

	const host = document.createElement("div");
	host.id = "parley-widget";
	const shadow = host.attachShadow({ mode: "open" });
	const sheet = new CSSStyleSheet();
	sheet.replaceSync(`
		:host { all: initial; }
		button { position: fixed; inset-block-end: 1rem; inset-inline-end: 1rem; inline-size: 3.5rem; block-size: 3.5rem;
			border-radius: 50%; border: 0; background: #1c5f8a; color: #fff; font: 600 1.25rem system-ui; cursor: pointer;
			z-index: 2147483000; box-shadow: 0 2px 8px #0006; }
		button:focus-visible { outline: 3px solid #fff; outline-offset: -6px; }
		iframe { position: fixed; inset-block-end: 5.25rem; inset-inline-end: 1rem; inline-size: min(24rem, calc(100vw - 2rem));
			block-size: min(36rem, calc(100vh - 6.5rem)); border: 1px solid #8888; border-radius: 12px; background: Canvas;
			z-index: 2147483000; color-scheme: light dark; }
		:host([data-dock="top"]) button { inset-block: 1rem auto; }
		:host([data-dock="top"]) iframe { inset-block: 5.25rem auto; }
		iframe[hidden] { display: none; }
		@media (max-width: 30rem) { iframe { inset: 0 0 5rem 0; inline-size: 100vw; block-size: calc(100vh - 5rem); border-radius: 0; } }
	`);
	shadow.adoptedStyleSheets = [sheet];
	const button = document.createElement("button");
	button.type = "button";
	const frame = document.createElement("iframe");
	frame.title = texts.title;
	frame.hidden = true;
	frame.allow = "clipboard-write";
	shadow.append(frame, button);

	function show(wanted: boolean): void {
		isOpen = wanted;
		frame.hidden = !isOpen;
		draw();
		if (isOpen) {
			load();
			frame.focus();
			post({ type: "shown" });
		}
	}

	function draw(): void {
		const { unread } = details;
		button.textContent = unread > 0 ? String(unread) : isOpen ? "×" : "💬";
		const what = isOpen ? texts.close : texts.open;
		button.setAttribute("aria-label", unread > 0 ? `${what} (${unread} ${texts.unread})` : what);
		button.setAttribute("aria-expanded", String(isOpen));
	}

	/** Only when somebody wants it: the page is not slowed down by what nobody uses. */
	function load(): void {
		if (frame.src === "") {
			frame.src = new URL("widget/", base).href;
		}
	}

	function post(message: unknown): void {
		if (isReady) {
			frame.contentWindow?.postMessage(message, base.origin);
		} else {
			waiting.push(message);
		}
	}

	function tell(type: string, detail: unknown): void {
		for (const hear of hearers.get(type) ?? []) {
			try {
				hear({ type, detail });
			} catch (error) {
				setTimeout(() => {
					throw error; // The page's own mistake, told where the page's mistakes are told.
				});
			}
		}
	}

	addEventListener("message", ({ source, origin, data }: MessageEvent) => {
		if (source !== frame.contentWindow || origin !== base.origin || typeof data !== "object" || data === null) {
			return;
		}
		const message = data as { type?: unknown; detail?: unknown };
		if (message.type === "frameReady") {
			isReady = true;
			waiting.splice(0).forEach(post);
			tell("ready", undefined);
		} else if (message.type === "details") {
			details = message.detail as Details;
			draw();
		} else if (message.type === "close") {
			show(false);
			button.focus();
		} else if (typeof message.type === "string") {
			tell(message.type, message.detail);
		}
	});
	button.addEventListener("click", () => show(!isOpen));

	const set = (name: string) => (value: unknown) => post({ type: "set", name, value });
	const api = {
		startChat(): void {
			show(true);
			post({ type: "start" });
		},
		setQueues: set("queues"),
		setUser: (name: unknown, email: unknown) => post({ type: "set", name: "user", value: { name, email } }),
		setCad: set("cad"),
		/** `{id, name, email, issuedAt, expiresAt, signature}`, signed by the site's own server. */
		identify: set("identity"),
		attachEvent(type: string, hear: Hear): void {
			hearers.set(type, (hearers.get(type) ?? new Set()).add(hear));
			if (type === "ready" && isReady) {
				hear({ type, detail: undefined });
			}
		},
		detachEvent(type: string, hear: Hear): void {
			hearers.get(type)?.delete(hear);
		},
		getDetails: (callback: (value: Details) => void) => callback(details),
		exit: () => post({ type: "exit" }),
		destroy: () => host.remove(),
		dockContainer(where: string): void {
			host.setAttribute("data-dock", where === "top" ? "top" : "bottom");
		},
		setLogLevel: () => undefined,
		downloadLogs: () => undefined,
	};
	const queue = script.dataset["queue"];
	if (queue !== undefined) {
		api.setQueues([{ address: queue }]);
	}
	set("language")(script.dataset["language"] ?? navigator.language);
	Object.assign(window, { cvc: api, parley: api });
	draw();
	const mount = () => document.body.append(host);
	if (document.body === null) {
		addEventListener("DOMContentLoaded", mount);
	} else {
		mount();
	}
})();
