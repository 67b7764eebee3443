// The two ways on for what waits for a person: tried again, or taken off the list. What sends again asks first.

import { Button, Group, Stack, Text } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { type CmiGetParked200Item, cmiDeleteParkedId, cmiPostParkedIdRetry } from "#web/api/cmi.ts";
import { useRenew } from "#web/api/renew.ts";
import { Confirm } from "#web/ui/confirm.tsx";
import { tell } from "#web/ui/notice.tsx";
import { useSession } from "../shell/session.tsx";
import { given } from "./given-reason.ts";

type Parked = Pick<CmiGetParked200Item, "id" | "kind" | "retryable" | "service">;

export function ParkedActions({ parked, onDone }: { parked: Parked; onDone: () => unknown }) {
	const { t } = useTranslation("refused");
	const { kind } = parked;
	const [asks, setAsks] = useState<"retry" | "discard">();
	const { retry, discard } = useWays(parked, onDone);
	const obstacle = useObstacle(parked);
	return (
		<Stack gap="xs">
			<Group>
				<Button disabled={obstacle !== undefined} onClick={() => setAsks("retry")}>
					{t(`parked.retry.${kind}`)}
				</Button>
				<Button variant="default" onClick={() => setAsks("discard")}>
					{t(`parked.discard.${kind}`)}
				</Button>
			</Group>
			<Text size="sm" c="dimmed">
				{obstacle ?? t(`parked.retryLead.${kind}`)}
			</Text>
			<Confirm
				isOpen={asks === "retry"}
				title={t(`parked.retry.${kind}`)}
				verb={t(`parked.retry.${kind}`)}
				reasonLabel={t("reason")}
				onConfirm={retry}
				onClose={() => setAsks(undefined)}
			>
				{kind === "held" ? t("parked.retryQuestion") : t("parked.retryLead.received")}
			</Confirm>
			<Confirm
				isOpen={asks === "discard"}
				title={t(`parked.discard.${kind}`)}
				verb={t(`parked.discard.${kind}`)}
				isDangerous
				onConfirm={discard}
				onClose={() => setAsks(undefined)}
			>
				{t(`parked.discardLead.${kind}`)}
			</Confirm>
		</Stack>
	);
}

function useWays({ id }: Parked, onDone: () => unknown) {
	const { t } = useTranslation("refused");
	const queries = useQueryClient();
	const renew = useRenew();
	const go = async (call: () => Promise<unknown>, done: string) => {
		await call();
		tell(done);
		queries.removeQueries({ queryKey: ["parked", id] });
		await renew("parked", "message");
		await onDone();
	};
	return {
		retry: (reason: string) => go(() => cmiPostParkedIdRetry(id, given(reason)), t("parked.retried")),
		discard: () => go(() => cmiDeleteParkedId(id), t("parked.discarded")),
	};
}

/** Why it cannot be tried again, or not by this person. */
function useObstacle({ kind, retryable, service }: Parked): string | undefined {
	const { t } = useTranslation("refused");
	const { rights } = useSession();
	if (!retryable) {
		return t("parked.unreadable");
	}
	const maySend = kind !== "held" || rights.may("messaging", "messagingService", { id: service });
	return maySend ? undefined : t("parked.needsMessaging");
}
