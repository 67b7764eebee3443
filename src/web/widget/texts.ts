// The widget's words, in the languages it has.

const english = {
	title: "Chat",
	lead: "Ask us. We answer here.",
	name: "Your name",
	email: "Your e-mail address",
	queue: "What is it about?",
	choose: "Please choose",
	required: "Please fill this in.",
	badEmail: "Please write an e-mail address like name@example.com.",
	start: "Start chat",
	again: "Start a new chat",
	close: "Close chat window",
	transcript: "What was said",
	write: "Your message",
	send: "Send",
	attach: "Send a file",
	fileLimits: "Files of at most {size}: {types}.",
	end: "End chat",
	endAsked: "Do you want to end the chat?",
	goOn: "Go on",
	save: "Save the transcript",
	noQueue: "This page does not say whom to reach. Please tell the owner of the page.",
	connecting: "Connecting…",
	lost: "Connection lost. It is being made again; what you write goes out then.",
	waiting: "Please wait. Somebody will be with you soon.",
	waitingAt: "Please wait. You are number {place} in the queue.",
	waitingFar: "Please wait. At least {count} people are waiting before you.",
	ended: "The chat has ended.",
	queue_full: "Too many people are waiting now. Please try again later.",
	queue_closed: "We are closed now. Please try again later.",
	bad_address: "This chat cannot be reached. Please tell the owner of this page.",
	joined: "{name} is here.",
	left: "{name} has left.",
	handedOn: "You have been handed on to somebody else.",
	typing: "{name} is typing",
	you: "You",
	place: "Place: {place}",
	dropped: "{name} did not arrive.",
	fileLost: "The file {name} could not be fetched. Please try again.",
	notSent: "Not sent: {because}",
	sendAgain: "Send again",
	remove: "Remove",
	pending: "Waits to be sent",
	sent: "Sent",
	delivered: "Delivered",
	read: "Read",
	failed: "Not delivered",
	refusedIdentity: "This page could not prove who you are. Reload it and try again.",
	tooManyVisitors: "Too many people of your network are chatting. Please try again later.",
	unavailable: "The chat cannot be reached. Please try again later.",
	chat_address: "This e-mail address cannot be used here. Please give another one.",
	too_many_chats: "You have other chats going on. Please end one first.",
	too_many_starts: "You have begun many chats lately. Please try again later.",
	too_large: "The file is too large.",
	type_not_allowed: "Files of this kind are not taken.",
	interaction_gone: "The chat had ended before.",
	unexplained: "It did not work. Please try again.",
	chatOf: "Chat of {date}",
};
export type Texts = Readonly<Record<keyof typeof english, string>>;

const german: Texts = {
	title: "Chat",
	lead: "Fragen Sie uns. Wir antworten hier.",
	name: "Ihr Name",
	email: "Ihre E-Mail-Adresse",
	queue: "Worum geht es?",
	choose: "Bitte wählen",
	required: "Bitte füllen Sie das aus.",
	badEmail: "Bitte schreiben Sie eine E-Mail-Adresse wie name@example.com.",
	start: "Chat beginnen",
	again: "Neuen Chat beginnen",
	close: "Chatfenster schließen",
	transcript: "Was gesagt wurde",
	write: "Ihre Nachricht",
	send: "Senden",
	attach: "Datei senden",
	fileLimits: "Dateien bis {size}: {types}.",
	end: "Chat beenden",
	endAsked: "Möchten Sie den Chat beenden?",
	goOn: "Weiterchatten",
	save: "Verlauf speichern",
	noQueue: "Diese Seite sagt nicht, wer erreicht werden soll. Bitte sagen Sie es dem Betreiber der Seite.",
	connecting: "Verbindung wird aufgebaut …",
	lost: "Verbindung verloren. Sie wird wieder aufgebaut; was Sie schreiben, geht dann hinaus.",
	waiting: "Bitte warten Sie. Gleich ist jemand für Sie da.",
	waitingAt: "Bitte warten Sie. Sie sind Nummer {place} in der Warteschlange.",
	waitingFar: "Bitte warten Sie. Vor Ihnen warten mindestens {count} andere.",
	ended: "Der Chat ist beendet.",
	queue_full: "Gerade warten zu viele. Bitte versuchen Sie es später noch einmal.",
	queue_closed: "Wir haben gerade geschlossen. Bitte versuchen Sie es später noch einmal.",
	bad_address: "Dieser Chat ist nicht erreichbar. Bitte sagen Sie es dem Betreiber der Seite.",
	joined: "{name} ist da.",
	left: "{name} ist gegangen.",
	handedOn: "Sie wurden an jemand anderen weitergegeben.",
	typing: "{name} schreibt",
	you: "Sie",
	place: "Ort: {place}",
	dropped: "{name} ist nicht angekommen.",
	fileLost: "Die Datei {name} konnte nicht geholt werden. Bitte versuchen Sie es noch einmal.",
	notSent: "Nicht gesendet: {because}",
	sendAgain: "Noch einmal senden",
	remove: "Entfernen",
	pending: "Wartet auf das Senden",
	sent: "Gesendet",
	delivered: "Zugestellt",
	read: "Gelesen",
	failed: "Nicht zugestellt",
	refusedIdentity:
		"Diese Seite konnte nicht beweisen, wer Sie sind. Laden Sie sie neu und versuchen Sie es noch einmal.",
	tooManyVisitors: "Aus Ihrem Netz chatten gerade zu viele. Bitte versuchen Sie es später noch einmal.",
	unavailable: "Der Chat ist nicht erreichbar. Bitte versuchen Sie es später noch einmal.",
	chat_address: "Diese E-Mail-Adresse geht hier nicht. Bitte nennen Sie eine andere.",
	too_many_chats: "Sie haben schon andere Chats offen. Bitte beenden Sie zuerst einen.",
	too_many_starts: "Sie haben in letzter Zeit viele Chats begonnen. Bitte versuchen Sie es später noch einmal.",
	too_large: "Die Datei ist zu groß.",
	type_not_allowed: "Dateien dieser Art werden nicht angenommen.",
	interaction_gone: "Der Chat war vorher zu Ende.",
	unexplained: "Es hat nicht geklappt. Bitte versuchen Sie es noch einmal.",
	chatOf: "Chat vom {date}",
};

/** What it has no words for, it says in English. */
export const catalogues = { en: english, de: german } as const;
export type Language = keyof typeof catalogues;

export function languageOf(tag: string): Language {
	return /^de\b/i.test(tag) ? "de" : "en";
}

export function textsFor(tag: string): Texts {
	return catalogues[languageOf(tag)];
}

export function fill(text: string, values: Readonly<Record<string, string>>): string {
	return text.replaceAll(/\{([a-z]+)\}/g, (whole, name: string) => values[name] ?? whole);
}

const sentences: Readonly<Record<string, keyof Texts>> = {
	chat_address: "chat_address",
	too_many_chats: "too_many_chats",
	too_many_starts: "too_many_starts",
	too_many_logons: "tooManyVisitors",
	too_large: "too_large",
	body_too_large: "too_large",
	type_not_allowed: "type_not_allowed",
	interaction_gone: "interaction_gone",
	ended: "interaction_gone",
	not_found: "interaction_gone",
	unreachable: "unavailable",
};

/** Why the server refused, in the visitor's language. */
export function sentenceFor(code: string, texts: Texts): string {
	return texts[Object.hasOwn(sentences, code) ? (sentences[code] ?? "unexplained") : "unexplained"];
}
