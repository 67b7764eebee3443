// HTML as a tagged template: whatever is put in is escaped, unless it is HTML made here.

export type Html = { readonly html: string };
type Piece = string | number | Html | readonly Html[] | undefined;

export function html(texts: TemplateStringsArray, ...pieces: readonly Piece[]): Html {
	return { html: texts.map((text, index) => text + (index < pieces.length ? shown(pieces[index]) : "")).join("") };
}

function shown(piece: Piece): string {
	if (piece === undefined) {
		return "";
	}
	if (typeof piece === "string" || typeof piece === "number") {
		return escaped(String(piece));
	}
	return "html" in piece ? piece.html : piece.map((one) => one.html).join("");
}

const entities: Readonly<Record<string, string>> = {
	"&": "&amp;",
	"<": "&lt;",
	">": "&gt;",
	'"': "&quot;",
	"'": "&#39;",
};

function escaped(text: string): string {
	return text.replace(/[&<>"']/g, (character) => entities[character] ?? "");
}
