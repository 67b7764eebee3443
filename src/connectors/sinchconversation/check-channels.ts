// The channels of an app, as far as a check can judge them. Pure.

import type { CheckStep } from "../contract.ts";
import { failed, passed } from "../kit/check-steps.ts";
import { asArray, asObject } from "../kit/http.ts";
import { type Fields, textAt } from "./fields.ts";

const channelNameShape = /^[A-Z_]{2,30}$/; // Whatever else stands there is not repeated.

/** `state.status` is ACTIVE, PENDING or FAILING; where Sinch tells none, the channel counts as in order. */
export function channelStep(appId: string, app: Fields, smsSender: string | undefined): CheckStep {
	const channels = asArray(app["channel_credentials"]).flatMap((entry) => {
		const fields = asObject(entry) ?? {};
		const name = textAt(fields, "channel") ?? "";
		return channelNameShape.test(name) ? [{ name, status: textAt(fields, "state.status") }] : [];
	});
	const named = (status: string) => channels.filter((channel) => channel.status === status).map(({ name }) => name);
	const [failing, pending] = [named("FAILING"), named("PENDING")];
	if (channels.length === 0) {
		return failed(
			"sender",
			"app_without_channel",
			`The app ${appId} has no channel.`,
			"Set up a channel for the app in the Sinch dashboard.",
		);
	}
	if (failing.length > 0) {
		return failed(
			"sender",
			"channel_failing",
			`Sinch says that ${failing.join(", ")} of the app ${appId} does not work.`,
			"Open the channel of the app in the Sinch dashboard, which tells the cause; often its credentials have expired.",
		);
	}
	if (pending.length === channels.length) {
		return failed(
			"sender",
			"channel_pending",
			`Sinch is still setting up ${pending.join(", ")} of the app ${appId}.`,
			"Check again when the dashboard shows the channel as active.",
		);
	}
	const names = channels.map(({ name, status }) => (status === "PENDING" ? `${name} (pending)` : name)).join(", ");
	return smsSender !== undefined && !channels.some(({ name }) => name === "SMS")
		? failed(
				"sender",
				"sms_sender_without_sms",
				`SMS sender is set, but the app ${appId} has no channel SMS, only ${names}.`,
				"Set up SMS for the app, or empty the setting SMS sender.",
			)
		: passed("sender", `The app ${appId} has ${names}.`);
}
