import test from "node:test";
import assert from "node:assert/strict";
import { type AllowList, mayConnect, openMeanwhile, parseAllowList, targetOf } from "./outbound-rules.ts";

const nothing = parseAllowList([]);

/** Whether a request to `url` may be made when its name resolves to `addresses` (literals resolve to themselves). */
function isOpen(url: string, allow: readonly string[] = [], addresses: readonly string[] = ["93.184.215.14"]): boolean {
	return isOpenBy(parseAllowList(allow), url, addresses);
}

function isOpenBy(list: AllowList, url: string, addresses: readonly string[]): boolean {
	const target = targetOf(url, list);
	if (target === undefined) {
		return false;
	}
	return mayConnect(target, target.literal === undefined ? addresses : [target.literal], list);
}

test("HTTPS to a public address by its usual ports is open, by name and by literal", () => {
	for (const url of [
		"https://graph.facebook.com/v25.0",
		"https://93.184.215.14/",
		"https://[2606:4700::1111]/",
		"https://a.example:80/",
		"https://a.example:443/",
	]) {
		assert.equal(isOpen(url), true, url);
	}
	assert.equal(isOpen("https://a.example/", [], ["93.184.215.14", "2606:4700::1111"]), true);
});

test("other schemes, users in the URL, other ports and what is no URL are blocked", () => {
	const blocked = [
		"http://a.example/",
		"ftp://a.example/",
		"file:///etc/passwd",
		"gopher://a.example/",
		"data:text/plain,x",
		"javascript:1",
		"https://user@a.example/",
		"https://user:pass@a.example/",
		"https://:pass@a.example/",
		"https://a.example:22/",
		"https://a.example:8443/",
		"https://",
		"//a.example/",
		"a.example",
		"",
		"https://a.example:99999/",
		"https://a b/",
	];
	for (const url of blocked) {
		assert.equal(targetOf(url, nothing), undefined, url);
	}
});

test("addresses that are not public are blocked as literals in every spelling and as answers of a look-up", () => {
	const addresses = [
		"0.0.0.0 0.1.2.3 10.0.0.1 100.64.0.1 127.0.0.1 127.255.255.254 169.254.169.254 172.16.0.1",
		"172.31.255.255 192.0.0.1 192.0.2.1 192.168.1.1 198.18.0.1 198.51.100.1 203.0.113.1",
		"224.0.0.1 239.255.255.255 240.0.0.1 255.255.255.255",
	].flatMap((line) => line.split(" "));
	for (const address of addresses) {
		assert.equal(isOpen(`https://${address}/`), false, address);
		assert.equal(isOpen("https://a.example/", [], [address]), false, address);
		assert.equal(isOpen("https://a.example/", [], ["93.184.215.14", address]), false, `mixed with ${address}`);
		assert.equal(isOpen("https://a.example/", [], [`::ffff:${address}`]), false, `mapped ${address}`);
	}
	const sixes = [
		":: ::1 ::127.0.0.1 ::7f00:1 ::ffff:127.0.0.1 ::ffff:7f00:1 ::ffff:93.184.215.14 fc00::1",
		"fd00:ec2::254 fe80::1 fec0::1 ff02::1 2001:db8::1 2002:7f00:1:: 2001::1 64:ff9b::7f00:1",
		"64:ff9b:1::1 100::1 5f00::1 4000::1 ::ffff:0:127.0.0.1",
	].flatMap((line) => line.split(" "));
	for (const address of sixes) {
		assert.equal(isOpen(`https://[${address}]/`), false, address);
		assert.equal(isOpen("https://a.example/", [], [address]), false, address);
	}
});

test("decimal, octal, hexadecimal, shortened and full-width spellings of a private address are blocked", () => {
	const hosts = [
		"2130706433 0x7f000001 017700000001 0177.0.0.1 0x7f.0.0.1 127.1 127.0.1 0",
		"127.0.0.1. ①②⑦.⓪.⓪.① １２７.0.0.1 0xa9fea9fe 2852039166 169.254.43518 %31%32%37.0.0.1",
	].flatMap((line) => line.split(" "));
	for (const host of hosts) {
		assert.equal(isOpen(`https://${host}/`), false, host);
	}
});

test("zone ids and answers that are no addresses are blocked", () => {
	for (const address of ["fe80::1%eth0", "2606:4700::1111%lo", "", "localhost", "93.184.215.14 "]) {
		assert.equal(isOpen("https://a.example/", [], [address]), false, address);
	}
	assert.equal(isOpen("https://a.example/", [], []), false, "no answer at all");
	assert.equal(targetOf("https://[fe80::1%25eth0]/", nothing), undefined);
});

test("names that mean something inside only are not even looked up", () => {
	const names = [
		"localhost",
		"LOCALHOST",
		"localhost.",
		"a.localhost",
		"metadata",
		"metadata.google.internal",
		"x.internal",
		"db",
		"printer.local",
		"nas.home.arpa",
		"home.arpa",
		"nas.intranet",
		"box.lan",
		"box.localdomain",
	];
	for (const name of names) {
		assert.equal(targetOf(`https://${name}/`, nothing), undefined, name);
	}
	assert.notEqual(targetOf("https://internal.example/", nothing), undefined);
});

