// A new password of one's own. All sessions end with it, this one too, so that the page asks to sign in again.

import { Button, PasswordInput, Stack } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { rciPutMePassword } from "#web/api/rci.ts";
import { MistakeSummary, mistakesOf } from "#web/ui/form/mistakes.tsx";
import { fieldId } from "#web/ui/form/schema-fields.tsx";

export function PasswordForm({ onChanged }: { onChanged: () => void }) {
	const { t } = useTranslation("account");
	const [currentPassword, setCurrent] = useState("");
	const [newPassword, setNew] = useState("");
	const [again, setAgain] = useState("");
	const change = useMutation({
		mutationFn: () => rciPutMePassword({ currentPassword, newPassword }),
		onSuccess: onChanged,
	});
	const mistakes = mistakesOf(change.error);
	const differs = again !== "" && again !== newPassword;
	return (
		<form
			onSubmit={(event) => {
				event.preventDefault();
				if (again === newPassword) {
					change.mutate();
				}
			}}
		>
			<Stack maw={420}>
				<MistakeSummary error={change.error} />
				<PasswordInput
					id={fieldId("/currentPassword")}
					label={t("password.current")}
					autoComplete="current-password"
					required
					value={currentPassword}
					onChange={(event) => setCurrent(event.currentTarget.value)}
					error={mistakes["/currentPassword"]}
				/>
				<PasswordInput
					id={fieldId("/newPassword")}
					label={t("password.new")}
					description={t("password.newHelp")}
					autoComplete="new-password"
					required
					value={newPassword}
					onChange={(event) => setNew(event.currentTarget.value)}
					error={mistakes["/newPassword"]}
				/>
				<PasswordInput
					label={t("password.again")}
					autoComplete="new-password"
					required
					value={again}
					onChange={(event) => setAgain(event.currentTarget.value)}
					error={differs ? t("password.differs") : undefined}
				/>
				<Button type="submit" w="fit-content" loading={change.isPending} disabled={differs}>
					{t("password.change")}
				</Button>
			</Stack>
		</form>
	);
}
