// People for the browser tests who are not administrators.

import type { Api } from "./parley.ts";

export const viewer = { login: "vera", password: "a long enough password" };

/** Somebody with just these rights, who may sign in at once. */
export async function makeViewer({ call }: Api, rights: readonly object[]): Promise<typeof viewer> {
	await call("PATCH", "/RI/rci/authenticationPolicy", { initialPasswordMustBeChanged: false });
	const person = { firstName: "Vera", surname: "Viewer", ...viewer };
	const { id } = await call<{ id: string }>("POST", "/RI/rci/users", person);
	await call("PUT", `/RI/rci/users/${id}/rights`, rights);
	return viewer;
}
