// How the provider of this type proves that a call is its own, and where the door stands open.

import { Group, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import type { MessagingService, ServiceType } from "#web/api/objects.ts";
import { rciGetSmsServer } from "#web/api/rci.ts";
import { read } from "#web/api/read.ts";
import { Block } from "#web/ui/block.tsx";
import { Caution } from "#web/ui/caution.tsx";
import { Chip } from "#web/ui/chip.tsx";
import { PageLink } from "#web/ui/page-link.tsx";
import { useSession } from "../shell/session.tsx";

const proofs = ["signature", "httpUser", "none"] as const;

export function IncomingProof({ service, type }: { service: MessagingService; type: ServiceType }) {
	const { t } = useTranslation("webhook");
	const proof = proofs.find((one) => one === type.inboundProof);
	const open = service.openDoorBecause;
	return (
		<Block title={t("proof.title")}>
			{proof !== undefined && <Text size="sm">{t(`proof.${proof}`)}</Text>}
			<LocalHttp isRequired={type.localHttpAuthentication === "required"} />
			{open !== null && (
				<Caution title={t("proof.open")}>
					<Text size="sm">{open}</Text>
				</Caution>
			)}
		</Block>
	);
}

function LocalHttp({ isRequired }: { isRequired: boolean }) {
	const { t } = useTranslation("webhook");
	const { rights } = useSession();
	const maySee = rights.may("view", "smsServer");
	const { data } = useQuery({ ...read(["smsServer"], rciGetSmsServer), enabled: isRequired && maySee });
	const isOn = data?.body.variables.useLocalHttpAuthentication;
	return (
		<Group gap="xs">
			<Text size="sm">{isRequired ? t("proof.required") : t("proof.exempt")}</Text>
			{isRequired && isOn !== undefined && (
				<Chip tone={isOn ? "good" : "warning"}>{isOn ? t("proof.isOn") : t("proof.isOff")}</Chip>
			)}
			{isRequired && maySee && <PageLink to="/smsServer">{t("proof.toSmsServer")}</PageLink>}
		</Group>
	);
}
