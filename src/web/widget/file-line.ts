// A file in what was said: a button that saves it. Pictures show themselves in it once they are on the screen. The browser
// can fetch none of them by itself: it sends no session with it.

import { make } from "./dom.ts";
import { keepEnd } from "./keep-end.ts";
import type { FileRef } from "./lines.ts";
import { saveFile } from "./save-file.ts";
import { fill, type Texts } from "./texts.ts";
import { download } from "./visitor.ts";

export function fileElement(file: FileRef, texts: Texts): HTMLElement {
	const { id, filename, picture } = file;
	const trouble = make("small", { class: "trouble", role: "alert" });
	let fetched: Promise<Blob> | undefined;
	const fetchIt = (): Promise<Blob> => {
		fetched ??= download(id);
		fetched.catch(() => (fetched = undefined)); // Asked for again with the next wish.
		return fetched;
	};
	const save = (): void => {
		fetchIt().then(
			(bytes) => {
				trouble.textContent = "";
				saveFile(filename, bytes);
			},
			() => {
				trouble.textContent = fill(texts.fileLost, { name: filename });
			},
		);
	};
	const button = make("button", { type: "button", class: "file", click: save }, filename);
	if (picture !== undefined) {
		onceSeen(button, () => {
			// What cannot be shown keeps its name, and can be tried by hand.
			fetchIt()
				.then((bytes) => showIn(button, new Blob([bytes], { type: picture }), filename))
				.catch(() => undefined);
		});
	}
	return make("span", {}, button, trouble);
}

function onceSeen(element: Element, then: () => void): void {
	const observer = new IntersectionObserver((entries) => {
		if (entries.some(({ isIntersecting }) => isIntersecting)) {
			observer.disconnect();
			then();
		}
	});
	observer.observe(element);
}

async function showIn(button: HTMLElement, bytes: Blob, alt: string): Promise<void> {
	const src = URL.createObjectURL(bytes);
	const image = make("img", { src, alt });
	try {
		await image.decode();
		const log = button.closest(".log");
		const show = (): void => button.replaceChildren(image);
		if (log === null) {
			show();
		} else {
			keepEnd(log, show);
		}
	} finally {
		URL.revokeObjectURL(src);
	}
}
