// Files before they go out: what they are, and one button that sends them. What the server does not take it says before a
// byte is sent; what went is not here any more.

import { Button, Group, Stack, Text } from "@mantine/core";
import { useEffect, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { callOnce } from "#web/api/call.ts";
import { errorText } from "#web/ui/error-text.ts";
import type { Interaction } from "#web/realtime/tree.ts";
import { useDesk } from "./desk-context.tsx";
import { openFileSender } from "./file-sending.ts";
import { useDoing } from "./use-doing.ts";

type PreviewProps = {
	chat: Interaction;
	files: readonly File[];
	/** In words. */
	limits: string;
	onGone: (file: File) => void;
	onDrop: () => void;
};

export function FilePreview({ chat, files, limits, onGone, onDrop }: PreviewProps) {
	const { t } = useTranslation("desk");
	const desk = useDesk();
	const [sender] = useState(() => openFileSender({ ask: desk.ask, put, inWords: errorText }));
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
			<Text size="xs" c="dimmed">
				{limits}
			</Text>
			<Group gap="xs">
				<Button size="compact-sm" loading={isBusy} onClick={() => run(() => sender.send(chat.id, files, onGone))}>
					{t("sendFiles", { count: files.length })}
				</Button>
				<Button size="compact-sm" variant="default" disabled={isBusy} onClick={onDrop}>
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

function put(id: string, type: string, file: File): Promise<unknown> {
	return callOnce(`/ecfs/media/${id}`, { method: "PUT", headers: { "content-type": type }, body: file });
}
