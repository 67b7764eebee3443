// Texts as Teams has them: HTML out, with everything that would be markup escaped; HTML in, turned into plain text. Not a
// sanitizer: what comes out of `toText` is text and is to be shown as text. Linear in the length of what comes in.

/** Line breaks stay, and so do spaces that HTML would swallow. */
export function toHtml(text: string): string {
	return text
		.replaceAll("&", "&amp;")
		.replaceAll("<", "&lt;")
		.replaceAll(">", "&gt;")
		.replaceAll(/\r\n?|\n/g, "<br>")
		.replaceAll("\t", " ".repeat(4))
		.replaceAll(/(^|<br>| ) /g, "$1\u00a0");
}

/** For a value between double quotes. */
export function toAttribute(text: string): string {
	return text.replaceAll("&", "&amp;").replaceAll('"', "&quot;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

const blocks = new Set(["blockquote", "div", "h1", "h2", "h3", "h4", "h5", "h6", "li", "ol", "p", "pre", "tr", "ul"]);
const hidden = new Set(["head", "script", "style", "title"]);

type Tag = { name: string; isEnd: boolean; source: string };

/** Paragraphs become lines, lists dashes, emojis their sign; a link is followed by its address where it hides it. */
export function toText(html: string): string {
	const out = new Lines();
	let links: { href: string; from: number }[] = [];
	for (const piece of pieces(html)) {
		if (typeof piece === "string") {
			out.say(decoded(piece));
		} else if (piece.name === "a") {
			links = piece.isEnd ? endOfLink(out, links) : [...links.slice(-9), { href: linkOf(piece), from: out.length }];
		} else {
			out.tag(piece);
		}
	}
	return out.whole();
}

function endOfLink(out: Lines, links: { href: string; from: number }[]): { href: string; from: number }[] {
	const link = links.at(-1);
	if (link !== undefined && link.href !== "" && !out.since(link.from).includes(link.href.replace(/\/$/, ""))) {
		out.say(` (${link.href})`);
	}
	return links.slice(0, -1);
}

function linkOf(tag: Tag): string {
	const href = attributeOf(tag, "href");
	return /^https?:\/\//i.test(href) ? href : "";
}

/** Texts and tags in turn. Comments, and what browsers do not show, are left out. */
function* pieces(html: string): Iterable<string | Tag> {
	let skippedIn: string | undefined;
	for (const piece of everything(html)) {
		if (skippedIn !== undefined) {
			const isItsEnd = typeof piece !== "string" && piece.isEnd && piece.name === skippedIn;
			skippedIn = isItsEnd ? undefined : skippedIn;
			continue;
		}
		yield piece;
		skippedIn = typeof piece !== "string" && !piece.isEnd && hidden.has(piece.name) ? piece.name : undefined;
	}
}

function* everything(html: string): Iterable<string | Tag> {
	for (let at = 0; at < html.length;) {
		const start = html.indexOf("<", at);
		if (start !== at) {
			yield html.slice(at, start === -1 ? html.length : start);
		}
		const end = start === -1 ? html.length : endOf(html, start);
		const tag = start === -1 ? undefined : tagOf(html.slice(start, end));
		if (tag !== undefined) {
			yield tag;
		}
		at = end;
	}
}

/** Of a tag or comment; what has none goes to the end of the text and is not shown. */
function endOf(html: string, start: number): number {
	const close = html.startsWith("<!--", start) ? "-->" : ">";
	const end = html.indexOf(close, start);
	return end === -1 ? html.length : end + close.length;
}

function tagOf(source: string): Tag | undefined {
	const [, end = "", name] = /^<(\/?)([A-Za-z][A-Za-z0-9:-]{0,40})/.exec(source) ?? [];
	return name === undefined ? undefined : { name: name.toLowerCase(), isEnd: end !== "", source };
}

/** The value between quotes; others do not occur in what Teams writes. */
export function attributeOf({ source }: Pick<Tag, "source">, name: string): string {
	const found = new RegExp(`\\s${name}\\s*=\\s*(?:"([^"]*)"|'([^']*)')`, "i").exec(source.slice(0, 4096));
	return decoded(found?.[1] ?? found?.[2] ?? "");
}

const named: Readonly<Record<string, string>> = {
	amp: "&",
	apos: "'",
	gt: ">",
	lt: "<",
	nbsp: "\u00a0",
	quot: '"',
};

/** References to characters (HTML section 13.5); the names are those that Teams writes. */
function decoded(text: string): string {
	return text.replaceAll(/&(?:#(\d{1,7})|#[xX]([0-9A-Fa-f]{1,6})|([a-z]{2,5}));/g, (whole, decimal, hex, name) => {
		if (typeof name === "string") {
			return Object.hasOwn(named, name) ? (named[name] ?? whole) : whole;
		}
		const point = typeof decimal === "string" ? Number(decimal) : Number.parseInt(String(hex), 16);
		return point > 0 && point <= 0x10_ff_ff && (point < 0xd8_00 || point > 0xdf_ff)
			? String.fromCodePoint(point)
			: "\ufffd";
	});
}

/** Collects lines, with runs of white space as one space, as a browser shows them. */
class Lines {
	readonly #done: string[] = [];
	#length = 0;

	get length(): number {
		return this.#done.length;
	}

	since(from: number): string {
		return this.#done.slice(from).join("");
	}

	say(text: string): void {
		this.#add(text.replaceAll(/[ \t\r\n\f]+/g, " "));
	}

	tag({ name, isEnd, source }: Tag): void {
		if (name === "br") {
			this.#add("\n");
		} else if (blocks.has(name)) {
			this.#newLine();
			this.#add(name === "li" && !isEnd ? "- " : "");
		} else if (name === "td" || name === "th") {
			this.#add(isEnd ? " " : "");
		} else if (isEmoji(name, source) && !isEnd) {
			this.#add(attributeOf({ source }, "alt"));
		}
	}

	whole(): string {
		return this.#done
			.join("")
			.replaceAll("\u00a0", " ")
			.split("\n")
			.map((line) => line.trimEnd())
			.join("\n")
			.replace(/^\n+/, "")
			.trimEnd();
	}

	#newLine(): void {
		const last = this.#done.at(-1);
		if (this.#length > 0 && last !== undefined && !last.endsWith("\n")) {
			this.#add("\n");
		}
	}

	#add(text: string): void {
		const isAtStart = this.#length === 0 || this.#done.at(-1)?.endsWith("\n") === true;
		const added = isAtStart ? text.replace(/^ /, "") : text;
		if (added !== "") {
			this.#done.push(added);
			this.#length += added.length;
		}
	}
}

function isEmoji(name: string, source: string): boolean {
	return name === "emoji" || (name === "img" && /emoji/i.test(attributeOf({ source }, "itemtype")));
}
