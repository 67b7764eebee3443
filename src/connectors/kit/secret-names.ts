// Some providers repeat our credentials in every call, as a parameter or a field, and nobody can ask all of them not to. What
// stands behind a name that says so is kept and shown nowhere. Pure.

/** Names of parameters: the whole name, so that `passage` and `tokens` stay. */
const parameterName =
	/^(?:(?:[a-z]+[-_.]?)?(?:password|passwd|passphrase|secret|token)|pass|pwd|pw|pin|key|(?:api|auth|access)[-_.]?key|auth)$/i;
const parameter = /([?&;]|^)([^?&;=#\s]{1,60})=([^&;#\s]+)/g;
const field =
	/("(?:[a-z]{1,20}[-_.]?)?(?:password|passwd|passphrase|secret|api[-_.]?key)"\s{0,20}:\s{0,20}")(?:[^"\\]|\\[^])*"/gi;
const anySecret = /pass|pwd|pw=|pin=|secret|token|key|auth/i;

/** Of an address, or of a form body. */
export function withoutSecretParameters(text: string): string {
	return anySecret.test(text)
		? text.replaceAll(parameter, (whole: string, before: string, name: string) =>
				parameterName.test(name) ? `${before}${name}=(removed)` : whole,
			)
		: text;
}

/** Of a JSON body, whatever is around them. */
export function withoutSecretFields(json: string): string {
	return anySecret.test(json) ? json.replaceAll(field, '$1(removed)"') : json;
}
