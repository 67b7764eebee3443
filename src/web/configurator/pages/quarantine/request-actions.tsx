// What can be done with a refused request: let in if it is genuine by now, checked again where it lies, or deleted.

import { Button, Group, Stack, Text } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import {
	cmiDeleteQuarantineId,
	type CmiGetQuarantineId200,
	cmiPostQuarantineIdRelease,
	cmiPostQuarantineIdRetry,
} from "#web/api/cmi.ts";
import { useRenew } from "#web/api/renew.ts";
import { Confirm } from "#web/ui/confirm.tsx";
import { Failed } from "#web/ui/states.tsx";

export function RequestActions({ refused }: { refused: CmiGetQuarantineId200 }) {
	const { id, wish } = refused;
	const { t } = useTranslation("refused");
	const navigate = useNavigate();
	const renew = useRenew();
	const [isDeleting, setDeleting] = useState(false);
	const again = () => renew("quarantine");
	const recheck = useMutation({ mutationFn: () => cmiPostQuarantineIdRetry(id), onSettled: again });
	const release = useMutation({ mutationFn: () => cmiPostQuarantineIdRelease(id), onSettled: again });
	const isWished = wish !== "none";
	const error = recheck.error ?? release.error;
	const wasAsked = recheck.isSuccess || release.isSuccess;
	return (
		<Stack gap="xs">
			<Group>
				<Button loading={wish === "release" || release.isPending} disabled={isWished} onClick={() => release.mutate()}>
					{t("release")}
				</Button>
				<Button
					variant="default"
					loading={wish === "recheck" || recheck.isPending}
					disabled={isWished}
					onClick={() => recheck.mutate()}
				>
					{t("recheck")}
				</Button>
				<Button variant="default" onClick={() => setDeleting(true)}>
					{t("delete")}
				</Button>
			</Group>
			<Text size="sm" c="dimmed">
				{t("releaseLead")}
			</Text>
			<Text size="sm" fw={600} role="status">
				{wasAsked && !isWished && t("checkedStill", { why: refused.explanation })}
			</Text>
			{error !== null && <Failed error={error} />}
			<Confirm
				isOpen={isDeleting}
				title={t("delete")}
				verb={t("delete")}
				isDangerous
				onConfirm={async () => {
					await cmiDeleteQuarantineId(id);
					await navigate({ to: "/quarantine" });
					await again();
				}}
				onClose={() => setDeleting(false)}
			>
				{t("deleteLead")}
			</Confirm>
		</Stack>
	);
}
