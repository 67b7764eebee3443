// Signing in again, in a window over the work that goes on afterwards.

import { Modal, Text } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { SignInForm } from "./sign-in-form.tsx";

export function SignInAgain({ login, onSignedIn }: { login: string; onSignedIn: () => void }) {
	const { t } = useTranslation("ui");
	return (
		<Modal opened onClose={() => undefined} withCloseButton={false} title={t("signedOut.title")} centered zIndex={1000}>
			<Text mb="md">{t("signedOut.lead")}</Text>
			<SignInForm login={login} isSameUser onSignedIn={onSignedIn} />
		</Modal>
	);
}
