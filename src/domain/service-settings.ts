// Settings that every messaging service has, whatever its type: how it retries, when it gives up, how it threads.
// A connector adds its own beside them. The JSON schema is the form, the validation and the documentation at once.

import { type Static, Type } from "typebox";
import { mediaHostsPattern } from "./media-hosts.ts";
import { customaryOptInWords, customaryOptOutWords, optWordLengthMax } from "./opt-out-words.ts";

const wordsMax = 50;

function words(title: string, effect: string, customary: readonly string[]) {
	return Type.Array(Type.String({ minLength: 1, maxLength: optWordLengthMax }), {
		title,
		description: `${effect} Case, and punctuation behind it, do not matter. An empty list switches them off.`,
		maxItems: wordsMax,
		default: [...customary],
	});
}

export const commonSettingsSchema = Type.Object({
	unknownOutcome: Type.Union([Type.Literal("hold"), Type.Literal("resend")], {
		title: "When an outcome stays unknown",
		description:
			"What happens to a message of which nobody knows whether the provider took it: hold it for a person, or send it again marked as a possible duplicate.",
		default: "hold",
	}),
	unknownWaitSeconds: Type.Integer({
		title: "Wait for proof (seconds)",
		description: "How long an unknown outcome waits for the provider's echo, receipt or look-up.",
		minimum: 1,
		maximum: 3600,
		default: 60,
	}),
	timeToLiveMinutes: Type.Integer({
		title: "Time to live (minutes)",
		description: "A message that could not be handed over within this time expires. Default one day.",
		minimum: 1,
		maximum: 10080,
		default: 1440,
	}),
	sendsPerSecond: Type.Number({
		title: "Sends per second",
		description: "The service sends no faster than this.",
		minimum: 0.1,
		maximum: 5000,
		default: 50,
	}),
	sendsAtOnce: Type.Integer({
		title: "Sends at once",
		description: "Open requests to the provider at the same time.",
		minimum: 1,
		maximum: 20,
		default: 20,
	}),
	reopenWindowMinutes: Type.Integer({
		title: "Reopen window (minutes)",
		description:
			"A message that comes this soon after its conversation was closed reopens it; later ones start a new one.",
		minimum: 0,
		maximum: 525600,
		default: 1440,
	}),
	keepReplyWindow: Type.Boolean({
		title: "Keep the reply window",
		description:
			"Where the channel has one (Messenger, Instagram, WhatsApp: 24 hours after the contact's last message), later texts are refused; WhatsApp takes templates then. Switch it off when another system knows of messages that this service does not see.",
		default: true,
	}),
	optOutWords: words(
		"Opt-out words",
		"A text that is nothing but one of these ends our messages to the contact on that channel of the service.",
		customaryOptOutWords,
	),
	optInWords: words(
		"Opt-in words",
		"A text that is nothing but one of these lets our messages to the contact begin again.",
		customaryOptInWords,
	),
	optWordChannels: Type.Union([Type.Literal("sms"), Type.Literal("every")], {
		title: "Channels with opt-out words",
		description: "Where such words count: in text messages (the channel sms), or on every channel of the service.",
		default: "sms",
	}),
	mediaHosts: Type.String({
		title: "Further hosts of incoming files",
		description:
			"Files that contacts send are fetched only from the provider's own hosts. Where they lie elsewhere: names such as media.example.com, or *.example.com for all below it, with commas between.",
		maxLength: 1000,
		pattern: mediaHostsPattern,
		default: "",
	}),
});

export type CommonSettings = Static<typeof commonSettingsSchema>;

/** Every default, from the schema itself. */
export const commonSettingsDefaults: CommonSettings = {
	unknownOutcome: "hold",
	unknownWaitSeconds: 60,
	timeToLiveMinutes: 1440,
	sendsPerSecond: 50,
	sendsAtOnce: 20,
	reopenWindowMinutes: 1440,
	keepReplyWindow: true,
	optOutWords: customaryOptOutWords,
	optInWords: customaryOptInWords,
	optWordChannels: "sms",
	mediaHosts: "",
};

/** The common settings of a service as stored (validated on save), defaults filled in. */
export function commonSettings(stored: Readonly<Record<string, unknown>>): CommonSettings {
	const known = Object.keys(commonSettingsDefaults).filter((key) => stored[key] !== undefined);
	return { ...commonSettingsDefaults, ...Object.fromEntries(known.map((key) => [key, stored[key]])) };
}
