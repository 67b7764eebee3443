// Names of what an event webhook may be narrowed to, as far as the person may view them.

import { useQuery } from "@tanstack/react-query";
import { rciGetQueues } from "#web/api/rci.ts";
import { readAll } from "#web/api/read.ts";
import type { Reference } from "../../blocks/people-objects.ts";
import { useSession } from "../../shell/session.tsx";

type Choice = { value: string; label: string };

const queues = readAll<Reference>(["queues", "names"], async (page, options) => {
	const { data } = await rciGetQueues(page, options);
	return { data: data.map(({ id, name }) => ({ id, name })) };
});

export function useQueueNames(): readonly Reference[] {
	const { rights } = useSession();
	return useQuery({ ...queues, enabled: rights.may("view", "queue") }).data ?? [];
}

/** What is chosen stays a choice, also where its name is not for this person, or it is gone. */
export function choicesOf(known: readonly Reference[], chosen: readonly string[]): readonly Choice[] {
	const named = known.map(({ id, name }) => ({ value: id, label: name }));
	const others = chosen.filter((id) => !known.some((one) => one.id === id));
	return [...named, ...others.map((id) => ({ value: id, label: id }))];
}