test("an entry host:port opens exactly that host and port, by HTTP too", () => {
	const allow = ["sim.internal:9000", "127.0.0.1:9001", "[::1]:9002"];
	assert.equal(isOpen("http://sim.internal:9000/x", allow, ["10.0.0.1"]), true);
	assert.equal(isOpen("https://SIM.internal.:9000/x", allow, ["10.0.0.1"]), true);
	assert.equal(isOpen("http://sim.internal:9001/", allow, ["10.0.0.1"]), false);
	assert.equal(isOpen("http://other.internal:9000/", allow, ["10.0.0.1"]), false);
	assert.equal(isOpen("http://127.0.0.1:9001/", allow), true);
	assert.equal(isOpen("http://2130706433:9001/", allow), true, "the same address in another spelling");
	assert.equal(isOpen("http://127.0.0.1:9002/", allow), false);
	assert.equal(isOpen("http://127.0.0.2:9001/", allow), false);
	assert.equal(isOpen("http://[::1]:9002/", allow), true);
	assert.equal(isOpen("http://localhost:9001/", allow, ["127.0.0.1"]), true, "resolves to a listed address and port");
	assert.equal(isOpen("http://localhost:9001/", allow, ["127.0.0.1", "::1"]), false, "::1:9001 is not listed");
});

test("a network opens its addresses by every port and scheme, but no public name by HTTP", () => {
	const allow = ["10.0.0.0/8", "fd00::/8"];
	assert.equal(isOpen("http://10.1.2.3:8080/", allow), true);
	assert.equal(isOpen("http://[fd00::5]:8080/", allow), true);
	assert.equal(isOpen("http://11.1.2.3:8080/", allow), false);
	assert.equal(isOpen("http://hub:8080/", allow, ["10.1.2.3"]), true);
	assert.equal(isOpen("http://a.example/", allow, ["93.184.215.14"]), false);
	assert.equal(isOpen("http://hub:8080/", allow, ["10.1.2.3", "93.184.215.14"]), false);
	assert.equal(isOpen("https://a.example/", allow, ["10.1.2.3", "93.184.215.14"]), true, "each is listed or public");
	assert.equal(isOpen("https://a.example/", allow, ["::ffff:10.1.2.3"]), true);
	assert.equal(isOpen("https://a.example/", allow, ["192.168.0.1"]), false);
});

test("a target says what its addresses have to be", () => {
	const allow = parseAllowList(["hub.example:1", "[fd00::1]:65535", "10.0.0.0/8"]);
	const target = { isTls: true, host: "a.example", port: 443, literal: undefined };
	assert.deepEqual(targetOf("https://a.example/", allow), { ...target, needs: "public" });
	assert.deepEqual(targetOf("https://a.example.:8443/", allow), { ...target, port: 8443, needs: "listed" });
	const byName = { isTls: false, host: "hub.example", port: 1, literal: undefined, needs: "any" };
	assert.deepEqual(targetOf("http://hub.example:1/", allow), byName);
	const byAddress = { isTls: false, host: "fd00::1", port: 65_535, literal: "fd00::1", needs: "listed" };
	assert.deepEqual(targetOf("http://[FD00::0001]:65535/", allow), byAddress);
});

test("what is allowed for a while is one spelling of one address, and over when it is replaced", () => {
	const meanwhile = openMeanwhile();
	const allow = parseAllowList([], meanwhile);
	const isReached = (url: string, address = "127.0.0.1") => isOpenBy(allow, url, [address]);
	assert.equal(isReached("http://127.0.0.1:9123/"), false);
	meanwhile.replace(["127.0.0.1:9123", "127.0.0.1:9124"]);
	assert.equal(isReached("http://127.0.0.1:9123/send"), true);
	assert.equal(isReached("http://127.0.0.1:9125/"), false);
	assert.equal(isReached("http://127.0.0.1/"), false);
	assert.equal(isReached("http://localhost:9123/"), false);
	assert.equal(isReached("http://127.0.0.2:9123/", "127.0.0.2"), false);
	assert.equal(isReached("http://rebound.example:9123/"), false);
	meanwhile.replace(["127.0.0.1:9124"]);
	assert.equal(isReached("http://127.0.0.1:9123/"), false);
	for (const target of ["10.0.0.5:80", "localhost:80", "127.0.0.1", "127.0.0.1:0", "127.0.0.0/8", "127.0.0.1:80 "]) {
		assert.throws(() => meanwhile.replace([target]), RangeError, target);
	}
});

test("entries that are neither host:port nor CIDR are refused with the rule", () => {
	for (const entry of [
		"a.example",
		"10.0.0.1",
		"a.example:0",
		"a.example:65536",
		"http://a.example:80",
		"a:b:80",
		"10.0.0.0/33",
		"",
		":80",
		"a@b:80",
		"*.example:80x",
		"a%zz:80",
	]) {
		assert.throws(
			() => parseAllowList([entry]),
			(error) => error instanceof RangeError && /host:port/.test(error.message),
			entry,
		);
	}
});
