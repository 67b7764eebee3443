// Goal: the panel works in a page of another site, by HTTPS, also in a browser that keeps neither cookies nor storage of other
// sites, as many do by now. Method: two names that lead here, and a private window of a browser, which blocks both.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { getCACertificates, setDefaultCACertificates } from "node:tls";
import { openBrowser, openPage, skipWithoutChromium, withBuiltWeb } from "#test/browser.ts";
import { makeCertificate, type TestPair } from "#test/certificates.ts";
import { chatStage } from "#test/chat-scene.ts";
import { startChat } from "#test/desk-scene.ts";
import { freePort } from "#test/free-port.ts";
import { agentsPage, hostPageOn } from "#test/panel-scene.ts";

const skip = skipWithoutChromium;

withBuiltWeb();

const names = "--host-resolver-rules=MAP crm.test 127.0.0.1, MAP parley.example 127.0.0.1";

/** By HTTPS, under a name of its own. */
async function openStage(t: TestContext, pair: TestPair) {
	const folder = mkdtempSync(join(tmpdir(), "parley-sites-"));
	t.after(() => rmSync(folder, { recursive: true, force: true }));
	const [certificateFile, keyFile] = [join(folder, "cert.pem"), join(folder, "key.pem")];
	writeFileSync(certificateFile, pair.certificate);
	writeFileSync(keyFile, pair.key);
	setDefaultCACertificates([...getCACertificates("default"), pair.certificate]);
	const port = await freePort();
	const address = `https://parley.example:${port}`;
	const argv = ["--port", String(port), "--public-base-url", address];
	argv.push("--tls.certificate-file", certificateFile, "--tls.key-file", keyFile);
	return { address, stage: await chatStage(t, {}, { argv }) };
}

test("an agent works on another site's page whose browser keeps nothing of other sites", { skip }, async (t) => {
	const pair = makeCertificate({ dns: ["parley.example", "crm.test"] });
	const { address, stage } = await openStage(t, pair);
	const mia = await stage.agent("mia");
	const crm = await agentsPage(t, address, pair);
	await stage.call("PATCH", "/RI/rci/chatSettings", { agentOrigins: [crm] });
	const { page, trouble } = await openPage(await openBrowser(t, [names]), { ignoreHTTPSErrors: true });
	await page.goto(crm);
	const host = hostPageOn(page);
	await host.run("show");
	await host.panel.getByText("has not signed you in yet").waitFor();
	const isKept = await page.frames().at(-1)?.evaluate("try { localStorage.length >= 0 } catch { false }");
	assert.equal(isKept, false, "else this test shows less than it says");
	assert.deepEqual(await host.run("logIn", mia.login, mia.password), { id: mia.id });
	await page.waitForFunction("heard.some(({ id }) => id === 'initRequest')");
	assert.equal(await host.run("call", "PUT", "rmi", `/agents/${mia.id}/readyState/`, { readyState: "Ready" }), true);
	const { id } = await startChat(t, stage);
	await host.hear("status", "incoming");
	await host.run("ask", "accept", "interaction", { value: "accept", interactionId: id });
	await host.hear("status", "accepted");
	assert.equal(await host.run("logOut"), 200);
	await host.panel.getByText("has not signed you in yet").waitFor();
	assert.equal(await host.run("call", "GET", "rmi", `/agents/${mia.id}/presences/`), 401, "the cookie is gone as well");
	assert.deepEqual(trouble, []);
});
