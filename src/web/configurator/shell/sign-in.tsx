// Signing in with logon name, password and, where there is one, the second factor. As a page, and as a window over the work
// that goes on afterwards.

import { Button, Center, Modal, Paper, PasswordInput, Stack, Text, TextInput, Title } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { callOnce } from "#web/api/call.ts";
import { isProblem } from "#web/api/problem.ts";
import { Failed } from "#web/ui/states.tsx";

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

export function SignInAgain({ login, onSignedIn }: { login: string; onSignedIn: () => void }) {
	const { t } = useTranslation("shell");
	return (
		<Modal opened onClose={() => undefined} withCloseButton={false} title={t("sessionEnded")} centered zIndex={1000}>
			<Text mb="md">{t("sessionEndedLead")}</Text>
			<SignInForm login={login} isSameUser onSignedIn={onSignedIn} />
		</Modal>
	);
}

function SignInForm({
	login: given,
	isSameUser = false,
	onSignedIn,
}: {
	login: string;
	isSameUser?: boolean;
	onSignedIn: () => void;
}) {
	const { t } = useTranslation("shell");
	const [login, setLogin] = useState(given);
	const [password, setPassword] = useState("");
	const [code, setCode] = useState("");
	const [needsCode, setNeedsCode] = useState(false);
	const [error, setError] = useState<unknown>();
	const [isBusy, setBusy] = useState(false);
	const signIn = async (event: FormEvent) => {
		event.preventDefault();
		setBusy(true);
		setError(undefined);
		try {
			await callOnce("/login", {
				method: "POST",
				headers: { "content-type": "application/json" },
				body: JSON.stringify({ login, password, ...(needsCode ? { code } : {}) }),
			});
			onSignedIn();
		} catch (thrown) {
			setNeedsCode(needsCode || isProblem(thrown, "second_factor_required"));
			setError(isProblem(thrown, "second_factor_required") && !needsCode ? undefined : thrown);
		} finally {
			setBusy(false);
		}
	};
	return (
		<form onSubmit={(event) => void signIn(event)}>
			<Stack>
				<TextInput
					label={t("login")}
					name="login"
					autoComplete="username"
					required
					readOnly={isSameUser}
					value={login}
					onChange={(event) => setLogin(event.currentTarget.value)}
					{...(isSameUser ? {} : { "data-autofocus": true })}
				/>
				<PasswordInput
					label={t("password")}
					name="password"
					autoComplete="current-password"
					required
					value={password}
					onChange={(event) => setPassword(event.currentTarget.value)}
					{...(isSameUser ? { "data-autofocus": true } : {})}
				/>
				{needsCode && <CodeField code={code} onChange={setCode} />}
				{error !== undefined && <Failed error={error} />}
				<Button type="submit" loading={isBusy}>
					{t("signIn")}
				</Button>
			</Stack>
		</form>
	);
}

function CodeField({ code, onChange }: { code: string; onChange: (code: string) => void }) {
	const { t } = useTranslation("shell");
	return (
		<TextInput
			label={t("code")}
			description={t("codeHelp")}
			name="code"
			autoComplete="one-time-code"
			required
			autoFocus
			value={code}
			onChange={(event) => onChange(event.currentTarget.value.trim())}
		/>
	);
}
