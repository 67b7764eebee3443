import test from "node:test";
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { readSettings, settingsPage, settingsTable } from "./settings.ts";
import { environmentName, plainName } from "./settings-sources.ts";

type Given = { argv?: string[]; env?: Record<string, string>; files?: Record<string, string> };

function read({ argv = [], env = {}, files = {} }: Given) {
	return readSettings({ argv, env, readFile: (path) => files[path] });
}

function settingsOf(given: Given) {
	const result = read(given);
	assert.ok(result.ok, result.ok ? "" : result.errors.join(" "));
	return result;
}

function errorsOf(given: Given): readonly string[] {
	const result = read(given);
	assert.ok(!result.ok, "must be refused");
	return result.errors;
}

test("without anything given every setting has its documented default", () => {
	const { settings, sources } = settingsOf({});
	assert.equal(settings.database, "sqlite:./data/parley.db");
	assert.equal(settings.publicBaseUrl, "http://localhost:8080");
	assert.equal(settings.host, "127.0.0.1");
	assert.equal(settings.opsPort, 9090);
	assert.equal(settings.useLocalHttpAuthentication, true);
	assert.deepEqual(settings.serve, ["gateway", "matcher", "chat", "rest"]);
	assert.deepEqual(settings.retry, { baseMs: 1000, capMs: 900_000 });
	assert.deepEqual(settings.outbound, { connectMs: 5000, firstByteMs: 15_000, totalMs: 30_000 });
	assert.deepEqual(new Set(Object.values(sources)), new Set(["default"]));
});

test("every setting of the table arrives in the settings under its own name", () => {
	const { settings } = settingsOf({});
	for (const { name } of settingsTable) {
		const value = name.split(".").reduce((at: unknown, part) => (at as Record<string, unknown>)[part], settings);
		assert.notEqual(value, undefined, name);
	}
});

test("the command line comes before the environment, the environment before the file", () => {
	const files = { "parley.yaml": "port: 1001\nopsPort: 2001\nhost: 10.0.0.1\n" };
	const env = { PARLEY_PORT: "1002", PARLEY_OPS_PORT: "2002" };
	const { settings, sources } = settingsOf({ argv: ["--port", "1003"], env, files });
	assert.deepEqual([settings.port, settings.opsPort, settings.host], [1003, 2002, "10.0.0.1"]);
	assert.deepEqual(
		[sources.port, sources.opsPort, sources.host, sources.basePath],
		["command line", "environment", "file", "default"],
	);
	assert.equal(settings.publicBaseUrl, "http://localhost:1003");
});

test("a name may be spelled with hyphens, in camel case, with an equals sign, or nested in the file", () => {
	for (const argv of [["--retry.base-ms", "2000"], ["--retry.baseMs=2000"], ["--retry-base-ms", "2s"]]) {
		assert.equal(settingsOf({ argv }).settings.retry.baseMs, 2000);
	}
	assert.equal(settingsOf({ env: { PARLEY_RETRY_BASE_MS: "2s" } }).settings.retry.baseMs, 2000);
	assert.equal(settingsOf({ files: { "parley.yaml": "retry: { baseMs: 2s }" } }).settings.retry.baseMs, 2000);
});

test("no two settings can be meant by one spelling", () => {
	const plain = settingsTable.map(({ name }) => plainName(name));
	assert.equal(new Set(plain).size, settingsTable.length);
	for (const { name } of settingsTable) {
		assert.equal(plainName(environmentName(name).slice("PARLEY_".length)), plainName(name));
	}
});

test("durations are read with and without a unit", () => {
	const capOf = (text: string) => settingsOf({ argv: ["--retry.cap-ms", text] }).settings.retry.capMs;
	assert.deepEqual(
		["5000", "5000ms", "20s", "15m", "1h", "1d"].map(capOf),
		[5000, 5000, 20_000, 900_000, 3_600_000, 86_400_000],
	);
});

