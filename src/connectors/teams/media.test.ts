// Goal: the access token opens a picture of the very message that shows it and a file that a bot was given, and nothing else,
// whatever whoever wrote the message names.

import assert from "node:assert/strict";
import test from "node:test";
import type { ServiceId } from "#domain/ids.ts";
import type { HttpCall, Tools } from "../contract.ts";
import { eventOf } from "./chat-messages.ts";
import { parse } from "./form.ts";
import { fetchMedia } from "./media.ts";

const graph = "https://graph.microsoft.com/v1.0";
const connector = "https://smba.trafficmanager.net/emea";
const chatId = "19:2da4c29f6d7041eca70b638b43d45437@thread.v2";
const teamId = "fbe2bf47-16c8-47cf-b4a5-4b9b187c508b";
const channelId = "19:4a95f7d8db4c4e7fae857bcebe0623e6@thread.tacv2";
const escapedChat = encodeURIComponent(chatId);
const escapedChannel = encodeURIComponent(channelId);

function configOf(serviceConnection: string, mode: "graph" | "bot" = "graph") {
	const entries = { "8e460676-ae3f-4b1e-8790-ee0fb5d6148f": "app secret", "service.desk@example.com": "password" };
	return parse({
		id: "S".repeat(32) as ServiceId,
		serviceConnection,
		authenticationUrl: null,
		authenticationScope: null,
		settings: { mode },
		authentications: Object.entries(entries).map(([authenticationId, secret]) => ({
			authenticationId,
			secrets: [secret],
		})),
	});
}

type Message = Readonly<Record<string, unknown>>;
const inChat: Message = { id: "1615971548136", chatId };
const inChannel: Message = { id: "1615971548137", replyToId: "1615971548000", channelIdentity: { teamId, channelId } };
const post: Message = { id: "1615971548000", channelIdentity: { teamId: teamId.toUpperCase(), channelId } };

/** The addresses under which files of the message would be asked for. */
function filesOf(where: Message, content: string, attachments: readonly object[] = []): readonly string[] {
	const from = { user: { id: "8ea0e38b-efb3-4757-924a-5f94061cf8c2" } };
	const message = { ...where, messageType: "message", from, body: { contentType: "html", content }, attachments };
	const event = eventOf(message, "created", configOf(graph));
	assert.ok(event.kind === "message");
	return event.attachments.map(({ url }) => url);
}

const img = (src: string) => `<p>hi</p><img alt="x" src="${src.replaceAll("&", "&amp;")}" width="10">`;

function toolsNoting(): Tools & { calls: HttpCall[] } {
	const calls: HttpCall[] = [];
	return {
		calls,
		http(call) {
			calls.push(call);
			return Promise.resolve({ kind: "answered", status: 200, headers: new Headers(), body: Buffer.from("x") });
		},
		token: () => Promise.resolve({ ok: true, accessToken: "the token", expiresAt: new Date(4e12) }),
		dropToken: () => undefined,
		now: () => new Date("2026-11-26T10:00:00Z"),
	};
}

const ofChat = `${graph}/chats/${escapedChat}/messages/1615971548136/hostedContents/aWQ9eF8w%3D%3D/$value`;

test("a picture is content of the message, asked for by an address that we make", async () => {
	const rows: readonly [Message, string, string][] = [
		[inChat, `${graph}/chats/${chatId}/messages/1615971548136/hostedContents/aWQ9eF8w==/$value`, ofChat],
		[inChat, ofChat, ofChat],
		[
			inChannel,
			`${graph}/teams/${teamId}/channels/${channelId}/messages/1615971548000/replies/1615971548137/hostedContents/a/$value`,
			`${graph}/teams/${teamId}/channels/${escapedChannel}/messages/1615971548000/replies/1615971548137/hostedContents/a/$value`,
		],
		[
			post,
			`${graph}/teams/${teamId}/channels/${channelId}/messages/1615971548000/hostedContents/a/$value`,
			`${graph}/teams/${teamId}/channels/${escapedChannel}/messages/1615971548000/hostedContents/a/$value`,
		],
	];
	for (const [where, src, url] of rows) {
		assert.deepEqual(filesOf(where, img(src)), [url]);
		const tools = toolsNoting();
		assert.equal((await fetchMedia({ url }, configOf(graph), tools)).kind, "fetched");
		const headers = { accept: "*/*", authorization: "Bearer the token" };
		assert.deepEqual(tools.calls, [{ method: "GET", url, headers }]);
	}
});

