// The right Use on a service, beside what somebody holds already. Pure.

import type { Right } from "#web/api/objects.ts";

type Grant = Pick<Right, "objectType" | "objectId" | "access">;

export function withUse(grants: readonly Grant[], serviceId: string): Grant[] {
	const isThis = ({ objectType, objectId }: Grant) => objectType === "messagingService" && objectId === serviceId;
	if (!grants.some(isThis)) {
		return [...grants, { objectType: "messagingService", objectId: serviceId, access: ["use"] }];
	}
	return grants.map((grant) =>
		isThis(grant) && !grant.access.includes("use") ? { ...grant, access: [...grant.access, "use"] } : grant,
	);
}
