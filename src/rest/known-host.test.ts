import assert from "node:assert/strict";
import test from "node:test";
import fastify from "fastify";
import { refuseForeignHosts } from "./known-host.ts";

test("only the public name, localhost and addresses are answered; a port does not matter", async (t) => {
	const app = fastify();
	t.after(() => app.close());
	await app.register((scope, _options, done) => {
		refuseForeignHosts(scope, "https://parley.example");
		scope.get("/", () => "ok");
		done();
	});
	app.get("/sms", () => "ok");
	const statusFor = async (host: string, url = "/") => (await app.inject({ url, headers: { host } })).statusCode;
	for (const host of ["parley.example", "PARLEY.example:443", "localhost:8080", "127.0.0.1:8080", "[::1]:8080"]) {
		assert.equal(await statusFor(host), 200, host);
	}
	for (const host of ["evil.example", "parley.example.evil.example", "localhost.evil.example", "@"]) {
		assert.notEqual(await statusFor(host), 200, host);
	}
	assert.equal(await statusFor("evil.example", "/sms"), 200, "webhooks are judged by their proof");
});
