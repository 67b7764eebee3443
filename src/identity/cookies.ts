// The session's cookie (RFC 6265). Its value is base64url, so nothing has to be encoded.

export const sessionCookie = "__Host-sid";

/** The prefix `__Host-` makes browsers insist on these; without an expiry they forget it when they close. */
const attributes = "Path=/; Secure; HttpOnly; SameSite=Lax";

export function cookieWith(token: string): string {
	return `${sessionCookie}=${token}; ${attributes}`;
}

export const clearedCookie = `${sessionCookie}=; ${attributes}; Max-Age=0`;

export function sessionToken(cookieHeader: string | undefined): string | undefined {
	const pairs = (cookieHeader ?? "").split(";").map((pair) => pair.trim());
	const token = pairs.find((pair) => pair.startsWith(`${sessionCookie}=`))?.slice(sessionCookie.length + 1);
	return token === "" ? undefined : token;
}
