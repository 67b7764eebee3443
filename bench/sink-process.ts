// What Kannel talks to at both its ends: takes any request, answers as its HTTP interfaces expect, and counts by path.

import { type AddressInfo, createServer } from "node:net";
import { answerQuestions } from "./child.ts";
import { framing } from "./wire.ts";

const taken: Record<string, number> = {};
const text = "Sent.";
const answer = `HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\ncontent-length: ${text.length}\r\n\r\n${text}`;

const server = createServer({ noDelay: true }, (socket) => {
	const take = framing(({ head }) => {
		const [, path = ""] = /^\w+ (\/\w*)/.exec(head) ?? [];
		taken[path] = (taken[path] ?? 0) + 1;
		socket.write(answer);
	});
	socket.on("data", take);
	socket.on("error", () => socket.destroy());
});
await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));

answerQuestions(
	() => Promise.resolve({ port: (server.address() as AddressInfo).port, taken }),
	() => process.exit(0),
);
