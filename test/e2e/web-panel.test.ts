// The panel in somebody else's page, in a real browser: the page logs the agent in and works through the panel, as the
// original's library for host pages does; a page that is not on the list gets nothing.

import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import type { WebSocketRoute } from "playwright-core";
import { demandAccessible, openBrowser, openPage, skipWithoutChromium, withBuiltWeb } from "#test/browser.ts";
import { type ChatFrame, type ChatStage, chatStage, leaf, until } from "#test/chat-scene.ts";
import { startChat } from "#test/desk-scene.ts";
import { agentsPage, hostPageOn } from "#test/panel-scene.ts";

const skip = skipWithoutChromium;

withBuiltWeb();

async function openHost(t: TestContext, stage: ChatStage) {
	const address = await agentsPage(t, stage.origin);
	await stage.call("PATCH", "/RI/rci/chatSettings", { agentOrigins: [address] });
	const watched = await openPage(await openBrowser(t));
	await watched.page.goto(address);
	return { ...watched, host: hostPageOn(watched.page) };
}

type Profile = { id: string; name: string };

/** The values of commands on chats are the chats. */
const idOf = (value: unknown): string | undefined => (value as { id?: string }).id;

test(
	"an agent works on somebody else's page: logs in there, accepts, writes, hangs up and handles by its commands",
	{ skip },
	async (t) => {
		const stage = await chatStage(t);
		const mia = await stage.agent("mia");
		const { page, trouble, host } = await openHost(t, stage);
		const { run, panel, hear } = host;
		await run("show");
		await panel.getByText("has not signed you in yet").waitFor();
		await demandAccessible(page, "the panel that waits");
		assert.equal(await run("ask", "detail", "detail", { value: "user" }), false);
		assert.deepEqual(await run("logIn", mia.login, mia.password), { id: mia.id });
		await page.waitForFunction("heard.some(({ id }) => id === 'initRequest')");
		const first = (await host.heard()).find(({ id }) => id === "initRequest");
		assert.deepEqual(first, { id: "initRequest", type: "init", payload: { value: [] } });
		const user = (await run("ask", "detail", "detail", { value: "user" })) as {
			id: string;
			presence_profiles: Profile[];
		};
		assert.equal(user.id, mia.id);
		assert.deepEqual(await run("ask", "detail", "detail", { value: "interactions" }), []);
		const [queue] = (await run("ask", "detail", "detail", { value: "queues" })) as [
			{ type: string; addresses: unknown },
		];
		assert.deepEqual([queue.type, queue.addresses], ["chat", [{ address: "support@desk.test" }]]);

		assert.equal(await run("call", "PUT", "rmi", `/agents/${mia.id}/readyState/`, { readyState: "Ready" }), true);
		await panel.getByRole("switch", { name: "Ready", exact: true }).waitFor({ state: "attached" });
		const { visitor, id, say } = await startChat(t, stage);
		const offered = await hear("status", "incoming");
		assert.equal(offered.payload.interaction?.["id"], id);
		assert.equal(idOf(await run("ask", "accept", "interaction", { value: "accept", interactionId: id })), id);
		await hear("status", "accepted");
		await hear("activeInteraction", { id });
		await hear("channel_status", "connected");
		await say("Where is my parcel?");
		await panel.getByText("Where is my parcel?").first().waitFor();
		assert.equal(
			idOf(await run("ask", "message", "message", { interactionId: id, value: { content: "I will check." } })),
			id,
		);
		await until(() => visitor.texts().includes("I will check.") || undefined, "the visitor reads it");
		const lines = (await run("ask", "detail", "detail", { value: "transcript", interactionId: id })) as {
			message: string;
		}[];
		assert.ok(lines.some(({ message }) => message === "I will check."));
		await demandAccessible(page, "the panel with a chat");
		await panel.getByRole("button", { name: /^Account of/ }).click();
		await panel.getByRole("menuitem", { name: "Keyboard" }).waitFor();
		assert.equal(await panel.getByRole("menuitem", { name: /Sign out|Configurator/ }).count(), 0);
		await page.keyboard.press("Escape");
		assert.equal(idOf(await run("ask", "hangup", "interaction", { value: "hangup", interactionId: id })), id);
		await hear("status", "ended");
		await visitor.hear(leaf("status", "ended"), "that it has ended");
		assert.equal(idOf(await run("ask", "handle", "interaction", { value: "handle", interactionId: id })), id);
		await hear("status", "handled");
		await hear("activeInteraction", null);
		const { id: second } = await startChat(t, stage, "Bob");
		await page.waitForFunction(`ongoing().includes("${second}")`);
		await run("ask", "reject", "interaction", { value: "reject", interactionId: second });
		await hear("status", "rejected");
		await page.waitForFunction("ongoing().length === 0");
		assert.deepEqual(await host.wrong(), []);
		assert.deepEqual(trouble, []);
	},
);

