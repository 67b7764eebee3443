// A text that is entered elsewhere: shown whole, copied by one click, and the click is answered.

import { ActionIcon, Button, CopyButton, Group, Text, TextInput, Tooltip } from "@mantine/core";
import { IconCheck, IconCopy } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";

/** `label` says what the text is, also to who does not see the icon. */
export function CopyField({ label, text, description }: { label: string; text: string; description?: string }) {
	return (
		<TextInput
			label={label}
			description={description}
			value={text}
			readOnly
			onFocus={(event) => event.currentTarget.select()}
			rightSection={<CopyIcon label={label} text={text} />}
			styles={{
				input: { fontFamily: "var(--mantine-font-family-monospace)", fontSize: "var(--mantine-font-size-xs)" },
			}}
		/>
	);
}

export function CopyIcon({ label, text }: { label: string; text: string }) {
	const { t } = useTranslation("ui");
	return (
		<CopyButton value={text} timeout={2000}>
			{({ copied, copy }) => (
				<Tooltip label={copied ? t("copied") : t("copy")}>
					<ActionIcon variant="subtle" onClick={copy} aria-label={copied ? t("copied") : t("copyOf", { what: label })}>
						{copied ? <IconCheck size={16} aria-hidden /> : <IconCopy size={16} aria-hidden />}
					</ActionIcon>
				</Tooltip>
			)}
		</CopyButton>
	);
}

/** For one value in running text. */
export function Copyable({ label, text, shown }: { label: string; text: string; shown?: string }) {
	return (
		<Group gap={2} wrap="nowrap" component="span" display="inline-flex">
			<Text span ff="monospace" size="xs">
				{shown ?? text}
			</Text>
			<CopyIcon label={label} text={text} />
		</Group>
	);
}

export function CopyAll({ label, text }: { label: string; text: string }) {
	const { t } = useTranslation("ui");
	return (
		<CopyButton value={text} timeout={2000}>
			{({ copied, copy }) => (
				<Button
					size="xs"
					variant="default"
					onClick={copy}
					leftSection={copied ? <IconCheck size={14} aria-hidden /> : <IconCopy size={14} aria-hidden />}
				>
					{copied ? t("copied") : label}
				</Button>
			)}
		</CopyButton>
	);
}
