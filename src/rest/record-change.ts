// Tells the audit log of a change, in the transaction of the change: who, what, and each field before and after.

import { type Changes, appendAudit } from "#storage/audit.ts";
import type { Tx } from "#storage/storage.ts";
import type { AnyContext } from "./route.ts";

/** Objects as REST shows them, so never with a secret; of secrets `secretsChanged` says what became of them. */
export type Change = {
	/** `create`, `modify`, `delete`, or a verb of the resource's own (`addMember`, …). */
	action: string;
	objectType: string;
	objectId: string | null;
	objectName: string | null;
	before?: Readonly<Record<string, unknown>>;
	after?: Readonly<Record<string, unknown>>;
	/** `{ password: "set" }`: written as such, whatever it was before. */
	secretsChanged?: Readonly<Record<string, "set" | "not set">>;
};

/** Fields that every object has and that say nothing about a change. */
const uninteresting = new Set(["id", "allowed", "createdAt", "updatedAt", "version"]);

export async function recordChange(
	tx: Tx,
	ctx: Pick<AnyContext, "deps" | "principal" | "via">,
	change: Change,
): Promise<void> {
	const { deps, principal, via } = ctx;
	await appendAudit(
		tx,
		{
			at: deps.clock.now(),
			userId: principal?.userId ?? null,
			actor: principal?.login ?? "system",
			via,
			action: change.action,
			objectType: change.objectType,
			objectId: change.objectId,
			objectName: change.objectName,
			changes: { ...difference(change.before, change.after), ...secretChanges(change.secretsChanged) },
		},
		(...pieces) => deps.mac("audit", ...pieces),
	);
	deps.metrics.audit(change.action);
}

/** Each field whose value differs. A field that one side lacks is shown with the other side only. */
export function difference(
	before: Readonly<Record<string, unknown>> = {},
	after: Readonly<Record<string, unknown>> = {},
): Changes {
	const fields = new Set([...Object.keys(before), ...Object.keys(after)]);
	const changes: Record<string, { before?: unknown; after?: unknown }> = {};
	for (const field of fields) {
		const [was, is] = [before[field], after[field]];
		if (!uninteresting.has(field) && JSON.stringify(was) !== JSON.stringify(is)) {
			changes[field] = { ...(was === undefined ? {} : { before: was }), ...(is === undefined ? {} : { after: is }) };
		}
	}
	return changes;
}

function secretChanges(secrets: Change["secretsChanged"] = {}): Changes {
	return Object.fromEntries(Object.entries(secrets).map(([field, after]) => [field, { after }]));
}
