// What everything is compared with: bare Fastify that parses the JSON and sends it back. No check, no database.

import fastify from "fastify";
import { answerQuestions } from "./child.ts";

const app = fastify({ logger: false });
app.post("/echo", (request) => request.body);
const address = await app.listen({ host: "127.0.0.1", port: 0 });

answerQuestions(
	() => Promise.resolve({ port: Number(new URL(address).port) }),
	() => void app.close(),
);
