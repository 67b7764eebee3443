// Why a request was refused, in a sentence with what to do about it. The codes are the SMS Server's.

const sentences: Readonly<Record<string, string>> = {
	http_credentials_missing:
		"The call had no HTTP user. Enter an external user's logon name and password at the provider, or in the webhook URL's settings there.",
	http_credentials_wrong:
		"The HTTP user or its password is not right. Compare it with what is entered at the provider, then check again.",
	logon_throttled:
		"Too many logons of this HTTP user or from this address failed, so it was not looked at. Check again in a while.",
	no_right_to_use:
		"The HTTP user is right but does not hold the right Use on this messaging service. Grant it, then check again.",
	signature_missing:
		"The call did not bring the provider's proof, a signature or a secret. Switch it on or enter it at the provider; if that is done, look for who else may be calling.",
	signature_mismatch:
		"The proof does not fit. Compare the secret at the provider; where the provider signs the address too, as Twilio does, also the public base URL. Then check again.",
	clock_skew: "The signature fits, but its time is outside the window: one of the two clocks is wrong.",
	key_unknown:
		"It is signed with a key that the provider's public keys, as fetched last, do not have. Once they are fetched, check again.",
	secrets_locked: "The stored secret could not be opened. See to the key ring, then check again.",
	no_lock: "This type is proven by an HTTP user only, and Use Local Http Authentication is off. Switch it on.",
	foreign_account: "The call is about an account, page or number that this messaging service does not have.",
	verify_token_wrong:
		"The verify token is not the one of this service, or the service has none. Enter the same text at the provider and here.",
	handshake_incomplete:
		"It was no complete question of the provider's set-up; somebody may have opened the address in a browser.",
	replay: "A call with the same nonce came before and brought something else.",
	busy: "Too many logons were being checked at once. Check again.",
	unknown_service: "The messaging service was deleted. Nothing can be released any more; delete the entry.",
	genuine: "It is genuine by today's secrets. Release it.",
};

export function explainRefusal(reason: string): string {
	return sentences[reason] ?? "The door refused it; the log of the SMS Server may tell more.";
}
