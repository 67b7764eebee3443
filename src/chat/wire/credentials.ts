// The credentials of an agent's log-in as public clients write them: a form field `Authorization` with `Basic` and Base64,
// in the body or, where that is empty, in the query; often with signs that a form would have to encode.

export type LoginAndPassword = { login: string; password: string };

const formMax = 8192;

export function readCredentials(body: string, query: string): LoginAndPassword | undefined {
	const form = body === "" ? query : body;
	const value = form.length > formMax ? undefined : fieldOf(form, "authorization");
	const word = /^\s*basic\s+(.*)$/is.exec(value ?? "")?.[1];
	return word === undefined ? undefined : fromBase64(plusesBack(word));
}

/** A blank was a plus, even the last one, where the length then is that of Base64; else it was only a blank. */
function plusesBack(word: string): string {
	const whole = word.replaceAll(" ", "+");
	return whole.length % 4 === 0 ? whole : word.trim().replaceAll(" ", "+");
}

/** Split at the first `=` only: raw Base64 ends with some. */
function fieldOf(form: string, name: string): string | undefined {
	for (const pair of form.split("&")) {
		const equals = pair.indexOf("=");
		if (equals > 0 && decode(pair.slice(0, equals)).toLowerCase() === name) {
			return decode(pair.slice(equals + 1));
		}
	}
	return undefined;
}

function decode(text: string): string {
	const spaced = text.replaceAll("+", " "); // Raw Base64 has a plus, too: the blank is turned back where it is read.
	try {
		return decodeURIComponent(spaced);
	} catch {
		return spaced;
	}
}

function fromBase64(text: string): LoginAndPassword | undefined {
	if (!/^[A-Za-z0-9+/]+={0,2}$/.test(text)) {
		return undefined;
	}
	const plain = toText(Buffer.from(text, "base64"));
	const colon = plain.indexOf(":");
	return colon < 1 ? undefined : { login: plain.slice(0, colon), password: plain.slice(colon + 1) };
}

function toText(bytes: Uint8Array): string {
	try {
		return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
	} catch {
		return Buffer.from(bytes).toString("latin1");
	}
}

/** For who checks credentials by this header. */
export function toBasic({ login, password }: LoginAndPassword): string {
	return `Basic ${Buffer.from(`${login}:${password}`, "utf8").toString("base64")}`;
}
