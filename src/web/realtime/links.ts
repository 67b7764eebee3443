// What can be opened in a text that somebody wrote. Pure.

export type Piece = { text: string; href?: string };

/** Addresses of web pages, without the end of the sentence; nothing else in it does anything. */
export function piecesOf(text: string): readonly Piece[] {
	const pieces: Piece[] = [];
	let end = 0;
	for (const { 0: found, index } of text.matchAll(/https?:\/\/[^\s<>"]*[^\s<>"'.,;:!?)\]}]/g)) {
		if (URL.parse(found) !== null) {
			pieces.push({ text: text.slice(end, index) }, { text: found, href: found });
			end = index + found.length;
		}
	}
	return [...pieces, { text: text.slice(end) }].filter((piece) => piece.text !== "");
}
