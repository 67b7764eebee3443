// Who sits at the desk: their language and time zone count for what is shown, and what they may do decides what is offered.

import { useSyncExternalStore } from "react";
import type { Access, ObjectType } from "#domain/rights.ts";
import { basePath } from "#web/api/base.ts";
import { callOnce } from "#web/api/call.ts";
import type { Me } from "#web/api/objects.ts";
import { isProblem } from "#web/api/problem.ts";
import { adoptLanguage } from "#web/texts/texts.ts";
import { showTimesIn } from "#web/ui/moments.ts";
import { isPanel } from "./panel.ts";

export type Person = Me;

let person: Person | undefined;
const listeners = new Set<() => void>();

function listen(listener: () => void): () => void {
	listeners.add(listener);
	return () => listeners.delete(listener);
}

export function usePerson(): Person | undefined {
	return useSyncExternalStore(listen, () => person);
}

/** Nobody is signed in: that shows on the line. Who must do something first is sent where it is done. */
export async function askPerson(): Promise<void> {
	try {
		// In a panel the session of the Chat Server is the only one.
		const me = (await callOnce(isPanel ? "/ecfs/RI/rci/me" : "/RI/rci/me")) as Person;
		if (me.mustDo !== null) {
			location.assign(`${basePath}/`);
			return;
		}
		showTimesIn(me.timeZone);
		await adoptLanguage(me.uiLanguage);
		person = me;
		listeners.forEach((run) => run());
	} catch (error) {
		if (!isProblem(error)) {
			throw error;
		}
	}
}

export function may(of: Person | undefined, access: Access, objectType: ObjectType): boolean {
	return of?.rights.some((right) => right.objectType === objectType && right.access.includes(access)) === true;
}

/** The Chat Server's session ends with the browser's; chats that go on are dealt with as when an agent is lost. */
export async function signOut(): Promise<void> {
	await callOnce("/logout", { method: "POST" });
	location.assign(`${basePath}/desk`);
}
