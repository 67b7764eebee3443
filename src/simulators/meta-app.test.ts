// Goal: what Meta tells about an app and its tokens is told to nobody but who may ask, and only what was asked for rightly.

import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import test, { type TestContext } from "node:test";
import { request as sendRequest } from "undici";
import { systemClock } from "#platform/clock.ts";
import { systemRandom } from "#platform/random.ts";
import { startFacebookSimulator } from "./facebook.ts";
import { startWhatsAppSimulator } from "./whatsapp.ts";

const deps = { clock: systemClock, random: systemRandom };

async function open(t: TestContext) {
	const simulator = await startFacebookSimulator(deps);
	t.after(() => simulator.close());
	const [page, webhook] = simulator.account.authentications;
	const [id, token, appSecret] = [page?.authenticationId ?? "", page?.password ?? "", webhook?.password ?? ""];
	const proofOf = (given: string) => createHmac("sha256", appSecret).update(given).digest("hex");
	return { simulator, id, token, appToken: `${simulator.setUp.appId}|${appSecret}`, proof: proofOf(token) };
}

/** What a GET is answered: the status, and the number of the error if there is one. */
async function ask(url: string, token: string): Promise<[status: number, code: number | undefined]> {
	const answer = await sendRequest(url, { headers: { authorization: `Bearer ${token}` } });
	const { error } = (await answer.body.json()) as { error?: { code: number } };
	return [answer.statusCode, error?.code];
}

test("a page is told to its own token with a proof, and to nobody else", async (t) => {
	const { simulator, id, token, appToken, proof } = await open(t);
	const base = simulator.account.serviceConnection;
	const page = `${base}/${id}?fields=id,name&appsecret_proof=${proof}`;
	assert.deepEqual(await ask(page, token), [200, undefined]);
	assert.deepEqual(await ask(page, "EAABanother"), [401, 190]);
	assert.deepEqual(await ask(page, appToken), [401, 190]);
	assert.deepEqual(await ask(`${base}/${id}?fields=id,name`, token), [400, 100]);
	assert.deepEqual(await ask(`${base}/${id}?fields=id&appsecret_proof=${proof}0`, token), [400, 100]);
	assert.deepEqual(await ask(`${base}/${id}?appsecret_proof=${proof}`, token), [400, 100]);
	assert.deepEqual(await ask(`${base}/${id}?fields=id,fax&appsecret_proof=${proof}`, token), [400, 100]);
	assert.deepEqual(await ask(`${page}&depth=9`, token), [400, 100]);
	assert.deepEqual(await ask(`${base}/333?fields=id&appsecret_proof=${proof}`, token), [400, 100]);
	assert.deepEqual(await ask(page.replace("v25.0", "v9.0"), token), [400, 2500]);
	assert.equal(simulator.refusals.length, 9);
});

test("the webhooks of an app and what a token may do are told to the app itself only", async (t) => {
	const { simulator, token, appToken, proof } = await open(t);
	const base = simulator.account.serviceConnection;
	const subscriptions = `${base}/${simulator.setUp.appId}/subscriptions`;
	assert.deepEqual(await ask(subscriptions, appToken), [200, undefined]);
	assert.deepEqual(await ask(`${subscriptions}?appsecret_proof=${proof}`, token), [401, 190]);
	assert.deepEqual(await ask(`${subscriptions}?limit=1`, appToken), [400, 100]);
	assert.deepEqual(await ask(`${base}/debug_token?input_token=${token}`, appToken), [200, undefined]);
	assert.deepEqual(await ask(`${base}/debug_token`, appToken), [400, 100]);
	assert.deepEqual(await ask(`${base}/debug_token?input_token=${token}&appsecret_proof=${proof}`, token), [401, 190]);
	simulator.setUp.scopes = ["pages_messaging"];
	const subscribed = `${base}/${simulator.account.ourAddress}/subscribed_apps?appsecret_proof=${proof}`;
	assert.deepEqual(await ask(subscribed, token), [403, 200]);
});

test("a WhatsApp number is told without a proof, unless the app demands one", async (t) => {
	const simulator = await startWhatsAppSimulator(deps);
	t.after(() => simulator.close());
	const [number] = simulator.account.authentications;
	const url = `${simulator.account.serviceConnection}/${number?.authenticationId ?? ""}?fields=id,status`;
	assert.deepEqual(await ask(url, number?.password ?? ""), [200, undefined]);
	simulator.setUp.demandsProof = true;
	assert.deepEqual(await ask(url, number?.password ?? ""), [400, 100]);
});
