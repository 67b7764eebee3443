// Where one is signed in, and the way out of each place.

import { Button, Group, Stack, Text } from "@mantine/core";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { rciDeleteSessions, rciDeleteSessionsId, rciGetSessions, type RciGetSessions200Item } from "#web/api/rci.ts";
import { read } from "#web/api/read.ts";
import { useRenew } from "#web/api/renew.ts";
import { Chip } from "#web/ui/chip.tsx";
import { Confirm } from "#web/ui/confirm.tsx";
import { type Column, ListTable } from "#web/ui/list-table.tsx";
import { Asked, Failed } from "#web/ui/states.tsx";
import { Time } from "#web/ui/time.tsx";

export function Sessions({ onSignedOut }: { onSignedOut: () => void }) {
	const { t } = useTranslation("account");
	const renew = useRenew();
	const [asks, setAsks] = useState(false);
	const sessions = useQuery(read(["sessions"], (options) => rciGetSessions(options)));
	const end = useMutation({
		mutationFn: (id: string) => rciDeleteSessionsId(id),
		onSettled: () => renew("sessions"),
	});
	const columns: readonly Column<RciGetSessions200Item>[] = [
		{ key: "userAgent", label: t("sessions.browser"), cell: ({ userAgent }) => userAgent },
		{ key: "createdAt", label: t("sessions.since"), cell: ({ createdAt }) => <Time at={createdAt} /> },
		{ key: "lastSeenAt", label: t("sessions.seen"), cell: ({ lastSeenAt }) => <Time at={lastSeenAt} /> },
		{ key: "expiresAt", label: t("sessions.until"), cell: ({ expiresAt }) => <Time at={expiresAt} /> },
		{
			key: "end",
			label: t("sessions.end"),
			cell: ({ id, current }) =>
				current ? (
					<Chip tone="good">{t("sessions.this")}</Chip>
				) : (
					<Button size="compact-sm" variant="default" onClick={() => end.mutate(id)}>
						{t("sessions.signOut")}
					</Button>
				),
		},
	];
	return (
		<Stack>
			{end.error !== null && <Failed error={end.error} />}
			<Asked query={sessions} rows={2}>
				{({ body }) => (
					<ListTable caption={t("sessions.title")} rows={body} columns={columns} rowKey={({ id }) => id} />
				)}
			</Asked>
			<Group>
				<Button color="red.9" onClick={() => setAsks(true)}>
					{t("sessions.everywhere")}
				</Button>
			</Group>
			<Confirm
				isOpen={asks}
				title={t("sessions.everywhere")}
				verb={t("sessions.everywhere")}
				isDangerous
				onConfirm={async () => {
					await rciDeleteSessions();
					onSignedOut();
				}}
				onClose={() => setAsks(false)}
			>
				<Text>{t("sessions.everywhereLead")}</Text>
			</Confirm>
		</Stack>
	);
}
