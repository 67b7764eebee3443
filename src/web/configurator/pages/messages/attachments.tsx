// Files of a message: fetched when somebody wants one, saved to disk, never shown by the browser.

import { Button, Group, Text } from "@mantine/core";
import { IconDownload } from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { cmiGetAttachmentsId } from "#web/api/cmi.ts";
import type { Message } from "#web/api/objects.ts";
import { Failed } from "#web/ui/states.tsx";

type Attachment = Message["attachments"][number];

export function Attachments({ attachments }: { attachments: readonly Attachment[] }) {
	return attachments.map((attachment, index) => <OneFile key={attachment.id ?? index} attachment={attachment} />);
}

function OneFile({ attachment }: { attachment: Attachment }) {
	const { t } = useTranslation("messages");
	const [error, setError] = useState<unknown>();
	const name = attachment.filename ?? t("file");
	const { id } = attachment;
	const save = async () => {
		try {
			setError(undefined);
			const { data } = await cmiGetAttachmentsId(id ?? "");
			saveAs(data, name);
		} catch (thrown) {
			setError(thrown);
		}
	};
	return (
		<Group>
			<Text>
				<bdi>{name}</bdi>
			</Text>
			{id !== undefined && id !== null && (
				<Button
					size="compact-sm"
					variant="default"
					leftSection={<IconDownload size={14} aria-hidden />}
					onClick={() => void save()}
				>
					{t("download")}
				</Button>
			)}
			{error !== undefined && <Failed error={error} />}
		</Group>
	);
}

function saveAs(file: Blob, name: string): void {
	const address = URL.createObjectURL(file);
	const link = document.createElement("a");
	link.href = address;
	link.download = name;
	link.click();
	URL.revokeObjectURL(address);
}
