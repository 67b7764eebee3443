// The page where nobody is signed in.

import { Center, Paper, Text, Title } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { SignInForm } from "#web/ui/sign-in-form.tsx";

export function SignInPage({ onSignedIn }: { onSignedIn: () => void }) {
	const { t } = useTranslation("shell");
	return (
		<Center component="main" mih="100vh" p="md">
			<title>{`${t("signIn")} · Parley`}</title>
			<Paper withBorder p="xl" w="100%" maw={420}>
				<Title order={1} size="h2" mb={4}>
					Parley
				</Title>
				<Text c="dimmed" mb="md">
					{t("signInLead")}
				</Text>
				<SignInForm login="" onSignedIn={onSignedIn} />
			</Paper>
		</Center>
	);
}
