// The variables of the SMS Server. Each says whether it is set here or follows the settings file; switching a lock off says
// first what loses it.

import { Button, Group, List, Stack, Switch, Text } from "@mantine/core";
import { IconArrowBackUp } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { rciPatchSmsServer, type RciPatchSmsServer200 } from "#web/api/rci.ts";
import { ifMatch, toAnswer } from "#web/api/read.ts";
import { useRenew } from "#web/api/renew.ts";
import { Block } from "#web/ui/block.tsx";
import { Chip } from "#web/ui/chip.tsx";
import { Confirm } from "#web/ui/confirm.tsx";
import { Failed, Loading } from "#web/ui/states.tsx";
import { servicesQuery, typesQuery } from "../../blocks/service-queries.ts";
import { useSelfSaving } from "../../blocks/use-self-saving.ts";
import { useSession } from "../../shell/session.tsx";
import { type LosesLock, losingTheirLock } from "./losing-lock.ts";

type SmsServer = RciPatchSmsServer200;
const variable = "useLocalHttpAuthentication";

export function Variables({ smsServer, etag }: { smsServer: SmsServer; etag: string | null }) {
	const { t } = useTranslation("system");
	const { rights } = useSession();
	const [isAsking, setAsking] = useState(false);
	const { save, change, error, isBusy } = useVariable(smsServer, etag);
	const mayChange = rights.may("modify", "smsServer");
	const isOn = smsServer.variables[variable];
	const isSetHere = smsServer.set.includes(variable);
	return (
		<Block title={t("smsServer.variables")}>
			<Group justify="space-between" align="flex-start" gap="sm">
				<Switch
					label={t("smsServer.localHttp")}
					description={t("smsServer.localHttpHelp")}
					checked={isOn}
					disabled={!mayChange || isBusy}
					onChange={(event) => (event.currentTarget.checked ? void save(true) : setAsking(true))}
					flex="1 1 20rem"
				/>
				<Chip tone="neutral">{isSetHere ? t("smsServer.setHere") : t("smsServer.followsFile")}</Chip>
			</Group>
			{!mayChange && (
				<Text size="sm" c="dimmed">
					{t("smsServer.needsModify")}
				</Text>
			)}
			{mayChange && isSetHere && (
				<Button
					w="fit-content"
					size="xs"
					variant="default"
					disabled={isBusy}
					leftSection={<IconArrowBackUp size={14} aria-hidden className="mirrors" />}
					onClick={() => void save(null)}
				>
					{t("smsServer.followAgain")}
				</Button>
			)}
			{error !== undefined && <Failed error={error} />}
			<Confirm
				isOpen={isAsking}
				title={t("smsServer.askOff")}
				verb={t("smsServer.askOffVerb")}
				isDangerous
				onConfirm={() => change(false)}
				onClose={() => setAsking(false)}
			>
				<WhatLosesItsLock />
			</Confirm>
		</Block>
	);
}

function WhatLosesItsLock() {
	const { t } = useTranslation("system");
	const types = useQuery(typesQuery);
	const services = useQuery(servicesQuery);
	if (types.data === undefined) {
		return types.isError ? <Failed error={types.error} /> : <Loading rows={3} />;
	}
	const { shut, weaker } = losingTheirLock(types.data.body, services.data ?? []);
	return (
		<Stack gap="sm">
			<Affected title={t("smsServer.shut")} help={t("smsServer.shutHelp")} types={shut} />
			<Affected title={t("smsServer.weaker")} help={t("smsServer.weakerHelp")} types={weaker} />
			<Text size="sm">{t("smsServer.others")}</Text>
		</Stack>
	);
}

function Affected({ title, help, types }: { title: string; help: string; types: readonly LosesLock[] }) {
	const { t } = useTranslation("system");
	return types.length === 0 ? null : (
		<div>
			<Text fw={600} size="sm">
				{title}
			</Text>
			<Text size="sm" c="dimmed">
				{help}
			</Text>
			<List size="sm">
				{types.map(({ type, label, services }) => (
					<List.Item key={type}>
						{label}
						{services > 0 && <b> · {t("smsServer.services", { count: services })}</b>}
					</List.Item>
				))}
			</List>
		</div>
	);
}

/** Null: follows the file again. */
function useVariable(smsServer: SmsServer, etag: string | null) {
	const { t } = useTranslation("system");
	const renew = useRenew();
	return useSelfSaving<boolean | null>({
		before: smsServer.set.includes(variable) ? smsServer.variables[variable] : null,
		etag,
		async write(value, match) {
			const answer = toAnswer(await rciPatchSmsServer({ variables: { [variable]: value } }, ifMatch(match)));
			await renew("smsServer", "service", "services");
			return answer.etag;
		},
		said: () => t("smsServer.saved"),
	});
}
