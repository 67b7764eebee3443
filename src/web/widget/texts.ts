// The widget's words, in the languages it has.

const english = {
	title: "Chat",
	lead: "Ask us. We answer here.",
	name: "Your name",
	email: "Your e-mail address",
	queue: "What is it about?",
	start: "Start chat",
	again: "Start a new chat",
	close: "Close",
	transcript: "What was said",
	write: "Your message",
	send: "Send",
	attach: "Send a file",
	end: "End chat",
	save: "Save the transcript",
	connecting: "Connecting…",
	lost: "Connection lost. It is being made again; what you write goes out then.",
	waiting: "Please wait. Somebody will be with you soon.",
	ended: "The chat has ended.",
	queue_full: "Too many people are waiting now. Please try again later.",
	queue_closed: "We are closed now. Please try again later.",
	bad_address: "This chat cannot be reached. Please tell the owner of this page.",
	joined: "{name} is here.",
	transferred: "You are being connected to somebody else.",
	typing: "{name} is typing",
	you: "You",
	file: "File: {name}",
	notSent: "Not sent: {because}",
	pending: "Waits for the connection",
	refusedIdentity: "This page could not prove who you are. Reload it and try again.",
	unavailable: "The chat cannot be reached. Please try again later.",
	dropped: "{name} did not arrive.",
};
export type Texts = typeof english;

const german: Texts = {
	title: "Chat",
	lead: "Fragen Sie uns. Wir antworten hier.",
	name: "Ihr Name",
	email: "Ihre E-Mail-Adresse",
	queue: "Worum geht es?",
	start: "Chat beginnen",
	again: "Neuen Chat beginnen",
	close: "Schließen",
	transcript: "Was gesagt wurde",
	write: "Ihre Nachricht",
	send: "Senden",
	attach: "Datei senden",
	end: "Chat beenden",
	save: "Verlauf speichern",
	connecting: "Verbindung wird aufgebaut …",
	lost: "Verbindung verloren. Sie wird wieder aufgebaut; was Sie schreiben, geht dann hinaus.",
	waiting: "Bitte warten Sie. Gleich ist jemand für Sie da.",
	ended: "Der Chat ist beendet.",
	queue_full: "Gerade warten zu viele. Bitte versuchen Sie es später noch einmal.",
	queue_closed: "Wir haben gerade geschlossen. Bitte versuchen Sie es später noch einmal.",
	bad_address: "Dieser Chat ist nicht erreichbar. Bitte sagen Sie es dem Betreiber der Seite.",
	joined: "{name} ist da.",
	transferred: "Sie werden mit jemand anderem verbunden.",
	typing: "{name} schreibt",
	you: "Sie",
	file: "Datei: {name}",
	notSent: "Nicht gesendet: {because}",
	pending: "Wartet auf die Verbindung",
	refusedIdentity:
		"Diese Seite konnte nicht beweisen, wer Sie sind. Laden Sie sie neu und versuchen Sie es noch einmal.",
	unavailable: "Der Chat ist nicht erreichbar. Bitte versuchen Sie es später noch einmal.",
	dropped: "{name} ist nicht angekommen.",
};

export function textsFor(language: string): Texts {
	return /^de\b/i.test(language) ? german : english;
}

export function fill(text: string, values: Readonly<Record<string, string>>): string {
	return text.replaceAll(/\{([a-z]+)\}/g, (whole, name: string) => values[name] ?? whole);
}
