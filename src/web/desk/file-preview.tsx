// Files before they go out: what they are, and one button that sends them. What the server does not take it says before a
// byte is sent.

import { Button, Group, Stack, Text } from "@mantine/core";
import { useEffect, useMemo } from "react";
import { useTranslation } from "react-i18next";
import { callOnce } from "#web/api/call.ts";
import { errorText } from "#web/ui/error-text.ts";
import type { Interaction } from "#web/realtime/tree.ts";
import type { Asked } from "./asked.ts";
import type { Desk } from "./desk.ts";
import { useDesk } from "./desk-context.tsx";
import { useDoing } from "./use-doing.ts";

type PreviewProps = { chat: Interaction; files: readonly File[]; onDone: () => void };

export function FilePreview({ chat, files, onDone }: PreviewProps) {
	const { t } = useTranslation("desk");
	const desk = useDesk();
	const { isBusy, run } = useDoing();
	if (files.length === 0) {
		return null;
	}
	return (
		<Stack gap="xs" role="group" aria-label={t("filesToSend")}>
			{files.map((file) => (
				<Group key={file.name} gap="xs" wrap="nowrap">
					<Picture file={file} />
					<Text size="sm" dir="auto">
						{t("file", { name: file.name, kib: Math.ceil(file.size / 1024) })}
					</Text>
				</Group>
			))}
			<Group gap="xs">
				<Button size="compact-sm" loading={isBusy} onClick={() => run(() => sendAll(desk, chat.id, files), onDone)}>
					{t("sendFiles", { count: files.length })}
				</Button>
				<Button size="compact-sm" variant="default" disabled={isBusy} onClick={onDone}>
					{t("dropFiles")}
				</Button>
			</Group>
		</Stack>
	);
}

function Picture({ file }: { file: File }) {
	const isPicture = /^image\/(png|jpeg|gif|webp)$/.test(file.type);
	const address = useMemo(() => (isPicture ? URL.createObjectURL(file) : undefined), [file, isPicture]);
	useEffect(() => () => (address === undefined ? undefined : URL.revokeObjectURL(address)), [address]);
	return address === undefined ? null : <img className="desk-thumb" src={address} alt="" />;
}

/** Each announced first; then its bytes. */
async function sendAll(desk: Desk, chatId: string, files: readonly File[]): Promise<Asked> {
	for (const file of files) {
		const type = file.type || "application/octet-stream";
		const facts = { filename: file.name, size: file.size, mime_type: type };
		const announced = await desk.ask("POST", `/interactions/${chatId}/attachments`, facts);
		if (!announced.ok) {
			return announced;
		}
		try {
			const { id } = announced.body as { id: string };
			await callOnce(`/ecfs/media/${id}`, { method: "PUT", headers: { "content-type": type }, body: file });
		} catch (error) {
			return { ok: false, code: "upload", because: errorText(error) };
		}
	}
	return { ok: true, body: undefined };
}
