// The variables of the SMS Server. Each says whether it is set here or follows the settings file; switching a lock off says
// first what loses it.

import { Button, Card, Group, List, Stack, Switch, Text, Title } from "@mantine/core";
import { IconArrowBackUp } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { rciPatchSmsServer, type RciPatchSmsServer200 } from "#web/api/rci.ts";
import { ifMatch, toAnswer } from "#web/api/read.ts";
import { useRenew } from "#web/api/renew.ts";
import { Chip } from "#web/ui/chip.tsx";
import { Confirm } from "#web/ui/confirm.tsx";
import { complain, tell } from "#web/ui/notice.tsx";
import { Failed, Loading } from "#web/ui/states.tsx";
import { servicesQuery, typesQuery } from "../../blocks/service-queries.ts";
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
		<Card withBorder component="section" aria-labelledby="variables">
			<Stack gap="md">
				<Title order={2} size="h4" id="variables">
					{t("smsServer.variables")}
				</Title>
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
						leftSection={<IconArrowBackUp size={14} aria-hidden />}
						onClick={() => void save(null)}
					>
						{t("smsServer.followAgain")}
					</Button>
				)}
				{error !== undefined && <Failed error={error} />}
			</Stack>
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
		</Card>
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

/** `change` throws, for the question that shows it; `save` keeps what was thrown. Null: follows the file again. */
function useVariable(smsServer: SmsServer, etag: string | null) {
	const { t } = useTranslation(["system", "ui"]);
	const renew = useRenew();
	const [error, setError] = useState<unknown>();
	const [isBusy, setBusy] = useState(false);
	const before = smsServer.set.includes(variable) ? smsServer.variables[variable] : null;
	const write = async (value: boolean | null, match: string | null) => {
		const answer = toAnswer(await rciPatchSmsServer({ variables: { [variable]: value } }, ifMatch(match)));
		await renew("smsServer", "service", "services");
		return answer.etag;
	};
	const change = async (value: boolean | null) => {
		const saved = await write(value, etag);
		setError(undefined);
		tell(t("system:smsServer.saved"), () => void write(before, saved).catch(complain));
	};
	const save = async (value: boolean | null) => {
		setBusy(true);
		await change(value).catch(setError);
		setBusy(false);
	};
	return { save, change, error, isBusy };
}
