import assert from "node:assert/strict";
import test from "node:test";
import type { StoredService } from "../contract.ts";
import { brokenRules, filledSettings, isUnencrypted, whyCannotSend } from "../kit/rules.ts";
import { addressing, fromSmpp, toSmpp } from "./addressing.ts";
import { form, parse } from "./form.ts";
import { connector } from "./index.ts";

function service(over: Partial<StoredService> = {}): StoredService {
	return {
		id: "0197F3A2B4C57E6F8091A0B1C2D3E4F5" as never,
		serviceConnection: "smpps://smpp.example.com:3601",
		authenticationUrl: null,
		authenticationScope: null,
		settings: {},
		authentications: [{ authenticationId: "gw", secrets: ["secret08"] }],
		...over,
	};
}

const problems = (over: Partial<StoredService>) =>
	brokenRules(connector.config, service(over)).map(({ pointer, message }) => `${pointer} ${message}`);

test("a complete service breaks no rule and can send", () => {
	assert.deepEqual(problems({}), []);
	assert.deepEqual(problems({ serviceConnection: "smpp://10.0.0.5:2775/" }), []);
	assert.equal(whyCannotSend(connector as never, service()), undefined);
});

test("an address has a scheme of SMPP, a port, and nothing behind it", () => {
	for (const [serviceConnection, says] of [
		["https://smpp.example.com:3601", /begins with smpps:\/\/, for example smpps:/],
		["smpp.example.com:3601", /must be a complete address/],
		["smpps:smpp.example.com:3601", /must be a complete address/],
		["smpps://", /must be a complete address/],
		["smpps://smpp.example.com", /must name the port/],
		["smpps://smpp.example.com:0", /must name the port/],
		["smpps://smpp.example.com:3601/path", /must end with the port/],
		["smpps://smpp.example.com:3601?a=b", /must end with the port/],
		["smpps://user:secret@smpp.example.com:3601", /user name or password/],
		["smpps://smpp.example.com:3601#x", /#/],
	] as const) {
		const [problem] = problems({ serviceConnection });
		assert.match(problem ?? "none", says, serviceConnection);
		assert.match(problem ?? "", /^\/serviceConnection /);
	}
});

test("a plain line is told to be one", () => {
	assert.deepEqual(
		["smpp://a:1", "SMPP://a:1", "smpps://a:1", "SMPPS://a:1", "http://a", "https://a", ""].map(isUnencrypted),
		[true, true, false, false, true, false, false],
	);
});

test("the user is one, of up to 15 signs", () => {
	const entry = (authenticationId: string) => ({ authenticationId, secrets: ["x"] });
	assert.equal(problems({ authentications: [entry("a".repeat(16))] }).length, 1);
	assert.equal(problems({ authentications: [entry("a b")] }).length, 1);
	assert.equal(problems({ authentications: [entry("a"), entry("b")] }).length, 1);
	assert.deepEqual(problems({ settings: { country: "ZZ" } }), [
		"/settings/country is no country; enter two letters such as GB.",
	]);
});

test("what is missing is said, with what to do", () => {
	const lack = (over: Partial<StoredService>) => connector.cannotSend(parse(service(over)));
	assert.match(lack({ authentications: [] }) ?? "", /Add the system_id/);
	assert.match(lack({ authentications: [{ authenticationId: "gw", secrets: [] }] }) ?? "", /Add the password of gw/);
	for (const password of ["pässword", "a\u0000b", "x".repeat(65)]) {
		assert.match(
			lack({ authentications: [{ authenticationId: "gw", secrets: [password] }] }) ?? "",
			/password of gw has/,
		);
	}
	assert.match(lack({ serviceConnection: "" }) ?? "", /Enter host and port/);
	assert.equal(lack({}), undefined);
});

test("numbers, short codes and names are written with their type, and read back in one spelling", () => {
	assert.deepEqual(toSmpp("+447700900100"), { ton: 1, npi: 1, address: "447700900100" });
	assert.deepEqual(toSmpp("12345"), { ton: 0, npi: 1, address: "12345" });
	assert.deepEqual(toSmpp("Sinch"), { ton: 5, npi: 0, address: "Sinch" });
	const read = (ton: number, address: string, country?: string) => fromSmpp({ ton, npi: 1, address }, country);
	assert.deepEqual(
		[
			read(1, "447700900100"),
			read(0, "447700900100"),
			read(2, "71630"),
			read(5, "Sinch"),
			read(2, "07911123456", "GB"),
		],
		["+447700900100", "+447700900100", "71630", "Sinch", "+447911123456"],
	);
	assert.deepEqual([read(1, " "), read(5, ""), read(0, "*100#")], [undefined, undefined, "*100#"]);
	assert.equal(read(5, "x".repeat(500))?.length, 100);
});

test("who writes to whom is worked out, and what is missing is named", () => {
	const config = parse(service({ settings: filledSettings(form, { sender: "Parley", country: "GB" }) }));
	assert.deepEqual(addressing({ to: "07700 900123" }, config), {
		ok: true,
		channel: "sms",
		ourAddress: "Parley",
		contactAddress: "+447700900123",
	});
	const bare = parse(service());
	const field = (input: Parameters<typeof addressing>[0]) => {
		const found = addressing(input, bare);
		return found.ok ? "ok" : found.field;
	};
	assert.deepEqual(
		[
			field({ to: "07700 900123" }),
			field({ to: "+447700900123" }),
			field({ to: "+447700900123", from: "far too long a name" }),
			field({ to: "+447700900123", from: "12345", channel: "whatsapp" }),
			field({ to: "+447700900123", from: "12345", channel: "SMS" }),
		],
		["to", "from", "from", "channel", "ok"],
	);
});
