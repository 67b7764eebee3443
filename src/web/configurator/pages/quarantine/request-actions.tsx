// What can be done with a refused request: let in if it is genuine by now, checked again where it lies, or deleted.

import { Button, Group, Stack, Text } from "@mantine/core";
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
import { given } from "../../blocks/given-reason.ts";

export function RequestActions({ refused }: { refused: CmiGetQuarantineId200 }) {
	const { id, wish } = refused;
	const { t } = useTranslation("refused");
	const navigate = useNavigate();
	const renew = useRenew();
	const [asks, setAsks] = useState<"release" | "recheck" | "delete">();
	const again = () => renew("quarantine");
	const [wasAsked, setWasAsked] = useState(false);
	const ask = async (verb: "release" | "recheck", reason: string) => {
		const call = verb === "release" ? cmiPostQuarantineIdRelease : cmiPostQuarantineIdRetry;
		await call(id, given(reason));
		setWasAsked(true);
		await again();
	};
	const close = () => setAsks(undefined);
	const isWished = wish !== "none";
	return (
		<Stack gap="xs">
			<Group>
				<Button loading={wish === "release"} disabled={isWished} onClick={() => setAsks("release")}>
					{t("release")}
				</Button>
				<Button variant="default" loading={wish === "recheck"} disabled={isWished} onClick={() => setAsks("recheck")}>
					{t("recheck")}
				</Button>
				<Button variant="default" onClick={() => setAsks("delete")}>
					{t("delete")}
				</Button>
			</Group>
			<Text size="sm" c="dimmed">
				{t("releaseLead")}
			</Text>
			<Text size="sm" fw={600} role="status">
				{wasAsked && !isWished && t("checkedStill", { why: refused.explanation })}
			</Text>
			{(["release", "recheck"] as const).map((verb) => (
				<Confirm
					key={verb}
					isOpen={asks === verb}
					title={t(verb)}
					verb={t(verb)}
					reasonLabel={t("reason")}
					onConfirm={(reason) => ask(verb, reason)}
					onClose={close}
				>
					{verb === "release" ? t("releaseLead") : t("recheckLead")}
				</Confirm>
			))}
			<Confirm
				isOpen={asks === "delete"}
				title={t("delete")}
				verb={t("delete")}
				isDangerous
				onConfirm={async () => {
					await cmiDeleteQuarantineId(id);
					await navigate({ to: "/quarantine" });
					await again();
				}}
				onClose={close}
			>
				{t("deleteLead")}
			</Confirm>
		</Stack>
	);
}
