// The sandbox while it runs: which service, what its provider does wrong, the conversation, and the end of it.

import { Button, Group, Select, Text } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { rciDeleteSandbox, type RciGetSandbox200, rciPostSandboxFaults } from "#web/api/rci.ts";
import { useRenew } from "#web/api/renew.ts";
import { Confirm } from "#web/ui/confirm.tsx";
import { Failed } from "#web/ui/states.tsx";
import { SandboxChat } from "./sandbox-chat.tsx";

const faults = ["none", "wrongCredentials", "throttled", "slow", "down"] as const;

export function RunningSandbox({ sandbox, mayStop }: { sandbox: RciGetSandbox200; mayStop: boolean }) {
	const { t } = useTranslation("start");
	const renew = useRenew();
	const running = sandbox.services.filter((service) => service.running);
	const [chosen, setChosen] = useState(running[0]?.serviceId ?? "");
	const service = running.find(({ serviceId }) => serviceId === chosen) ?? running[0];
	const misbehave = useMutation({
		mutationFn: (fault: (typeof faults)[number]) => rciPostSandboxFaults({ service: service?.serviceId ?? "", fault }),
		onSettled: () => renew("sandbox", "services"),
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

export function StopButton() {
	const { t } = useTranslation("start");
	const renew = useRenew();
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
					await renew("sandbox", "services");
				}}
				onClose={() => setAsks(false)}
			>
				{t("sandbox.stopLead")}
			</Confirm>
		</>
	);
}
