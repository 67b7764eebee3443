// The headers on every answer, whatever its status. A route that serves pages replaces those that must differ there.

export type HeaderTable = Readonly<Record<string, string>>;

const always: HeaderTable = {
	"content-security-policy": "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
	"x-content-type-options": "nosniff",
	"referrer-policy": "no-referrer",
	"cross-origin-resource-policy": "same-origin",
	"cross-origin-opener-policy": "same-origin",
	"permissions-policy": "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()",
	"cache-control": "no-store",
};

/** @param isHttps Whether people reach the server by HTTPS: only then may browsers be told to insist on it. */
export function securityHeaders(isHttps: boolean): HeaderTable {
	// One year (ASVS 5.0.0, 3.4.1). Without includeSubDomains: the host's other names are not ours to decide about.
	return isHttps ? { ...always, "strict-transport-security": "max-age=31536000" } : always;
}
