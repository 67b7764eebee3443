import test from "node:test";
import assert from "node:assert/strict";
import { allowedMethods, knownRoute } from "./allowed-methods.ts";

const routes = [
	knownRoute("GET", "/things"),
	knownRoute("POST", "/things"),
	knownRoute("DELETE", "/things/:id"),
	knownRoute("GET", "/things/:id"),
	knownRoute("GET", "/files/*"),
	knownRoute("GET", "/a.json"),
];

test("the methods of a path are found, each once, in order", () => {
	assert.deepEqual(allowedMethods("/things", [...routes, ...routes]), ["GET", "POST"]);
	assert.deepEqual(allowedMethods("/things/7", routes), ["DELETE", "GET"]);
	assert.deepEqual(allowedMethods("/files/a/b.png", routes), ["GET"]);
});

test("other paths have none", () => {
	for (const path of ["/", "/thing", "/things/", "/things/7/8", "/aXjson"]) {
		assert.deepEqual(allowedMethods(path, routes), [], path);
	}
});
