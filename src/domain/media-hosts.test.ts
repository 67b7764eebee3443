import assert from "node:assert/strict";
import test from "node:test";
import { isMediaAddress, mediaHostsPattern, namedHost, toMediaHosts } from "./media-hosts.ts";

const sources = {
	serviceConnection: "http://10.1.2.3:8080/v25.0",
	hosts: ["api.twilio.com", "*.fbcdn.net"],
};

test("files lie at declared hosts, at HTTPS, or at the very origin of Service Connection", () => {
	for (const address of [
		"https://api.twilio.com/2010-04-01/x",
		"https://API.twilio.com:443/x",
		"https://scontent.xx.fbcdn.net/a?b",
		"http://10.1.2.3:8080/files/1",
	]) {
		assert.ok(isMediaAddress(address, sources), address);
	}
});

test("everything else is nowhere", () => {
	for (const address of [
		"http://api.twilio.com/x",
		"https://api.twilio.com:8443/x",
		"https://user@api.twilio.com/x",
		"https://api.twilio.com.evil.example/x",
		"https://evilapi.twilio.com/x",
		"https://fbcdn.net/x",
		"https://fbcdn.net.evil.example/x",
		"https://evilfbcdn.net/x",
		"https://api.twilio.com./x",
		"https://169.254.169.254/latest/meta-data",
		"https://[::1]/",
		"http://10.1.2.3:8081/files/1",
		"https://10.1.2.3:8080/files/1",
		"http://10.1.2.3/",
		"file:///etc/passwd",
		"data:image/png;base64,AAAA",
		"//api.twilio.com/x",
		"",
	]) {
		assert.ok(!isMediaAddress(address, sources), address);
	}
	assert.ok(!isMediaAddress("https://api.twilio.com/x", { serviceConnection: "", hosts: [] }));
});

test("an administrator may declare names, and never addresses in digits or a whole top level", () => {
	const pattern = new RegExp(mediaHostsPattern);
	for (const entered of ["", "media.example.com", "*.example.com", "a.example.com, *.b.example.com,c.de"]) {
		assert.match(entered, pattern);
	}
	for (const entered of [
		"*",
		"*.com",
		"localhost",
		"10.0.0.1",
		"[::1]",
		"https://a.example.com",
		"a.example.com/x",
		"a..b",
		"a.example.com,",
		"*.*.example.com",
		"A.example.com",
	]) {
		assert.doesNotMatch(entered, pattern, entered);
	}
	assert.deepEqual(toMediaHosts(" a.example.com,*.b.de "), ["a.example.com", "*.b.de"]);
	assert.deepEqual(toMediaHosts(""), []);
});

test("what an administrator could declare has a name", () => {
	assert.equal(namedHost("https://media.example.com/x"), "media.example.com");
	for (const address of [
		"https://127.0.0.1/",
		"http://media.example.com/",
		"https://localhost/",
		"https://0x7f000001/",
		"https://media.example.com:444/",
		"x",
	]) {
		assert.equal(namedHost(address), undefined, address);
	}
});
