import assert from "node:assert/strict";
import { onBothDialects } from "#test/storage-on-both.ts";
import { turnsScene } from "#test/turns-scene.ts";
import { beginChat } from "./beginning.ts";

onBothDialects("a queue that is deleted while a chat comes to it gets none", async (open) => {
	const scene = turnsScene(await open());
	const queueId = await scene.queue("support");
	const given = { channel: "web", destination: "support@desk.test", originator: "ann@home.test", visitorId: "V" };
	const acted = await scene.act(async (turn) => {
		await turn.tx.deleteFrom("queues").where("id", "=", queueId).execute(); // After the turn's knowledge was read.
		return beginChat(turn, given);
	});
	assert.ok(acted.ok);
	assert.deepEqual([acted.chat.state, acted.chat.failure, acted.chat.queueId], ["ended", "bad_address", null]);
});