test(
	"it picks what waits, sets presence where the panel shows it, and after a log-out nothing of the agent stays",
	{ skip },
	async (t) => {
		const stage = await chatStage(t, { pick: "all" });
		const [mia, leo] = [await stage.agent("mia"), await stage.agent("leo")];
		const { page, host } = await openHost(t, stage);
		const { run, panel } = host;
		await run("logIn", mia.login, mia.password);
		await run("show");
		await page.waitForFunction("heard.some(({ id }) => id === 'initRequest')");
		const { id } = await startChat(t, stage);
		const listed = (await run("ask", "getPicklist", "picklist", { limit: 5 })) as { id: string }[];
		assert.deepEqual(
			listed.map((one) => one.id),
			[id],
		);
		assert.equal(idOf(await run("pick", id)), id);
		assert.equal(await run("pick", mia.id), false);
		await page.evaluate("post('?'); post({ type: 'action' }); post({ id: 'x', type: 'action' })");
		await page.waitForFunction("heard.some(({ id, payload }) => id === 'x' && payload.value === false)");
		for (const [command, more] of [
			["callState", {}],
			["dtmf", { value: "1" }],
			["join", { value: [id] }],
			["constructor", {}],
			["transfer", { value: { to: "nobody@desk.test" } }],
			["outbound", { value: { channel: "email", to: "ann@home.test" } }],
		] as const) {
			assert.equal(await run("ask", command, command, more), false, command);
		}
		const profiles = (await run("call", "GET", "rmi", `/agents/${mia.id}/presences/`)) as Profile[];
		const lunch = profiles.find(({ name }) => name === "Lunch");
		assert.equal(await run("call", "PUT", "rmi", `/agents/${mia.id}/presences/${lunch?.id}`, lunch), true);
		await panel.locator("input[value=Lunch]").waitFor();
		assert.equal(await run("call", "PUT", "rmi", `/agents/${mia.id}/readyState/`, { readyState: "Ready" }), 403);
		assert.equal(await run("call", "GET", "rmi", `/agents/${leo.id}/presences/`), 403);
		assert.equal(await run("logOut"), 200);
		await panel.getByText("has not signed you in yet").waitFor();
		assert.equal(await run("ask", "detail", "detail", { value: "interactions" }), false);
		await run("logIn", leo.login, leo.password);
		await panel.getByText("No chats yet").waitFor();
		const user = (await run("ask", "detail", "detail", { value: "user" })) as { id: string };
		assert.equal(user.id, leo.id);
	},
);

test("a letter that is not to go out directly is put before the agent, who sends it", { skip }, async (t) => {
	const stage = await chatStage(t);
	const mia = await stage.agent("mia");
	const { page, trouble, host } = await openHost(t, stage);
	const { run, panel } = host;
	const line = cuttable();
	await page.routeWebSocket(/ws_endpoint/, line.carry);
	await run("logIn", mia.login, mia.password);
	await run("show");
	await page.waitForFunction("heard.some(({ id }) => id === 'initRequest')");
	const { id } = await stage.call<{ id: string }>("POST", "/RI/rci/replyTemplates", {
		name: "Parcel",
		text: "Your parcel is on its way.",
	});
	const about = { channel: "whatsapp", to: "+358401234567", from: "support@desk.test", direct: false };
	assert.equal(await run("ask", "write", "outbound", { value: { ...about, content: "Good morning!" } }), true);
	const form = panel.getByRole("dialog", { name: "Write first" });
	await form.waitFor();
	assert.equal(await form.getByLabel("To").inputValue(), "+358401234567");
	assert.equal(await form.getByLabel("Message").inputValue(), "Good morning!");
	assert.equal(await form.getByRole("combobox", { name: "Channel" }).inputValue(), "WhatsApp");
	await demandAccessible(page, "the panel with a letter");
	const message = form.getByLabel("Message");
	await message.fill("Good evening!");
	const more = { ...about, content: "", defaultReplyTemplateId: id };
	assert.equal(await run("ask", "write", "outbound", { value: more }), false);
	assert.equal(await message.inputValue(), "Good evening!");
	await page.keyboard.press("Escape");
	await form.waitFor({ state: "detached" });
	await panel.getByRole("button", { name: "New message" }).click();
	await message.fill("Dear Ann");
	assert.equal(await run("ask", "write", "outbound", { value: more }), false);
	assert.equal(await message.inputValue(), "Dear Ann");
	await page.keyboard.press("Escape");
	await form.waitFor({ state: "detached" });
	assert.equal(await run("ask", "write", "outbound", { value: more }), true);
	await form.getByText("Your parcel is on its way.").waitFor();
	await message.fill("Your parcel is here.");
	const before = line.answers;
	line.cut();
	await until(() => line.answers > before || undefined, "the templates are there anew");
	await page.waitForTimeout(300); // What the answer does would be done by now.
	assert.equal(await message.inputValue(), "Your parcel is here.");
	await page.keyboard.press("Escape");
	await form.waitFor({ state: "detached" });
	assert.deepEqual(await run("ask", "detail", "detail", { value: "interactions" }), []);
	assert.deepEqual(trouble, []);
});

