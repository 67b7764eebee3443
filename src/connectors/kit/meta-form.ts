// What an administrator enters for any product of Meta besides the sender's own entries: the App Secret that signs the
// webhook's calls, the verify token of its set-up, the address of the Graph API.

import type { AuthenticationRule, ConfigProblem, StoredService, WebhookCall } from "../contract.ts";

export const defaultGraphApi = "https://graph.facebook.com/v25.0";

export const appSecretRule: AuthenticationRule = {
	role: "webhook",
	direction: "incoming",
	idLabel: "Entry name",
	secretLabel: "App Secret",
	description:
		"The App Secret of the Meta app (App settings > Basic). Every webhook call must be signed with it; without this entry all of them are refused.",
	idPattern: "^webhook$",
	idShape: "the word webhook",
	idExample: "webhook",
	min: 0,
	max: 1,
	normalise: (authenticationId) => asWord("webhook", authenticationId),
};

export const verifyTokenRule: AuthenticationRule = {
	role: "verify",
	direction: "incoming",
	idLabel: "Entry name",
	secretLabel: "Verify Token",
	description:
		"A text of your choice, entered here and as Verify Token in the Meta app. Meta shows it once when the webhook is set up.",
	idPattern: "^verify$",
	idShape: "the word verify",
	idExample: "verify",
	min: 0,
	max: 1,
	isEnteredAtProvider: true,
	normalise: (authenticationId) => asWord("verify", authenticationId),
};

/** What any webhook of Meta is called with. */
export function metaCalls(purpose: string): readonly WebhookCall[] {
	const address = { url: "{webhookUrl}", namedBy: "person" } as const;
	const value = "sha256= and the HMAC-SHA-256 of the body under the App Secret, in hexadecimal digits";
	return [
		{ purpose, method: "POST", ...address, headers: [{ name: "X-Hub-Signature-256", value }] },
		{
			purpose: "Question when the webhook is set up",
			method: "GET",
			...address,
			headers: [],
			otherProof: "the verify token, as hub.verify_token in the query",
		},
	];
}

function asWord(word: string, given: string): { authenticationId: string; note?: string } {
	return given !== word && given.trim().toLowerCase() === word
		? { authenticationId: word, note: `"${word}" is written in small letters without spaces.` }
		: { authenticationId: given };
}

/** The mend of an id of digits only, such as a Page ID. */
export function withoutSpaces(idLabel: string, given: string): { authenticationId: string; note?: string } {
	const authenticationId = given.replaceAll(/\s/g, "");
	return authenticationId === given
		? { authenticationId }
		: { authenticationId, note: `Spaces were removed from the ${idLabel}.` };
}

/** Rules that counts and patterns cannot say. `owner`: whose authentication the token belongs into. */
export function metaProblems(service: StoredService, owner: string): readonly ConfigProblem[] {
	const trouble = troubleWithConnection(service.serviceConnection, owner);
	const secrets = service.authentications.flatMap((entry, index) =>
		entry.secrets.some((secret) => !/^[\x21-\x7e]*$/.test(secret))
			? [
					{
						pointer: `/authentications/${index}/password`,
						message: "must be visible ASCII characters only; paste it again without spaces and line breaks.",
					},
				]
			: [],
	);
	return [...(trouble === undefined ? [] : [{ pointer: "/serviceConnection", message: trouble }]), ...secrets];
}

function troubleWithConnection(serviceConnection: string, owner: string): string | undefined {
	if (serviceConnection === "") {
		return undefined;
	}
	const url = URL.parse(serviceConnection);
	if (url === null || !["https:", "http:"].includes(url.protocol)) {
		return `must be a web address such as ${defaultGraphApi}.`;
	}
	return url.search !== "" || url.hash !== "" || url.username !== "" || url.password !== ""
		? `must have no query, no fragment and no user name; the token belongs into the authentication of its ${owner}.`
		: undefined;
}

/** Without the slash at its end. */
export function graphApiOf(service: StoredService): string {
	return (service.serviceConnection || defaultGraphApi).replace(/\/+$/, "");
}

/** The secrets of the entry with that name, the current one first; an empty one is none. */
export function secretsOf(service: StoredService, authenticationId: string): readonly string[] {
	const entry = service.authentications.find((candidate) => candidate.authenticationId === authenticationId);
	return entry?.secrets.filter((secret) => secret !== "") ?? [];
}
