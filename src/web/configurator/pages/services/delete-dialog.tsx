// Deleting a service: what hangs on it is said first. With traffic its name has to be typed; what waits to be sent is given
// up only by a tick that says so.

import { Checkbox, List, Stack, Text, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { MessagingService } from "#web/api/objects.ts";
import { rciDeleteMessagingServicesId } from "#web/api/rci.ts";
import { ifMatch } from "#web/api/read.ts";
import { useRenew } from "#web/api/renew.ts";
import { Confirm } from "#web/ui/confirm.tsx";
import { tell } from "#web/ui/notice.tsx";
import { Asked } from "#web/ui/states.tsx";
import { type Dependents, dependentsOf, type HealthOfService } from "../../blocks/health-queries.ts";
import { serviceQuery } from "../../blocks/service-queries.ts";

const parts = ["waitingParts", "unfinishedEvents", "openConversations", "parked", "quarantined", "grants"] as const;
type Entered = { name: string; isForced: boolean };
const nothingEntered: Entered = { name: "", isForced: false };

type DeleteDialogProps = {
	service: MessagingService;
	health: HealthOfService | undefined;
	onClose: () => void;
	onDeleted?: () => void;
};

export function DeleteDialog({ service, health, onClose, onDeleted }: DeleteDialogProps) {
	const { t } = useTranslation("services");
	const { id, name } = service;
	const renew = useRenew();
	const [entered, setEntered] = useState(nothingEntered);
	const [isTried, setTried] = useState(false);
	const dependents = useQuery(dependentsOf(id));
	const found = dependents.data?.body;
	const current = useQuery(serviceQuery(id));
	const hasTraffic = hasSomething(found) || hasMoved(health);
	const mistakes = {
		name: hasTraffic && entered.name.trim() !== name,
		isForced: (found?.waitingParts ?? 0) > 0 && !entered.isForced,
	};
	const remove = async () => {
		const force = entered.isForced ? { force: true } : {};
		await rciDeleteMessagingServicesId(id, force, ifMatch(current.data?.etag ?? null));
		tell(t("delete.done", { name }));
		await renew("services");
		onDeleted?.();
	};
	return (
		<Confirm
			isOpen
			title={t("delete.title", { name })}
			verb={t("delete.verb")}
			isDangerous
			isComplete={() => {
				setTried(true);
				return found !== undefined && !mistakes.name && !mistakes.isForced;
			}}
			onConfirm={remove}
			onClose={onClose}
		>
			<Asked query={dependents} rows={2}>
				{({ body }) => (
					<Stack>
						<WhatDepends dependents={body} />
						{body.waitingParts > 0 && (
							<Checkbox
								label={t("delete.force", { count: body.waitingParts })}
								checked={entered.isForced}
								onChange={(event) => setEntered({ ...entered, isForced: event.currentTarget.checked })}
								error={isTried && mistakes.isForced ? t("delete.forceFirst") : undefined}
							/>
						)}
						{hasTraffic && (
							<TextInput
								label={t("delete.typeName", { name })}
								value={entered.name}
								onChange={(event) => setEntered({ ...entered, name: event.currentTarget.value })}
								error={isTried && mistakes.name ? t("delete.nameDiffers") : undefined}
								autoComplete="off"
								data-autofocus
							/>
						)}
					</Stack>
				)}
			</Asked>
		</Confirm>
	);
}

function WhatDepends({ dependents }: { dependents: Dependents }) {
	const { t } = useTranslation("services");
	const found = parts.filter((part) => dependents[part] > 0);
	return (
		<Stack gap="xs">
			{found.length === 0 ? (
				<Text>{t("delete.nothing")}</Text>
			) : (
				<>
					<Text>{t("delete.depends")}</Text>
					<List size="sm">
						{found.map((part) => (
							<List.Item key={part}>{t(`delete.${part}`, { count: dependents[part] })}</List.Item>
						))}
					</List>
				</>
			)}
			<Text size="sm" c="dimmed">
				{t("delete.stays")}
			</Text>
		</Stack>
	);
}

function hasSomething(dependents: Dependents | undefined): boolean {
	return dependents !== undefined && parts.some((part) => part !== "grants" && dependents[part] > 0);
}

function hasMoved(health: HealthOfService | undefined): boolean {
	return health !== undefined && (health.lastInbound ?? health.lastOutbound) !== null;
}
