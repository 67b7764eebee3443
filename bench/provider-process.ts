// A provider that answers every message at once, as Meta's Graph API does, and counts. It sends no receipts.

import { type AddressInfo, createServer, type Socket } from "node:net";
import { answerQuestions } from "./child.ts";
import { framing } from "./wire.ts";

let taken = 0;

function answer(socket: Socket, body: Buffer): void {
	const [, recipient = ""] = /"recipient":\{"id":"(\d+)"/.exec(body.toString("latin1")) ?? [];
	taken += 1;
	const text = JSON.stringify({ recipient_id: recipient, message_id: `m_answer_${process.pid}_${taken}` });
	socket.write(
		`HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ${text.length}\r\nconnection: keep-alive\r\n\r\n${text}`,
	);
}

const server = createServer({ noDelay: true }, (socket) => {
	socket.on(
		"data",
		framing(({ body }) => answer(socket, body)),
	);
	socket.on("error", () => socket.destroy());
});
await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));

answerQuestions(
	() => Promise.resolve({ port: (server.address() as AddressInfo).port, taken }),
	() => process.exit(0),
);
