import test from "node:test";
import assert from "node:assert/strict";
import { restScene, administratorGrants } from "#test/rest-scene.ts";
import { startRest } from "./start.ts";
test("smoke", async (t) => {
	const s = await restScene(t, { serve: startRest });
	const a = await s.person({ grants: administratorGrants });
	for (const url of ["/RI/rci/me","/RI/rci/users","/RI/rci/userGroups","/RI/rci/roles","/RI/rci/auditLog","/RI/rci/auditLog/verification","/RI/rci/apiTokens","/RI/rci/sessions","/RI/openapi/rci.json","/RI/docs","/RI/docs/problems","/","/login","/assets/parley.css",`/RI/rci/users/${a.id}/rights`,`/RI/rci/users/${a.id}/roles`]) {
		const r = await s.call({ method: "GET", url }, a);
		console.log(url, r.statusCode, r.body.slice(0, 150));
	}
	const r = await s.call({ method: "POST", url: "/RI/rci/users", payload: {firstName:"A", surname:"B", login:"x.y"}, headers: {"idempotency-key":"1"} }, a);
	console.log(r.statusCode, r.headers, r.body);
	const r2 = await s.call({ method: "POST", url: "/RI/rci/users", payload: {firstName:"A", surname:"B", login:"x.y"}, headers: {"idempotency-key":"1"} }, a);
	console.log(r2.statusCode, r2.body);
});
