// Goal: the cookie stays on its side and, where the page came by HTTPS, on HTTPS; credentials are read as they are meant,
// whatever else stands in the form. Method: the pure parts, by example and by chance.

import assert from "node:assert/strict";
import test from "node:test";
import fc from "fast-check";
import { readCredentials } from "./credentials.ts";
import { clearedCookie, cookieOf } from "./http.ts";
import { mayConnect } from "./origins.ts";
import { readSocketUrl } from "./socket-url.ts";

test("by HTTPS the cookie is for other sites' frames, too, and never goes out in plain", () => {
	assert.equal(
		cookieOf("AB", "visitor", { basePath: "/desk", isHttps: true, isOtherSite: false }),
		"JSESSIONID=AB; Path=/desk/visitor/ecfs; HttpOnly; Secure; SameSite=None",
	);
	assert.equal(
		cookieOf("AB", "agent", { basePath: "/desk", isHttps: true, isOtherSite: true }),
		"JSESSIONID=AB; Path=/desk/ecfs; HttpOnly; Secure; SameSite=None; Partitioned",
	);
	assert.equal(
		clearedCookie("agent", { basePath: "", isHttps: true, isOtherSite: true }),
		"JSESSIONID=; Path=/ecfs; HttpOnly; Secure; SameSite=None; Partitioned; Max-Age=0",
	);
	assert.equal(
		clearedCookie("agent", { basePath: "", isHttps: false, isOtherSite: true }),
		"JSESSIONID=; Path=/ecfs; HttpOnly; SameSite=Lax; Max-Age=0",
	);
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