/** A line that can be lost; `answers`: how often the reply templates came. */
function cuttable() {
	const line = {
		answers: 0,
		cut: () => {},
		carry(socket: WebSocketRoute): void {
			const asked = new Set<string>();
			const server = socket.connectToServer();
			line.cut = () => void Promise.all([socket.close({ code: 4000 }), server.close()]);
			socket.onMessage((text) => {
				const { uri, client_req_id: id } = JSON.parse(String(text)) as { uri: string; client_req_id: string };
				if (uri.endsWith("/reply_templates")) {
					asked.add(id);
				}
				server.send(text);
			});
			server.onMessage((text) => {
				const { client_req_id: id } = JSON.parse(String(text)) as ChatFrame;
				socket.send(text);
				line.answers += asked.has(id ?? "") ? 1 : 0;
			});
		},
	};
	return line;
}

test(
	"a page that is not on the list neither logs in nor shows the panel; only the parent is answered",
	{ skip },
	async (t) => {
		const stage = await chatStage(t);
		const mia = await stage.agent("mia");
		const { page, host } = await openHost(t, stage);
		const stranger = await agentsPage(t, stage.origin);
		await host.run("logIn", mia.login, mia.password);
		await host.run("show");
		await host.panel.getByText("No chats yet").waitFor();
		// Another frame of the same page is not the parent.
		await page.evaluate(
			`document.querySelector("main").insertAdjacentHTML("beforeend", "<iframe title=Other srcdoc='<p>Other</p>'></iframe>")`,
		);
		const other = page.frames().at(-1);
		assert.ok(other !== undefined && other !== page.mainFrame());
		await page.frameLocator("iframe[title=Other]").getByText("Other").waitFor();
		await other.evaluate(
			`parent.document.querySelector("iframe[title=Panel]").contentWindow.postMessage({ id: "other", type: "action", payload: { command: "detail", value: "user" } }, "*")`,
		);
		assert.notEqual(await host.run("ask", "detail", "detail", { value: "user" }), false);
		assert.equal(
			(await host.heard()).some(({ id }) => id === "other"),
			false,
		);

		await page.goto(stranger);
		assert.equal(await host.run("logIn", mia.login, mia.password), "refused");
		assert.equal(await host.run("call", "GET", "rmi", `/agents/${mia.id}/presences/`), "refused");
		const refused = page.waitForEvent("console", (message) => message.text().includes("frame-ancestors"));
		await host.run("show");
		await refused;
		// Also a browser that would show it does not make it speak.
		await page.route("**/embedded.html?*", async (route) => {
			const answer = await route.fetch();
			await route.fulfill({ response: answer, headers: { "content-type": "text/html" } });
		});
		await page.reload();
		await host.run("show");
		await host.panel.getByText("Connect").waitFor(); // Whom it heard, it would answer `false` by now.
		assert.equal(await host.run("ask", "detail", "detail", { value: "user" }), "late");
		assert.deepEqual(await host.heard(), []);
	},
);

test(
	"the panel is framed by the pages on the list and our own, and is as closed as the desk otherwise",
	{ skip },
	async (t) => {
		const stage = await chatStage(t);
		await stage.call("PATCH", "/RI/rci/chatSettings", { agentOrigins: ["https://crm.example"] });
		const policyAt = async (path: string) =>
			(await fetch(`${stage.origin}${path}`)).headers.get("content-security-policy");
		const bare = (policy: string | null) => (policy ?? "").replaceAll(/'nonce-[^']*'/g, "'nonce'");
		const panel = bare(await policyAt("/ecf/latest/communicationpanel/embedded.html?salesforce=true&anything=1"));
		assert.match(panel, /frame-ancestors 'self' https:\/\/crm\.example;/);
		assert.equal(panel.replace("'self' https://crm.example", "'none'"), bare(await policyAt("/desk")));
		assert.equal(bare(await policyAt("/ecf/latest/communicationpanel/embedded_sso.html?salesforce=true")), panel);
	},
);
