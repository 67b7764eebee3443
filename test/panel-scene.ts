// A page of somebody else on which an agent works: it does what the original's library for host pages is known to do, and
// nothing more. It logs in, shows the panel, and speaks with it.

import assert from "node:assert/strict";
import { createServer, type RequestListener } from "node:http";
import { createServer as createSecureServer } from "node:https";
import type { TestContext } from "node:test";
import type { FrameLocator, Page } from "playwright-core";
import type { TestPair } from "./certificates.ts";

/** Run by the page, which knows only Parley's address. */
const library = `
const base = document.currentScript.dataset.base;
const heard = [];
const wrong = [];
const waiting = new Map();
let frame;
let number = 0;
let picking;

function logIn(login, password) {
	const basic = btoa(String.fromCharCode(...new TextEncoder().encode(login + ":" + password)));
	return fetch(base + "ecfs/authentication/", {
		method: "POST",
		credentials: "include",
		headers: { Authorization: "ECFAuth", "Content-Type": "application/x-www-form-urlencoded" },
		body: "Authorization=Basic%20" + basic,
	}).then((answer) => (answer.status === 200 ? answer.json() : answer.status), () => "refused");
}

function logOut() {
	return fetch(base + "ecfs/authentication/", { method: "DELETE", credentials: "include" }).then(({ status }) => status);
}

function call(method, api, resource, body) {
	return fetch(base + "ecfs/RI/" + api + resource, {
		method,
		credentials: "include",
		headers: { "Content-Type": "application/json" },
		...(body === undefined ? {} : { body: JSON.stringify(body) }),
	}).then((answer) => (answer.status === 200 ? answer.json() : answer.ok || answer.status), () => "refused");
}

function show() {
	frame = document.createElement("iframe");
	frame.title = "Panel";
	frame.style = "width: 100%; height: 640px";
	frame.src = base + "ecf/latest/communicationpanel/embedded.html?salesforce=true&responsive=true&minWidth=300";
	frame.addEventListener("load", () => post({ id: "initRequest", type: "init", payload: false }));
	document.querySelector("main").append(frame);
}

function post(message) {
	frame.contentWindow.postMessage(message, new URL(base).origin);
}

/** The value; "late" after five seconds. */
function ask(name, command, more) {
	const id = name + "-action-" + ++number;
	return new Promise((resolve) => {
		waiting.set(id, resolve);
		setTimeout(() => resolve("late"), 5000);
		post({ id, type: "action", payload: { cpcFn: name, command, ...more } });
	});
}

/** It looks for the answer every 50 ms, and hears the chat that is accepted only from then on; false after five seconds. */
async function pick(id) {
	let isAnswered = false;
	void ask("interaction", "interaction", { value: "pick", interactionId: id }).then(() => (isAnswered = true));
	while (!isAnswered) {
		await new Promise((resolve) => setTimeout(resolve, 50));
	}
	return new Promise((resolve) => {
		picking = { id, resolve };
		setTimeout(() => resolve(false), 5000);
	});
}

/** What it believes to be going on: it forgets a chat by "handled" only. */
function ongoing() {
	const states = heard.filter(({ payload }) => payload.attribute === "status").map(({ payload }) => payload);
	const last = new Map(states.map(({ value, interaction }) => [interaction.id, value]));
	return [...last].filter(([, value]) => value !== "handled").map(([id]) => id);
}

addEventListener("message", ({ origin, data }) => {
	if (origin !== new URL(base).origin || typeof data?.payload !== "object" || data.payload.type === "MESSAGE") {
		wrong.push(data);
		return;
	}
	heard.push(data);
	waiting.get(data.id)?.(data.payload.value);
	const { attribute, value, interaction } = data.payload;
	if (attribute === "status" && value === "accepted" && interaction.id === picking?.id) {
		picking.resolve(interaction);
	}
});
`;

/**
 * Another origin of the same site: without HTTPS a browser keeps the cookie between sites from it.
 * @param tls with it the page comes by HTTPS, under whatever name leads here
 */
export async function agentsPage(t: TestContext, parley: string, tls?: TestPair): Promise<string> {
	const html = `<!doctype html><html lang="en"><head><title>CRM</title></head><body>
		<main aria-label="CRM"><h1>Customers</h1></main><script data-base="${parley}/">${library}</script></body></html>`;
	const answer: RequestListener = (_request, response) => {
		response.setHeader("content-type", "text/html; charset=utf-8");
		response.end(html);
	};
	const server =
		tls === undefined ? createServer(answer) : createSecureServer({ cert: tls.certificate, key: tls.key }, answer);
	await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
	t.after(() => server.close());
	const address = server.address();
	assert.ok(typeof address === "object" && address !== null);
	return tls === undefined ? `http://127.0.0.1:${address.port}` : `https://crm.test:${address.port}`;
}

export type Heard = {
	id?: string;
	type: string;
	payload: { attribute?: string; value: unknown; interaction?: Record<string, unknown> };
};

export type HostPage = {
	panel: FrameLocator;
	/** Calls a function of the page's script. */
	run(name: string, ...given: unknown[]): Promise<unknown>;
	/** What the panel has said, in order. */
	heard(): Promise<Heard[]>;
	/** The first that fits, said already or soon. */
	hear(attribute: string, value: unknown): Promise<Heard>;
	wrong(): Promise<unknown[]>;
};

export function hostPageOn(page: Page): HostPage {
	const heard = (): Promise<Heard[]> => page.evaluate("heard");
	return {
		panel: page.frameLocator("iframe[title=Panel]"),
		run: (name, ...given) => page.evaluate(`${name}(${given.map((one) => JSON.stringify(one)).join(", ")})`),
		heard,
		async hear(attribute, value) {
			const fits = `(one) => one.payload.attribute === ${JSON.stringify(attribute)} && JSON.stringify(one.payload.value) === ${JSON.stringify(JSON.stringify(value))}`;
			await page.waitForFunction(`heard.some(${fits})`);
			return page.evaluate(`heard.findLast(${fits})`);
		},
		wrong: () => page.evaluate("wrong"),
	};
}
