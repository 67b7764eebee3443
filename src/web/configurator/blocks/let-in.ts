// Lets a user call in as the provider of a service: made where it is new, given Use beside what it holds already, and a
// machine password. What was done stays done, so that a second try goes on where the first one stopped.

import { rciGetUsersIdRights, rciPostUsers, rciPostUsersIdMachinePassword, rciPutUsersIdRights } from "#web/api/rci.ts";
import { idempotent, ifMatch } from "#web/api/read.ts";
import { withUse } from "./use-grant.ts";

export type NewUser = { firstName: string; surname: string; login: string };
export type Progress = { userId?: string; isGranted?: boolean };
export type Credentials = { login: string; password: string };

export async function makeAndLetIn(user: NewUser, serviceId: string, progress: Progress): Promise<Credentials> {
	progress.userId ??= (await rciPostUsers({ ...user, externalUser: true }, idempotent())).data.id;
	if (progress.isGranted !== true) {
		await grantUse(progress.userId, serviceId);
		progress.isGranted = true;
	}
	return (await rciPostUsersIdMachinePassword(progress.userId, idempotent())).data;
}

/** The rights are one list, so those that are there go back with the new one. */
export async function grantUse(userId: string, serviceId: string): Promise<void> {
	const { data, headers } = await rciGetUsersIdRights(userId);
	await rciPutUsersIdRights(userId, withUse(data, serviceId), ifMatch(headers.get("etag")));
}
