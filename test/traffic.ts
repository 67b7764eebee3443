// Traffic for the browser tests of message explorer, quarantine and parked entries: a Parley with a simulated provider whose
// contacts write, and whose answers may go wrong.

import type { TestContext } from "node:test";
import { systemClock } from "#platform/clock.ts";
import type { Simulator } from "#simulators/simulator.ts";
import { simulators } from "#simulators/simulators.ts";
import { openBrowser, openPage, signIn, type Watched } from "./browser.ts";
import { configure, type InProcess, type MessageObject, messages, startParley, until, untilState } from "./parley.ts";
import { seededRandom } from "./scene.ts";
import { makeViewer } from "./viewers.ts";

export type Traffic = Watched & { parley: InProcess; simulator: Simulator; service: string; webhook: string };

export async function openTraffic(
	t: TestContext,
	type: string,
	options: Parameters<typeof openPage>[1] = {},
): Promise<Traffic> {
	const start = simulators[type];
	if (start === undefined) {
		throw new Error(`There is no simulator of ${type}.`);
	}
	const parley = await startParley(t);
	const simulator = await start({ clock: systemClock, random: seededRandom(7) });
	t.after(() => simulator.close());
	const { id, webhookUrl } = await configure(parley, simulator, { unknownWaitSeconds: 1 });
	const watched = await openPage(await openBrowser(t), options);
	await signIn(watched.page, parley.origin);
	return { parley, simulator, service: id, webhook: webhookUrl, ...watched };
}

type Contact = Pick<Traffic, "parley" | "simulator" | "service">;

/** Resolves when the message is in its conversation. */
export async function contactWrites(
	{ parley, simulator, service }: Contact,
	text: string,
	mediaUrls: readonly string[] = [],
): Promise<MessageObject> {
	await simulator.contactWrites({ from: simulator.somebody, text, mediaUrls });
	return until(async () => {
		const matched = await messages(parley, `service=${service}&direction=in&state=matched`);
		return matched.find((one) => one.text === text);
	}, "the contact's message is matched");
}

export function weWrite({ parley, simulator, service }: Contact, text: string): Promise<MessageObject> {
	const body = { service, from: simulator.account.ourAddress, to: simulator.somebody, text };
	return parley.call<MessageObject>("POST", "/RI/cmi/messages", body);
}

/** An answer after which nobody knows whether the provider took the message. */
export async function makeHeld(contact: Contact, text: string): Promise<MessageObject> {
	const { parley, simulator } = contact;
	simulator.manners = { ...simulator.manners, receipts: [] };
	simulator.script = [{ kind: "answer", status: 502, body: "oops" }];
	const { id } = await weWrite(contact, text);
	return untilState(parley, id, "held");
}

/** The page of somebody who has these accesses to the messaging service and no other rights. */
export async function signInWith(t: TestContext, { parley, service }: Contact, access: readonly string[]) {
	const user = await makeViewer(parley, [{ objectType: "messagingService", objectId: service, access }]);
	const watched = await openPage(await openBrowser(t));
	await signIn(watched.page, parley.origin, user);
	return watched;
}
