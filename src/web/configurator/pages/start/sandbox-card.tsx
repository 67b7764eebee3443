// The sandbox: simulated providers started and stopped, and a conversation with a contact who answers.

import { Button, Card, Group, Select, Stack, Text, Title } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { rciDeleteSandbox, type RciGetSandbox200, rciPostSandbox, rciPostSandboxFaults } from "#web/api/rci.ts";
import { Confirm } from "#web/ui/confirm.tsx";
import { Failed } from "#web/ui/states.tsx";
import { SandboxChat } from "./sandbox-chat.tsx";

const faults = ["none", "wrongCredentials", "throttled", "slow", "down"] as const;

export function SandboxCard({ sandbox, mayStart }: { sandbox: RciGetSandbox200; mayStart: boolean }) {
	const { t } = useTranslation("start");
	const refresh = useRefresh();
	const start = useMutation({ mutationFn: () => rciPostSandbox({}), onSettled: refresh });
	if (!mayStart && !sandbox.running) {
		return null;
	}
	return (
		<Card withBorder component="section" aria-labelledby="sandbox" padding="lg">
			<Stack>
				<Title order={2} size="h4" id="sandbox">
					{t("sandbox.title")}
				</Title>
				<Text>{sandbox.unavailableBecause ?? t("sandbox.lead")}</Text>
				{start.error !== null && <Failed error={start.error} />}
				{sandbox.running ? (
					<RunningSandbox sandbox={sandbox} mayStop={mayStart} />
				) : (
					sandbox.available && (
						<Group>
							<Button onClick={() => start.mutate()} loading={start.isPending}>
								{t("sandbox.start")}
							</Button>
							{sandbox.services.length > 0 && <StopButton />}
						</Group>
					)
				)}
			</Stack>
		</Card>
	);
}

function useRefresh() {
	const queries = useQueryClient();
	return async () => {
		await queries.invalidateQueries({ queryKey: ["sandbox"] });
		await queries.invalidateQueries({ queryKey: ["services"] });
	};
}

function RunningSandbox({ sandbox, mayStop }: { sandbox: RciGetSandbox200; mayStop: boolean }) {
	const { t } = useTranslation("start");
	const refresh = useRefresh();
	const running = sandbox.services.filter((service) => service.running);
	const [chosen, setChosen] = useState(running[0]?.serviceId ?? "");
	const service = running.find(({ serviceId }) => serviceId === chosen) ?? running[0];
	const misbehave = useMutation({
		mutationFn: (fault: (typeof faults)[number]) => rciPostSandboxFaults({ service: service?.serviceId ?? "", fault }),
		onSettled: refresh,
	});
	if (service === undefined) {
		return <Text>{t("sandbox.noService")}</Text>;
	}
	return (
		<>
			<Group align="flex-end">
				<Select
					label={t("sandbox.service")}
					data={running.map(({ serviceId, name }) => ({ value: serviceId, label: name }))}
					value={service.serviceId}
					onChange={(id) => id !== null && setChosen(id)}
					allowDeselect={false}
				/>
				<Select
					label={t("sandbox.fault")}
					data={faults.map((fault) => ({ value: fault, label: t(`sandbox.faults.${fault}`) }))}
					value={service.fault}
					onChange={(fault) => fault !== null && misbehave.mutate(fault)}
					allowDeselect={false}
				/>
				{mayStop && <StopButton />}
			</Group>
			{misbehave.error !== null && <Failed error={misbehave.error} />}
			<SandboxChat key={service.serviceId} service={service.serviceId} personas={sandbox.personas} />
		</>
	);
}

function StopButton() {
	const { t } = useTranslation("start");
	const refresh = useRefresh();
	const [asks, setAsks] = useState(false);
	return (
		<>
			<Button variant="default" onClick={() => setAsks(true)}>
				{t("sandbox.stop")}
			</Button>
			<Confirm
				isOpen={asks}
				title={t("sandbox.stop")}
				verb={t("sandbox.stop")}
				isDangerous
				onConfirm={async () => {
					await rciDeleteSandbox();
					await refresh();
				}}
				onClose={() => setAsks(false)}
			>
				{t("sandbox.stopLead")}
			</Confirm>
		</>
	);
}