test("lists are read from commas and from YAML lists, and a lone option means true", () => {
	assert.deepEqual(settingsOf({ argv: ["--serve", "rest, gateway"] }).settings.serve, ["gateway", "rest"]);
	const files = { "parley.yaml": "outboundAllow:\n  - 10.0.0.0/8\n  - sim:9000\n" };
	assert.deepEqual(settingsOf({ files }).settings.outboundAllow, ["10.0.0.0/8", "sim:9000"]);
	const { settings } = settingsOf({ argv: ["--use-local-http-authentication", "--port", "1"] });
	assert.deepEqual([settings.useLocalHttpAuthentication, settings.port], [true, 1]);
});

test("an unknown name stops the start, wherever it stands, and names the nearest setting as it is spelled there", () => {
	assert.deepEqual(errorsOf({ argv: ["--ops-prt", "1"] }), [
		"--ops-prt is not a setting; the nearest one is --ops-port.",
	]);
	assert.deepEqual(errorsOf({ env: { PARLEY_DATABSE: "x" } }), [
		"PARLEY_DATABSE is not a setting; the nearest one is PARLEY_DATABASE.",
	]);
	assert.deepEqual(errorsOf({ files: { "parley.yaml": "retry: { baseMS: 1000 }" } }), [
		"retry.baseMS in parley.yaml is not a setting; the nearest one is retry.baseMs.",
	]);
});

test("variables of other programs are left alone", () => {
	assert.equal(settingsOf({ env: { PATH: "/bin", PORT: "1" } }).settings.port, 8080);
});

