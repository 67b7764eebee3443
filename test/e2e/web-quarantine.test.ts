// Quarantine and parked entries in a real browser: a forged call is looked at and deleted, genuine ones are let in once the
// secret is right, and what waits for a person is tried again or given up.

import assert from "node:assert/strict";
import { test } from "node:test";
import { demandAccessible, demandAccessibleInBoth, skipWithoutChromium, withBuiltWeb } from "#test/browser.ts";
import { messages, until, untilState } from "#test/parley.ts";
import { contactWrites, makeHeld, openTraffic, signInWith, type Traffic } from "#test/traffic.ts";

const skip = skipWithoutChromium;

withBuiltWeb();

async function forge({ webhook }: Traffic, word = "forged"): Promise<void> {
	const answer = await fetch(webhook, {
		method: "POST",
		headers: { "content-type": "application/json", "x-hub-signature-256": `sha256=${"0".repeat(64)}` },
		body: JSON.stringify({ object: "page", entry: [{ id: `${word} <img src=x onerror="document.title='owned'">` }] }),
	});
	assert.ok(answer.status >= 400);
}

type Entry = { id: string; authenticationId: string };

/** Entered here only. Resolves when it counts: until then the contact's calls are answered as before. */
async function enterSecret({ parley, simulator, service }: Traffic, password: string, status: number): Promise<void> {
	const path = `/RI/rci/messagingServices/${service}/authentications`;
	const entries = await parley.call<Entry[]>("GET", path);
	const entry = entries.find(({ authenticationId }) => authenticationId === "webhook");
	await parley.call("PATCH", `${path}/${entry?.id ?? ""}`, { password });
	await until(async () => {
		const sent = await simulator.contactWrites({ from: simulator.somebody, text: "probe" });
		return sent.status === status ? true : undefined;
	}, "the new secret counts");
}

function secretOf({ simulator }: Traffic): string {
	const entry = simulator.account.authentications.find(({ authenticationId }) => authenticationId === "webhook");
	return entry?.password ?? "";
}

test(
	"a forged call lies sealed; it is opened on record, checked again and deleted, by keyboard alone",
	{ skip },
	async (t) => {
		const scene = await openTraffic(t, "facebook");
		const { page, parley, trouble } = scene;
		const press = async (name: string) => {
			await page.getByRole("main").getByRole("button", { name }).focus();
			await page.keyboard.press("Enter");
		};
		await page.goto(`${parley.origin}/quarantine`);
		await page.getByRole("heading", { name: "Nothing is in quarantine" }).waitFor();
		await demandAccessible(page, "the empty quarantine");
		await forge(scene);
		const row = page.getByRole("table").getByRole("link");
		await row.waitFor();
		await page.getByRole("cell", { name: /The proof does not fit/ }).waitFor();
		await demandAccessibleInBoth(page, "the quarantine");
		await row.focus();
		await page.keyboard.press("Enter");
		await page.getByRole("heading", { name: "Why it was refused" }).waitFor();
		assert.equal(await page.getByText("forged <img").count(), 0, "it is sealed until somebody opens it");
		await press("Open the request");
		await page.getByRole("region", { name: "Content" }).getByText("forged <img").waitFor();
		assert.match(await page.title(), /^Refused request/, "nothing of it was run");
		await press("Check again");
		const reason = page.getByRole("textbox", { name: "Reason, for the audit log (may be left out)" });
		await reason.and(page.locator(":focus")).waitFor();
		await page.keyboard.type("Is it the secret of last week?");
		await demandAccessible(page, "the question for a reason");
		await page.getByRole("dialog").getByRole("button", { name: "Check again" }).focus();
		await page.keyboard.press("Enter");
		await page.getByText(/^It was checked again and stays here: The proof does not fit/).waitFor();
		await demandAccessibleInBoth(page, "a refused request");
		await press("Delete");
		await page
			.getByRole("dialog")
			.getByText(/deleted for good/)
			.waitFor();
		await page.getByRole("dialog").getByRole("button", { name: "Delete" }).focus();
		await page.keyboard.press("Enter");
		await page.getByRole("heading", { name: "Nothing is in quarantine" }).waitFor();
		const log = await parley.call<{ action: string }[]>("GET", "/RI/rci/auditLog?objectType=quarantined");
		assert.deepEqual(
			log.map(({ action }) => action),
			["delete", "retry", "open"],
		);
		await page.goto(`${parley.origin}/audit?objectType=quarantined`);
		await page.getByText("Reason: Is it the secret of last week?").waitFor();
		assert.deepEqual(trouble, []);
	},
);

