// The uris of frames: from text to the steps below /users/me and back, and which subscription covers which uri.

export type ReadUri = { ok: true; steps: readonly string[] } | { ok: false; message: string };

const root = "/users/me";
const stepsMax = 20;
// A step with a slash would be two in what we send, and control characters are in no name.
// oxlint-disable-next-line no-control-regex -- they are what is looked for
const notInStep = /[/\u0000-\u001f\u007f]/;

/** Takes participants' addresses raw or percent-encoded, and a slash at the end. */
export function readUri(uri: string): ReadUri {
	const bare = uri.endsWith("/") ? uri.slice(0, -1) : uri;
	if (bare !== root && !bare.startsWith(`${root}/`)) {
		return { ok: false, message: "A uri begins with /users/me/." };
	}
	const steps = bare.slice(root.length).split("/").slice(1).map(decodeStep);
	if (steps.length > stepsMax || steps.some((step) => step === "" || notInStep.test(step))) {
		return { ok: false, message: `A uri has at most ${stepsMax} steps, none of them empty or with a slash in it.` };
	}
	return { ok: true, steps };
}

function decodeStep(step: string): string {
	try {
		return decodeURIComponent(step);
	} catch {
		return step; // A raw address may have a percent sign in it.
	}
}

export function uriOf(steps: readonly string[]): string {
	return [root, ...steps].join("/");
}

/** A subscription covers the resource and everything below it. */
export function covers(subscribed: string, uri: string): boolean {
	return uri === subscribed || uri.startsWith(`${subscribed}/`);
}