test("a broken value is told by setting and rule, never by the value", () => {
	const secret = "hunter2secret";
	const cases: readonly (readonly [string, RegExp])[] = [
		["port", /whole number from 0 to 65535/],
		["retry.baseMs", /duration from 100 ms/],
		["useLocalHttpAuthentication", /true or false/],
		["serve", /list of: gateway, matcher, chat, rest/],
		["logLevel", /one of: trace/],
		["database", /sqlite:<path> or postgres/],
		["publicBaseUrl", /https:\/\/host/],
		["basePath", /begin with \//],
		["trustedProxies", /CIDR/],
		["outboundAllow", /host:port/],
	];
	for (const [name, rule] of cases) {
		const [error = ""] = errorsOf({ argv: [`--${name}`, secret] });
		assert.match(error, rule);
		assert.ok(error.startsWith(`${name} (given as --${name}) must`), error);
		assert.ok(!error.includes(secret), error);
	}
});

test("a certificate comes with its key, and makes the public address https", () => {
	const pair = ["--tls.certificate-file", "c.pem", "--tls.key-file", "k.pem"];
	const { settings } = settingsOf({ argv: pair });
	assert.deepEqual(settings.tls, { certificateFile: "c.pem", keyFile: "k.pem" });
	assert.equal(settings.publicBaseUrl, "https://localhost:8080");
	const both = "tls.certificateFile and tls.keyFile must both be given, or neither.";
	assert.deepEqual(errorsOf({ argv: pair.slice(0, 2) }), [both]);
	assert.deepEqual(errorsOf({ argv: pair.slice(2) }), [both]);
	assert.deepEqual(errorsOf({ argv: [...pair, "--public-base-url", "http://parley.example"] }), [
		"publicBaseUrl must begin with https:// where tls.certificateFile is given.",
	]);
});

test("bounds hold at both ends", () => {
	for (const port of ["-1", "65536", "1.5", "1e3", ""]) {
		assert.equal(errorsOf({ env: { PARLEY_PORT: port } }).length, 1, port);
	}
	assert.equal(settingsOf({ env: { PARLEY_PORT: "65535" } }).settings.port, 65_535);
});

test("all errors are told at once", () => {
	assert.equal(errorsOf({ argv: ["--port", "x", "--bogus", "1"], env: { PARLEY_HOST: "" } }).length, 3);
});

test("a setting given twice in one place is refused", () => {
	assert.deepEqual(errorsOf({ argv: ["--port", "1", "--port=2"] }), ["--port is given twice."]);
});

test("arguments that are no options are refused without being repeated", () => {
	assert.deepEqual(errorsOf({ argv: ["hunter2"] }), ["Argument 1 is not an option; options are written --name value."]);
});

test("another file can be named, and then it must be there", () => {
	const files = { "other.yaml": "port: 7" };
	assert.equal(settingsOf({ argv: ["--config", "other.yaml"], files }).settings.port, 7);
	assert.equal(settingsOf({ env: { PARLEY_CONFIG: "other.yaml" }, files }).settings.port, 7);
	assert.deepEqual(errorsOf({ argv: ["--config", "missing.yaml"] }), ["--config: there is no such file."]);
});

test("a file that is not well-formed names the line and shows nothing of it", () => {
	const [error = ""] = errorsOf({ files: { "parley.yaml": 'port: 1\ndatabase: "postgres://u:hunter2@h/d\n' } });
	assert.match(error, /^parley\.yaml is not well-formed YAML at line \d+\.$/);
	assert.match(errorsOf({ files: { "parley.yaml": "- a" } })[0] ?? "", /names with their values/);
	assert.match(
		errorsOf({ files: { "parley.yaml": "port:" } })[0] ?? "",
		/port in parley\.yaml must have a plain value/,
	);
	assert.equal(settingsOf({ files: { "parley.yaml": "# nothing\n" } }).settings.port, 8080);
});

test("rules between settings hold", () => {
	assert.match(errorsOf({ argv: ["--key-ring", "data/ring"] })[0] ?? "", /keyRing must lie outside dataDir/);
	assert.match(errorsOf({ argv: ["--key-ring", "./data/sub/../ring"] })[0] ?? "", /outside/);
	assert.equal(settingsOf({ argv: ["--key-ring", "./data2/ring"] }).ok, true);
	assert.match(errorsOf({ argv: ["--retry.base-ms", "10s", "--retry.cap-ms", "5s"] })[0] ?? "", /retry\.capMs/);
	assert.match(errorsOf({ argv: ["--outbound.total-ms", "5s"] })[0] ?? "", /outbound\.totalMs/);
	assert.match(
		errorsOf({ argv: ["--session.idle-minutes", "61", "--session.absolute-hours", "1"] })[0] ?? "",
		/session/,
	);
	assert.match(errorsOf({ argv: ["--port", "9090"] })[0] ?? "", /port and opsPort/);
	assert.equal(settingsOf({ argv: ["--port", "0", "--ops-port", "0"] }).ok, true);
});

test("the public base URL is an origin: no path, no user, and without the slash at the end", () => {
	assert.equal(
		settingsOf({ argv: ["--public-base-url", "https://Chat.Example.com/"] }).settings.publicBaseUrl,
		"https://chat.example.com",
	);
	for (const url of [
		"https://a.example/path",
		"https://u:p@a.example",
		"ftp://a.example",
		"a.example",
		"https://a.example?x",
	]) {
		assert.equal(errorsOf({ argv: ["--public-base-url", url] }).length, 1, url);
	}
});

test("addresses of proxies are plain: what other programs read as octal or shortened is refused", () => {
	assert.deepEqual(settingsOf({ argv: ["--trusted-proxies", "10.0.0.5,fd00::/8"] }).settings.trustedProxies, [
		"10.0.0.5",
		"fd00::/8",
	]);
	for (const address of ["010.0.0.5", "10.5", "0x0a000005", "proxy.example"]) {
		assert.equal(errorsOf({ argv: ["--trusted-proxies", address] }).length, 1, address);
	}
});

test("the documentation page has a row for every setting and is the one in the tree", () => {
	const page = settingsPage();
	for (const { name, description } of settingsTable) {
		assert.ok(page.includes(`| \`${name}\`<br>`) && page.includes(description), name);
	}
	const written = readFileSync(new URL("../docs/operations/settings.md", import.meta.url), "utf8");
	assert.equal(written, page, "run: node tools/generate-settings-page.ts");
});