test(
	"once the secret is right, all that is genuine comes in, and what became of the rest is told",
	{ skip },
	async (t) => {
		const scene = await openTraffic(t, "facebook");
		const { page, parley, simulator, service, trouble } = scene;
		await enterSecret(scene, "the-secret-of-another-app", 401);
		for (const text of ["first", "second"]) {
			await simulator.contactWrites({ from: simulator.somebody, text });
		}
		await forge(scene);
		await page.goto(`${parley.origin}/quarantine`);
		const releaseAll = page.getByRole("button", { name: "Release all that are genuine now" });
		await page.getByText("4 entries.").waitFor();
		assert.ok(await releaseAll.isDisabled());
		await page.getByText("Requests are released for one messaging service together: choose it.").waitFor();
		await page.getByRole("combobox", { name: "Messaging service" }).click();
		await page.getByRole("option", { name: /^facebook/ }).click();
		await page.waitForURL(`**/quarantine?service=${service}`);
		await releaseAll.click();
		await page.getByRole("dialog").getByRole("button", { name: "Release" }).click();
		await page
			.getByText(/^Of 4 requests, 0 were let in\. Still here, because not genuine by today's secrets: 4\./)
			.waitFor();
		await enterSecret(scene, secretOf(scene), 200);
		const { length } = await parley.call<Entry[]>("GET", "/RI/cmi/quarantine");
		await releaseAll.click();
		await page.getByRole("dialog").getByRole("textbox").fill("The secret is right again.");
		await page.getByRole("dialog").getByRole("button", { name: "Release" }).click();
		await page
			.getByText(
				`Of ${length} requests, ${length - 1} were let in. Still here, because not genuine by today's secrets: 1.`,
			)
			.waitFor();
		await page.getByText("One entry.").waitFor();
		await demandAccessible(page, "the outcome of a release");
		const came = await until(async () => {
			const found = await messages(parley, `service=${service}&direction=in&order=asc`);
			const texts = found.map(({ text }) => text).filter((text) => text !== "probe");
			return texts.length === 2 ? texts : undefined;
		}, "both are messages");
		assert.deepEqual(came, ["first", "second"]);
		const [newest] = await messages(parley, `service=${service}&direction=in&find=second`);
		await page.goto(`${parley.origin}/messages/${newest?.id ?? ""}`);
		await page.getByText("By admin: The secret is right again.").waitFor();
		assert.deepEqual(trouble, []);
	},
);

test("one request that is genuine by now is let in, and its page says so", { skip }, async (t) => {
	const scene = await openTraffic(t, "facebook");
	const { page, parley, trouble } = scene;
	await enterSecret(scene, "the-secret-of-another-app", 401);
	await enterSecret(scene, secretOf(scene), 200);
	await page.goto(`${parley.origin}/quarantine`);
	await page.getByRole("table").getByRole("link").first().click();
	await page.getByRole("button", { name: "Release" }).click();
	await page.getByRole("dialog").getByRole("button", { name: "Release" }).click();
	await page.getByRole("heading", { name: "It is not here any more" }).waitFor();
	await page.getByRole("link", { name: "Go to the message explorer" }).click();
	await page.getByRole("link", { name: "probe" }).first().waitFor();
	assert.deepEqual(trouble, []);
});

test("who configures a service may release, but not read what nobody has proven", { skip }, async (t) => {
	const scene = await openTraffic(t, "facebook");
	await forge(scene);
	const { page, trouble } = await signInWith(t, scene, ["view", "modify"]);
	await page.getByRole("link", { name: "Quarantine" }).click();
	await page.getByRole("table").getByRole("link").click();
	await page.getByText(/^To open the request, you need the rights Modify and Manage Contact History/).waitFor();
	assert.equal(await page.getByRole("button", { name: "Open the request" }).count(), 0);
	await page.getByRole("button", { name: "Release" }).waitFor();
	await page.goto(`${scene.parley.origin}/parked`);
	await page.getByRole("heading", { name: "You have no right to see this" }).waitFor();
	assert.deepEqual(trouble, []);
});

test("what waits for a person is listed, sent again after a question, or given up", { skip }, async (t) => {
	const scene = await openTraffic(t, "whatsapp");
	const { page, parley, trouble } = scene;
	await page.goto(`${parley.origin}/parked`);
	await page.getByRole("heading", { name: "Nothing waits for a person" }).waitFor();
	await contactWrites(scene, "hi");
	const first = await makeHeld(scene, "Is it there?");
	const second = await makeHeld(scene, "And this?");
	await page.goto(`${parley.origin}/parked`);
	await page.getByText("2 entries.").waitFor();
	await demandAccessibleInBoth(page, "what is parked");
	await page.goto(`${parley.origin}/parked/${first.id}`);
	await page.getByText("Is it there?").waitFor();
	await demandAccessibleInBoth(page, "a parked entry");
	await page.getByRole("button", { name: "Send again" }).click();
	await page
		.getByRole("dialog")
		.getByText(/may get it twice/)
		.waitFor();
	await page.getByRole("dialog").getByRole("textbox").fill("The contact asks for it.");
	await page.getByRole("dialog").getByRole("button", { name: "Send again" }).click();
	await untilState(parley, first.id, "sent");
	await page.goto(`${parley.origin}/messages/${first.id}`);
	await page.getByText("By admin: The contact asks for it.").waitFor();
	await page.goto(`${parley.origin}/parked`);
	await page.getByText("One entry.").waitFor();
	await page.getByRole("table").getByRole("link").click();
	await page.getByRole("button", { name: "Give it up" }).click();
	await page.getByRole("dialog").getByRole("button", { name: "Give it up" }).click();
	await untilState(parley, second.id, "failed");
	await page.getByRole("heading", { name: "Nothing waits for a person" }).waitFor();
	await page.goto(`${parley.origin}/parked/${second.id}`);
	await page.getByRole("main").getByRole("alert").waitFor();
	assert.deepEqual(trouble, []);
});

test("who may not send is told so, and may still give up", { skip }, async (t) => {
	const scene = await openTraffic(t, "whatsapp");
	await contactWrites(scene, "hi");
	const { id } = await makeHeld(scene, "Is it there?");
	const { page, trouble } = await signInWith(t, scene, ["manageContactHistory"]);
	await page.goto(`${scene.parley.origin}/parked/${id}`);
	await page.getByText(/you need the right Messaging on this messaging service/).waitFor();
	assert.ok(await page.getByRole("button", { name: "Send again" }).isDisabled());
	assert.ok(await page.getByRole("button", { name: "Give it up" }).isEnabled());
	assert.deepEqual(trouble, []);
});
