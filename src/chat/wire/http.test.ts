// Goal: the cookie stays on its side and, where the page came by HTTPS, on HTTPS; credentials are read as they are meant,
// whatever else stands in the form. Method: the pure parts, by example and by chance.

import assert from "node:assert/strict";
import test from "node:test";
import fc from "fast-check";
import { readCredentials } from "./credentials.ts";
import { clearedCookies, cookieOf } from "./http.ts";
import { mayConnect } from "./origins.ts";
import { readSocketUrl, sessionTokensOf } from "./socket-url.ts";

test("by HTTPS the cookie is for other sites' frames, too, and never goes out in plain", () => {
	assert.equal(
		cookieOf("AB", "visitor", { basePath: "/desk", isHttps: true, isCrossSite: false }),
		"JSESSIONID=AB; Path=/desk/visitor/ecfs; HttpOnly; Secure; SameSite=None",
	);
	assert.equal(
		cookieOf("AB", "agent", { basePath: "/desk", isHttps: true, isCrossSite: true }),
		"PSESSIONID=AB; Path=/desk/ecfs; HttpOnly; Secure; SameSite=None; Partitioned",
	);
	assert.deepEqual(clearedCookies("agent", { basePath: "", isHttps: true }), [
		"JSESSIONID=; Path=/ecfs; HttpOnly; Secure; SameSite=None; Max-Age=0",
		"PSESSIONID=; Path=/ecfs; HttpOnly; Secure; SameSite=None; Partitioned; Max-Age=0",
	]);
	assert.deepEqual(clearedCookies("agent", { basePath: "", isHttps: false }), [
		"JSESSIONID=; Path=/ecfs; HttpOnly; SameSite=Lax; Max-Age=0",
	]);
	assert.match(cookieOf("AB", "agent", { basePath: "", isHttps: false, isCrossSite: true }), /^JSESSIONID=AB/);
});

test("of several cookies that of the page one looks at comes first, and not more are tried than a few", () => {
	const tokens = (cookie: string) => sessionTokensOf({ cookie });
	assert.deepEqual(tokens("JSESSIONID=AA; x=1; PSESSIONID=BB; JSESSIONID=CC"), ["BB", "AA", "CC"]);
	assert.deepEqual(tokens("XJSESSIONID=AA; PSESSIONID=; y=JSESSIONID"), []);
	assert.equal(tokens(Array.from({ length: 50 }, (_, n) => `JSESSIONID=${n}A`).join("; ")).length, 4);
	assert.deepEqual(sessionTokensOf({ cookie: "JSESSIONID=AA", "x-jsessionid": "DD" }), ["DD"]);
});

test("Base64 may end with a plus, raw, and with a blank, encoded", () => {
	const wanted = { login: "ann", password: "  \u{FEBE}" };
	const value = Buffer.from("ann:  \u{FEBE}").toString("base64");
	assert.ok(value.endsWith("+"), value);
	assert.deepEqual(readCredentials(`Authorization=Basic ${value}`, ""), wanted);
	assert.deepEqual(readCredentials(`Authorization=Basic ${encodeURIComponent(value)} `, ""), wanted);
});

test("every name and password comes out as it went in, raw and encoded", () => {
	const login = fc.string({ minLength: 1, unit: "grapheme" }).filter((text) => !text.includes(":"));
	fc.assert(
		fc.property(login, fc.string({ unit: "grapheme" }), (name, password) => {
			const raw = Buffer.from(`${name}:${password}`, "utf8").toString("base64");
			const wanted = { login: name, password };
			assert.deepEqual(readCredentials(`Authorization=Basic%20${raw}`, ""), wanted);
			assert.deepEqual(readCredentials(`a=b&authorization=basic+${encodeURIComponent(raw)}&c=d`, "x"), wanted);
			assert.deepEqual(readCredentials("", `Authorization=Basic%20${raw}`), wanted);
		}),
	);
});

test("no form, origin or address is too odd to be read", () => {
	fc.assert(
		fc.property(fc.string(), fc.string(), (one, other) => {
			readCredentials(one, other);
			assert.equal(mayConnect(`https://parley.example${other}x`, ["https://parley.example"]), /^[/?#]/.test(other));
			readSocketUrl(`/ecfs/ws_endpoint/;${one}?${other}`, "");
		}),
	);
});
