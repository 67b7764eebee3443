// Before anything else: a new password, or a second factor, where the authentication policy demands it.

import { Alert, Button, Center, Group, Paper, Stack, Title } from "@mantine/core";
import { useTranslation } from "react-i18next";
import type { Me } from "#web/api/objects.ts";
import { PasswordForm } from "../blocks/password-form.tsx";
import { SecondFactor } from "../blocks/second-factor.tsx";

type Duty = NonNullable<Me["mustDo"]>;

type DutyPageProps = { duty: Duty; me: Me; onDone: () => void; signOut: () => Promise<void> };

export function DutyPage({ duty, me, onDone, signOut }: DutyPageProps) {
	const { t } = useTranslation("account");
	return (
		<Center component="main" mih="100vh" p="md">
			<title>{`${t(`duty.${duty}`)} · Parley`}</title>
			<Paper withBorder p="xl" w="100%" maw={600}>
				<Stack>
					<Title order={1} size="h2">
						{t(`duty.${duty}`)}
					</Title>
					<Alert>{t(`duty.${duty}Why`)}</Alert>
					{duty === "changePassword" ? (
						<PasswordForm onChanged={onDone} />
					) : (
						<SecondFactor factor={me.secondFactor} onKept={onDone} />
					)}
					<Group>
						<Button variant="subtle" onClick={() => void signOut()}>
							{t("duty.signOut")}
						</Button>
					</Group>
				</Stack>
			</Paper>
		</Center>
	);
}
