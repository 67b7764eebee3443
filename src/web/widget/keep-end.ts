// Whoever is at the end of what was said sees what comes; whoever reads further up is left there.

const nearPx = 40;

export function keepEnd(log: Element, change: () => void): void {
	const isAtEnd = log.scrollHeight - log.scrollTop - log.clientHeight < nearPx;
	change();
	if (isAtEnd) {
		log.scrollTop = log.scrollHeight;
	}
}
