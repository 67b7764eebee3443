// A secret that goes in and never comes out: hidden while it is entered, without the blanks that copying brings along, and
// with its lines kept when it has several.

import { Button, Group, PasswordInput, Stack, Text, Textarea } from "@mantine/core";
import { IconDice5 } from "@tabler/icons-react";
import { type ClipboardEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { randomHex } from "#web/api/random.ts";
import { CopyField } from "#web/ui/copy.tsx";
import "./service-form.css";

export type SecretFieldProps = {
	id: string;
	label: string;
	value: string;
	onChange: (value: string) => void;
	mistake?: string | undefined;
	isReadOnly?: boolean;
	/** A text of one's own choice, so that one can be made up here. */
	isOwnChoice?: boolean;
	/** It came onto the screen because somebody wants to enter it now. */
	isAwaited?: boolean;
};

export function SecretField(props: SecretFieldProps) {
	const { id, label, value, onChange, mistake, isReadOnly = false, isOwnChoice = false, isAwaited = false } = props;
	const { t } = useTranslation("service");
	const [madeUp, setMadeUp] = useState<string>();
	const field = { id, label, error: mistake, value, readOnly: isReadOnly, spellCheck: false };
	const onPaste = (event: ClipboardEvent) => {
		const text = event.clipboardData.getData("text").trim();
		if (value === "" && text !== "" && !isReadOnly) {
			event.preventDefault();
			onChange(text);
		}
	};
	const onBlur = () => value !== value.trim() && onChange(value.trim());
	if (value.includes("\n")) {
		return (
			<Textarea
				{...field}
				description={t("secret.lines")}
				className="secret-lines"
				autosize
				minRows={2}
				maxRows={4}
				autoComplete="off"
				onChange={(event) => onChange(event.currentTarget.value)}
				onBlur={onBlur}
			/>
		);
	}
	return (
		<Stack gap="xs">
			<PasswordInput
				{...field}
				autoComplete="new-password"
				autoFocus={isAwaited}
				data-1p-ignore
				data-lpignore="true"
				visibilityToggleButtonProps={{ "aria-label": t("secret.show") }}
				onChange={(event) => onChange(event.currentTarget.value)}
				onPaste={onPaste}
				onBlur={onBlur}
			/>
			{isOwnChoice && !isReadOnly && (
				<Group gap="xs">
					<Button
						size="compact-sm"
						variant="default"
						leftSection={<IconDice5 size={14} aria-hidden />}
						onClick={() => {
							const made = randomHex(20);
							setMadeUp(made);
							onChange(made);
						}}
					>
						{t("secret.makeUp")}
					</Button>
				</Group>
			)}
			{madeUp !== undefined && madeUp === value && (
				<output>
					<CopyField label={`${label}:`} text={madeUp} description={t("secret.makeUpHelp")} />
				</output>
			)}
			{isReadOnly && <Text size="sm">{t("secret.notSet")}</Text>}
		</Stack>
	);
}
