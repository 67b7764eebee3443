// A part of a page that a program writes, between `<!-- name:begin -->` and `<!-- name:end -->`, and tables as oxfmt writes
// them, so that the page stays formatted.

export function markedPart(page: string, name: string): string {
	const [from, to] = placeOf(page, name);
	return page.slice(from, to);
}

export function withMarkedPart(page: string, name: string, content: string): string {
	const [from, to] = placeOf(page, name);
	return `${page.slice(0, from)}\n\n${content}\n${page.slice(to)}`;
}

function placeOf(page: string, name: string): [from: number, to: number] {
	const begin = `<!-- ${name}:begin -->`;
	const end = `<!-- ${name}:end -->`;
	const [from, to] = [page.indexOf(begin), page.indexOf(end)];
	if (from === -1 || to < from) {
		throw new Error(`The page has no place between ${begin} and ${end}.`);
	}
	return [from + begin.length, to];
}

export function alignedTable([head = [], ...rows]: readonly (readonly string[])[]): string {
	const widths = head.map((_, column) => Math.max(3, ...[head, ...rows].map((row) => (row[column] ?? "").length)));
	const toLine = (row: readonly string[]) =>
		`| ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(" | ")} |\n`;
	return [toLine(head), toLine(widths.map((width) => "-".repeat(width))), ...rows.map(toLine)].join("");
}
