// The sandbox: simulated providers started and stopped, and a conversation with a contact who answers.

import { Button, Card, Group, Stack, Text, Title } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { lazy, Suspense } from "react";
import { useTranslation } from "react-i18next";
import { type RciGetSandbox200, rciPostSandbox } from "#web/api/rci.ts";
import { useRenew } from "#web/api/renew.ts";
import { Failed, Loading } from "#web/ui/states.tsx";

/** Forms and dialogs are not part of the first load. */
const RunningSandbox = lazy(() => import("./running-sandbox.tsx").then((parts) => ({ default: parts.RunningSandbox })));
const StopButton = lazy(() => import("./running-sandbox.tsx").then((parts) => ({ default: parts.StopButton })));

export function SandboxCard({ sandbox, mayStart }: { sandbox: RciGetSandbox200; mayStart: boolean }) {
	const { t } = useTranslation("start");
	const renew = useRenew();
	const start = useMutation({ mutationFn: () => rciPostSandbox({}), onSettled: () => renew("sandbox", "services") });
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
				<Suspense fallback={<Loading rows={2} />}>
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
				</Suspense>
			</Stack>
		</Card>
	);
}
