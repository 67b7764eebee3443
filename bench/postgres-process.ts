// Keeps a PostgreSQL of the tests for as long as the bench asks for databases: that file belongs to node:test, which would
// print its summary at the end of the bench's own output.

import { testServer } from "#test/postgres.ts";
import { answerQuestions } from "./child.ts";

answerQuestions(async () => {
	const server = await testServer();
	return server.ok ? { ok: true, url: await server.freshDatabase() } : server;
});