const content = "hostedContents/aWQ9/$value";
const here = `${graph}/chats/${chatId}/messages/1615971548136`;
/** What a guest may write; each leads somewhere else than to content of the message. */
const hostile: readonly string[] = [
	`${graph}/me/messages?$top=50&x=/hostedContents/`,
	`${graph}/me/messages?x=/chats/${chatId}/messages/1615971548136/${content}`,
	`${graph}/me/messages#/hostedContents/aWQ9/$value`,
	`${graph}/chats/19:another@thread.v2/messages/1615971548136/${content}`,
	`${graph}/chats/${chatId}/messages/1615971548139/${content}`,
	`${graph}/teams/${teamId}/channels/${channelId}/messages/1615971548136/${content}`,
	`${here}/${content}?$expand=x`,
	`${here}/${content}#x`,
	`${here}/${content}/`,
	`${here}/${content}/../../../../../../me/drive/root/content`,
	`${here}/hostedContents/../../../../../me/${content}`,
	`${here}/hostedContents/%2e%2e/%2e%2e/$value`,
	`${here}/hostedContents/..%2f..%2fme/$value`,
	`${here}/hostedContents/%252e%252e/$value`,
	`${here}/hostedContents/a%00b/$value`,
	`${here}/hostedContents/a/b/$value`,
	`${here}/hostedContents//$value`,
	`${here}/hostedContents`,
	`${here}/replies/1615971548136/${content}`,
	`${graph}/users/x/chats/${chatId}/messages/1615971548136/${content}`,
	`https://graph.microsoft.com/beta/chats/${chatId}/messages/1615971548136/${content}`,
	`https://graph.microsoft.com/v1.0.evil/chats/${chatId}/messages/1615971548136/${content}`,
	`https://user:word@graph.microsoft.com/v1.0/chats/${chatId}/messages/1615971548136/${content}`,
	`https://graph.microsoft.com.evil.example/v1.0/chats/${chatId}/messages/1615971548136/${content}`,
	`http://graph.microsoft.com/v1.0/chats/${chatId}/messages/1615971548136/${content}`,
	`https://graph.microsoft.com:8443/v1.0/chats/${chatId}/messages/1615971548136/${content}`,
	`//graph.microsoft.com/v1.0/chats/${chatId}/messages/1615971548136/${content}`,
	`../hostedContents/1/$value`,
	`${here}/%zz/${content}`,
];

test("nothing else in a message makes us ask with the token", async () => {
	for (const address of hostile) {
		assert.deepEqual(filesOf(inChat, img(address)), [], address);
		const tools = toolsNoting();
		await fetchMedia({ url: address }, configOf(graph), tools);
		const carrying = tools.calls.filter(({ headers }) => "authorization" in headers).map(({ url }) => url);
		// Without the message, one of another chat cannot be told from ours: what is fetched was made when it was read.
		const isContent = carrying.every((url) => /\/messages\/\d+\/hostedContents\/aWQ9\/\$value$/.test(url));
		assert.ok(isContent && carrying.length <= 1 && (carrying[0] ?? address) === address, address);
	}
	const asFile = (contentUrl: string) => ({ contentType: "reference", contentUrl, name: "x" });
	for (const address of [...hostile, ofChat].filter((one) => URL.parse(one)?.origin === new URL(graph).origin)) {
		assert.deepEqual(filesOf(inChat, "", [asFile(address)]), [], address);
	}
	const plan = "https://contoso.sharepoint.com/sites/x/plan.docx";
	assert.deepEqual(filesOf(inChat, "", [asFile(plan)]), [plan]);
});

test("with the token only an address in our own spelling is asked for", async () => {
	for (const url of [
		`${here}/${content}`,
		`${ofChat}?x=1`,
		`${ofChat}#x`,
		`${graph}/me`,
		`${graph}/me/../chats/${escapedChat}/messages/1615971548136/${content}`,
		"https://graph.microsoft.com/",
	]) {
		const tools = toolsNoting();
		const answer = await fetchMedia({ url }, configOf(graph), tools);
		assert.deepEqual(["why" in answer && answer.why, tools.calls], ["not allowed", []], url);
	}
	const tools = toolsNoting();
	await fetchMedia({ url: "https://contoso.sharepoint.com/x" }, configOf(graph), tools);
	assert.deepEqual(tools.calls[0]?.headers, {});
});

test("a bot's token opens what it was given, and no conversation", async () => {
	const tenant = "84bd8158-6d4d-4958-8b9f-9d6445542f95";
	const asked = async (path: string) => {
		const tools = toolsNoting();
		await fetchMedia({ url: connector + path }, configOf(connector, "bot"), tools);
		return tools.calls.map(({ url, headers }) => [url, headers["authorization"]]);
	};
	for (const path of ["/v3/attachments/0-eus-d1-2f/views/original", `/${tenant}/v3/attachments/1/views/thumbnail`]) {
		assert.deepEqual(await asked(path), [[connector + path, "Bearer the token"]]);
	}
	for (const path of [
		"/v3/conversations/a:1/members",
		"/v3/attachments/1/views/../../../conversations",
		"/v3/attachments/../views/original",
		"/v3/attachments/1/views/original?x=1",
		"/v3/attachments/%2e%2e/views/original",
		"/v3/attachments/1",
		"/x/v3/attachments/1/views/original",
		"/",
	]) {
		assert.deepEqual(await asked(path), [], path);
	}
});
