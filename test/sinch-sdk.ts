// Sinch's official SDK. Its client reads its version number from @sinch/sdk-core, a package it does not declare and does
// not need otherwise; it is given its own number, so that the bundle of all Sinch SDKs is not installed for that.

import { registerHooks } from "node:module";

registerHooks({
	resolve: (specifier, context, nextResolve) =>
		specifier === "@sinch/sdk-core/package.json"
			? { url: new URL("../package.json", import.meta.resolve("@sinch/sdk-client")).href, shortCircuit: true }
			: nextResolve(specifier, context),
});

export const conversation = await import("@sinch/conversation");
export const { validateWebhookSignature } = await import("@sinch/sdk-client");
