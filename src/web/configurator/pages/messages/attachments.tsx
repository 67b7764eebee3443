// Files of a message: fetched when somebody wants one and saved to disk. Pictures of the four kinds that hold no scripts can
// be looked at here; nothing else is ever shown by the browser.

import { Button, Group, Stack, Text } from "@mantine/core";
import { IconDownload, IconPhoto } from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { fileAt } from "#web/api/call.ts";
import { getCmiGetAttachmentsIdUrl } from "#web/api/cmi.ts";
import type { Message } from "#web/api/objects.ts";
import { Copyable } from "#web/ui/copy.tsx";
import { Failed } from "#web/ui/states.tsx";

type Attachment = Message["attachments"][number];

const pictures: readonly string[] = ["image/png", "image/jpeg", "image/gif", "image/webp"];

export function Attachments({ attachments }: { attachments: readonly Attachment[] }) {
	return attachments.map((attachment, index) => <OneFile key={attachment.id ?? index} attachment={attachment} />);
}

function OneFile({ attachment }: { attachment: Attachment }) {
	const { t, i18n } = useTranslation("messages");
	const { id, url, state, contentType, size, detail, reason } = attachment;
	const name = attachment.filename ?? t("file");
	const kilobytes = { style: "unit", unit: "kilobyte", maximumSignificantDigits: 3 } as const;
	const sizeText = size === undefined ? [] : [new Intl.NumberFormat(i18n.language, kilobytes).format(size / 1000)];
	return (
		<Stack gap={4}>
			<Text size="sm">
				<bdi>{name}</bdi>
				<Text span c="dimmed" size="sm">
					{[contentType, ...sizeText].filter((one) => one !== undefined).map((one) => ` · ${one}`)}
				</Text>
			</Text>
			{state === "waiting" && <Text size="sm">{t("fileWaiting")}</Text>}
			{state === "failed" && <Text size="sm">{t("fileFailed", { why: detail ?? reason ?? "" })}</Text>}
			{id !== null && state !== "waiting" && state !== "failed" && (
				<Fetched id={id} name={name} contentType={contentType} />
			)}
			{id === null && url !== undefined && <Copyable label={t("fileAddress")} text={url} />}
		</Stack>
	);
}

type FetchedProps = { id: string; name: string; contentType: string | undefined };

function Fetched({ id, name, contentType = "" }: FetchedProps) {
	const { t } = useTranslation("messages");
	const [error, setError] = useState<unknown>();
	const [picture, setPicture] = useState<Blob>();
	const fetchFile = async (onFile: (file: Blob) => void) => {
		try {
			setError(undefined);
			onFile(await fileAt(getCmiGetAttachmentsIdUrl(id)));
		} catch (thrown) {
			setError(thrown);
		}
	};
	return (
		<>
			<Group gap="xs">
				<Button
					size="compact-sm"
					variant="default"
					aria-label={t("downloadOf", { name })}
					leftSection={<IconDownload size={14} aria-hidden />}
					onClick={() => void fetchFile((file) => saveAs(file, name))}
				>
					{t("download")}
				</Button>
				{pictures.includes(contentType) && picture === undefined && (
					<Button
						size="compact-sm"
						variant="default"
						aria-label={t("lookOf", { name })}
						leftSection={<IconPhoto size={14} aria-hidden />}
						onClick={() => void fetchFile((file) => setPicture(new Blob([file], { type: contentType })))}
					>
						{t("look")}
					</Button>
				)}
			</Group>
			{picture !== undefined && <Picture file={picture} name={name} />}
			{error !== undefined && <Failed error={error} />}
		</>
	);
}

/** The address lives as long as the picture is on the screen. */
function Picture({ file, name }: { file: Blob; name: string }) {
	const show = (image: HTMLImageElement) => {
		const address = URL.createObjectURL(file);
		image.src = address;
		return () => URL.revokeObjectURL(address);
	};
	return <img className="picture" ref={show} alt={name} />;
}

function saveAs(file: Blob, name: string): void {
	const address = URL.createObjectURL(file);
	const link = document.createElement("a");
	link.href = address;
	link.download = name;
	link.click();
	URL.revokeObjectURL(address);
}
