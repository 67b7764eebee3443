// Logon name, password and, where there is one, the second factor.

import { Button, PasswordInput, Stack, TextInput } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { callOnce } from "#web/api/call.ts";
import { isProblem } from "#web/api/problem.ts";
import { Failed } from "./states.tsx";

export function SignInForm({
	login: given,
	isSameUser = false,
	onSignedIn,
}: {
	login: string;
	isSameUser?: boolean;
	onSignedIn: () => void;
}) {
	const { t } = useTranslation("ui");
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
					label={t("signingIn.login")}
					name="login"
					autoComplete="username"
					required
					readOnly={isSameUser}
					value={login}
					onChange={(event) => setLogin(event.currentTarget.value)}
					{...(isSameUser ? {} : { "data-autofocus": true })}
				/>
				<PasswordInput
					label={t("signingIn.password")}
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
					{t("signingIn.verb")}
				</Button>
			</Stack>
		</form>
	);
}

function CodeField({ code, onChange }: { code: string; onChange: (code: string) => void }) {
	const { t } = useTranslation("ui");
	return (
		<TextInput
			label={t("signingIn.code")}
			description={t("signingIn.codeHelp")}
			name="code"
			autoComplete="one-time-code"
			required
			autoFocus
			value={code}
			onChange={(event) => onChange(event.currentTarget.value.trim())}
		/>
	);
}
