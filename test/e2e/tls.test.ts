// Parley with a certificate of its own: pages, interfaces, sockets and the sandbox over TLS, the certificate's end in the
// metrics, and a start that is refused with the setting that is wrong.

import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test, { type TestContext } from "node:test";
import { Agent, request } from "undici";
import { WebSocket } from "ws";
import { run as check } from "#commands/check.ts";
import { serve } from "#commands/serve.ts";
import { systemWith } from "#commands/system.ts";
import { silentLog } from "#platform/log.ts";
import { readSettings } from "#settings";
import { makeCertificate } from "#test/certificates.ts";
import { freePort } from "#test/free-port.ts";
import { administrator, until } from "#test/parley.ts";

async function place(t: TestContext, pair: { certificate: string; key: string }) {
	const folder = mkdtempSync(join(tmpdir(), "parley-tls-"));
	t.after(() => rmSync(folder, { recursive: true, force: true }));
	const [certificateFile, keyFile] = [join(folder, "cert.pem"), join(folder, "key.pem")];
	writeFileSync(certificateFile, pair.certificate);
	writeFileSync(keyFile, pair.key);
	const argv = ["--data-dir", join(folder, "data"), "--key-ring", join(folder, "keyring")];
	argv.push("--port", String(await freePort()), "--ops-port", "0");
	argv.push("--tls.certificate-file", certificateFile, "--tls.key-file", keyFile);
	return argv;
}

function systemFor(argv: readonly string[], say: (line: string) => void) {
	const read = readSettings({ argv, env: {}, readFile: () => undefined });
	assert.ok(read.ok);
	return { ...systemWith(read.settings), say };
}

test("everything of the main listener works over TLS", async (t) => {
	const pair = makeCertificate({ validUntil: new Date("2040-01-01T00:00:00Z") });
	const said: string[] = [];
	const system = systemFor(await place(t, pair), (line) => void said.push(line));
	const parley = await serve(system, { log: silentLog });
	t.after(() => parley.stop());
	const { origin } = parley;
	assert.match(origin, /^https:\/\/127\.0\.0\.1:\d+$/);
	assert.equal(said.find((line) => line.startsWith("Parley listens"))?.includes(`${origin} (public: https://`), true);
	const dispatcher = new Agent({ connect: { ca: pair.certificate } });
	t.after(() => dispatcher.close());
	const authorization = `Basic ${Buffer.from(`${administrator.login}:${administrator.password}`).toString("base64")}`;
	async function call<T>(method: "GET" | "POST", path: string, body?: object): Promise<T> {
		const headers = { authorization, accept: "application/json", "content-type": "application/json" };
		const answer = await request(`${origin}${path}`, {
			method,
			headers,
			dispatcher,
			...(body === undefined ? {} : { body: JSON.stringify(body) }),
		});
		const text = await answer.body.text();
		assert.ok(answer.statusCode < 300, `${method} ${path} answered ${answer.statusCode}: ${text}`);
		return (text === "" ? undefined : JSON.parse(text)) as T;
	}
	const bootstrap = said.map((line) => /https:\/\/\S+(\/bootstrap\/\S+)/.exec(line)?.[1]).find((path) => path);
	await call("POST", bootstrap ?? "", { firstName: "Ada", surname: "Admin", ...administrator });

	const page = await request(`${origin}/login`, { dispatcher });
	assert.match(await page.body.text(), /Sign in/);
	assert.match(String(page.headers["strict-transport-security"]), /max-age/);

	const visit = await request(`${origin}/visitor/ecfs/authentication`, {
		method: "POST",
		headers: { authorization: "Anonymous" },
		dispatcher,
	});
	await visit.body.text();
	const [cookie = ""] = String(visit.headers["set-cookie"]).split(";");
	const socket = new WebSocket(`${origin.replace("https", "wss")}/visitor/ecfs/ws_endpoint/`, {
		ca: pair.certificate,
		headers: { cookie },
	});
	await once(socket, "open");
	socket.terminate();

	const { services } = await call<{ services: { serviceId: string }[] }>("POST", "/RI/rci/sandbox", {
		types: ["twilio"],
	});
	const service = services[0]?.serviceId ?? "";
	const sent = await call<{ status: number }>("POST", "/RI/rci/sandbox/messages", {
		service,
		text: "Where is my lamp?",
	});
	assert.ok(sent.status >= 200 && sent.status < 300, `the webhook was answered ${sent.status}`);

	const metrics = await until(async () => {
		const text = await (await fetch(`${parley.opsOrigin}/metrics`)).text();
		return text.includes("parley_tls_certificate_end_seconds") ? text : undefined;
	}, "the certificate's end is in the metrics");
	assert.match(metrics, /parley_tls_certificate_end_seconds\{listener="main"\} 2208988800/);
});

test("a pair that does not fit stops the start, naming the setting, before anything is opened", async (t) => {
	const argv = await place(t, { certificate: makeCertificate().certificate, key: makeCertificate().key });
	await assert.rejects(
		serve(
			systemFor(argv, () => undefined),
			{ log: silentLog },
		),
		/^Error: tls\.keyFile /,
	);
});

test("parley check tells until when the certificate is valid, and what is wrong with it", async (t) => {
	const lineFor = async (pair: { certificate: string; key: string }): Promise<string> => {
		const argv = await place(t, pair);
		const lines: string[] = [];
		const say = (line: string): void => void lines.push(line);
		await check({ argv, env: {}, readFile: () => undefined, say, complain: say, onStop: () => undefined });
		return lines.find((line) => line.includes("TLS")) ?? lines.join("\n");
	};
	assert.match(await lineFor(makeCertificate()), /DNS:localhost.* is valid until 2048-01-01T00:00:00\.000Z/);
	const over = makeCertificate({ validUntil: new Date("2021-01-01T00:00:00Z") });
	assert.match(await lineFor(over), /ended on 2021-01-01.*Renew it/);
	assert.match(await lineFor({ certificate: "x", key: "y" }), /tls\.certificateFile names a file without a readable/);
});
