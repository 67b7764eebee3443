// The words of the button, in the languages the widget has.

export type ButtonTexts = { title: string; open: string; close: string; unread(count: number): string };

const english: ButtonTexts = {
	title: "Chat",
	open: "Open chat",
	close: "Close chat",
	unread: (count) => (count === 1 ? "1 unread message" : `${count} unread messages`),
};

const german: ButtonTexts = {
	title: "Chat",
	open: "Chat öffnen",
	close: "Chat schließen",
	unread: (count) => (count === 1 ? "1 ungelesene Nachricht" : `${count} ungelesene Nachrichten`),
};

export function buttonTextsFor(language: string): ButtonTexts {
	return /^de\b/i.test(language) ? german : english;
}
