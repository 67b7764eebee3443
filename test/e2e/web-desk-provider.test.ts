// The desk in a real browser with a customer on a simulated provider: outside the provider's window only templates go out.

import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import type { Page } from "playwright-core";
import {
	demandAccessibleInBoth,
	openBrowser,
	openPage,
	signIn,
	skipWithoutChromium,
	withBuiltWeb,
} from "#test/browser.ts";
import { type ProviderStage, providerStage } from "#test/chat-provider.ts";
import { until } from "#test/parley.ts";

const skip = skipWithoutChromium;

withBuiltWeb();

async function openDesk(t: TestContext, { stage }: ProviderStage): Promise<{ page: Page; trouble: string[] }> {
	const { page, trouble } = await openPage(await openBrowser(t));
	await signIn(page, stage.origin, await stage.agent("mia"));
	await page.goto(`${stage.origin}/desk`);
	await page.getByText("Live", { exact: true }).waitFor();
	return { page, trouble };
}

async function customerWrites({ simulator }: ProviderStage, text: string): Promise<void> {
	const { status, body } = await simulator.contactWrites({ from: simulator.somebody, text });
	assert.ok(status >= 200 && status <= 299, body);
}

test(
	"outside the window one writes first with a template, and freely once the customer answered",
	{ skip },
	async (t) => {
		const scene = await providerStage(t, "whatsapp");
		const { simulator, stage } = scene;
		await stage.call("POST", "/RI/rci/replyTemplates", {
			name: "Parcel",
			text: "Your parcel is on its way.",
			template: { id: "parcel_update", language: "en", parameters: { "1": "Ann" } },
		});
		const { page, trouble } = await openDesk(t, scene);
		await page.getByRole("button", { name: "New message" }).click();
		const form = page.getByRole("dialog", { name: "Write first" });
		await form.getByRole("combobox", { name: "Channel" }).click();
		await page.getByRole("option", { name: "WhatsApp" }).click();
		await form.getByLabel("To").fill(simulator.somebody);
		await form.getByLabel("Message").fill("Hello!");
		await form.getByRole("button", { name: "Send" }).click();
		await page.getByText(/too long ago for a free answer/).waitFor();
		await form.getByRole("combobox", { name: "Template" }).click();
		await page.getByRole("option", { name: "Parcel" }).click();
		await form.getByRole("button", { name: "Send" }).click();
		await until(() => (simulator.taken.length === 1 ? true : undefined), "the template is taken");
		await page.getByText(/only templates now/).waitFor();
		assert.equal(await page.getByLabel("Your answer").isDisabled(), true);
		await demandAccessibleInBoth(page, "a closed window");
		await customerWrites(scene, "Thank you!");
		await page.getByText(/free answers for/).waitFor();
		await page.getByLabel("Your answer").fill("You are welcome.");
		await page.keyboard.press("Enter");
		await page.getByText("Read", { exact: true }).first().waitFor();
		assert.deepEqual(trouble, []);
	},
);
