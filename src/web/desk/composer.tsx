// Where one writes: a draft that stays, notes, templates, files; and why one cannot write freely now, where that is so.

import { ActionIcon, Alert, Button, FileButton, Group, SegmentedControl, Textarea } from "@mantine/core";
import { IconPaperclip } from "@tabler/icons-react";
import { type ClipboardEvent, type DragEvent, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Interaction } from "#web/realtime/tree.ts";
import { isWindowOpen } from "./chat-facts.ts";
import { useDesk, useDeskState } from "./desk-context.tsx";
import type { Kind } from "./pending.ts";
import { FilePreview } from "./file-preview.tsx";
import { TemplateDialog } from "./templates.tsx";
import { useNow } from "./use-now.ts";

const typingEveryMs = 4000;

export function Composer({ chat }: { chat: Interaction }) {
	const { t } = useTranslation("desk");
	const desk = useDesk();
	const { words } = useDeskState();
	const [kind, setKind] = useState<Kind>("text");
	const [files, setFiles] = useState<readonly File[]>([]);
	const [asksTemplate, setAsksTemplate] = useState(false);
	const isOpen = isWindowOpen(chat, useNow());
	const draft = words.drafts[chat.id] ?? "";
	const isShut = kind === "text" && !isOpen;
	const send = () => {
		if (draft.trim() !== "" && !isShut) {
			desk.say(chat.id, kind, draft.trim());
		}
	};
	return (
		<form
			className="desk-composer"
			data-kind={kind}
			onSubmit={(event) => {
				event.preventDefault();
				send();
			}}
			onDragOver={(event) => event.preventDefault()}
			onDrop={(event: DragEvent) => {
				event.preventDefault();
				setFiles([...event.dataTransfer.files]);
			}}
		>
			{isShut && (
				<Alert color="yellow" p="xs">
					{t("window.why")}
				</Alert>
			)}
			<FilePreview chat={chat} files={files} onDone={() => setFiles([])} />
			<Words
				{...{ chat, kind, draft, isShut, send }}
				onFiles={(pasted) => setFiles([...pasted])}
				onSlash={() => setAsksTemplate(true)}
			/>
			<Group justify="space-between" gap="xs">
				<Tools
					kind={kind}
					onKind={setKind}
					onTemplates={() => setAsksTemplate(true)}
					onFile={(file) => setFiles([file])}
				/>
				<Button type="submit" size="compact-md" disabled={draft.trim() === "" || isShut}>
					{t(kind === "note" ? "addNote" : "send")}
				</Button>
			</Group>
			<TemplateDialog
				chat={chat}
				isOpen={asksTemplate}
				isWindowOpen={isOpen}
				onClose={() => setAsksTemplate(false)}
				onText={(text) => desk.draft(chat.id, draft === "" ? text : `${draft} ${text}`)}
			/>
		</form>
	);
}

type WordsProps = {
	chat: Interaction;
	kind: Kind;
	draft: string;
	isShut: boolean;
	send: () => void;
	onFiles: (files: FileList) => void;
	/** "/" at the beginning looks for a template. */
	onSlash: () => void;
};

function Words({ chat, kind, draft, isShut, send, onFiles, onSlash }: WordsProps) {
	const { t } = useTranslation("desk");
	const desk = useDesk();
	const tellTyping = useTyping(chat);
	return (
		<Textarea
			aria-label={t(kind === "note" ? "writeNote" : "write")}
			placeholder={t(kind === "note" ? "writeNote" : "writeHint")}
			value={draft}
			autosize
			minRows={2}
			maxRows={8}
			maxLength={10_000}
			dir="auto"
			disabled={isShut}
			onChange={(event) => {
				const text = event.currentTarget.value;
				if (text === "/" && draft === "") {
					onSlash();
					return;
				}
				desk.draft(chat.id, text);
				tellTyping(kind === "text" && text !== "");
			}}
			onKeyDown={(event) => {
				if (event.key === "Enter" && !event.shiftKey && !event.nativeEvent.isComposing) {
					event.preventDefault();
					send();
					tellTyping(false);
				}
			}}
			onPaste={(event: ClipboardEvent) => {
				if (event.clipboardData.files.length > 0) {
					event.preventDefault();
					onFiles(event.clipboardData.files);
				}
			}}
		/>
	);
}

type ToolsProps = {
	kind: Kind;
	onKind: (kind: Kind) => void;
	onTemplates: () => void;
	onFile: (file: File) => void;
};

function Tools({ kind, onKind, onTemplates, onFile }: ToolsProps) {
	const { t } = useTranslation("desk");
	return (
		<Group gap="xs">
			<SegmentedControl
				size="xs"
				aria-label={t("kindOfWords")}
				data={[
					{ value: "text", label: t("answer") },
					{ value: "note", label: t("note") },
				]}
				value={kind === "note" ? "note" : "text"}
				onChange={onKind}
			/>
			<Button size="compact-sm" variant="default" onClick={onTemplates}>
				{t("templates.open")}
			</Button>
			<FileButton onChange={(file) => file !== null && onFile(file)}>
				{(props) => (
					<ActionIcon {...props} variant="default" aria-label={t("attach")} title={t("attach")}>
						<IconPaperclip size={16} aria-hidden />
					</ActionIcon>
				)}
			</FileButton>
		</Group>
	);
}

/** Told at most every few seconds, and when it is over. */
function useTyping({ id, destination }: Interaction): (isTyping: boolean) => void {
	const desk = useDesk();
	const told = useRef({ isTyping: false, at: 0 });
	return (isTyping) => {
		const now = Date.now();
		const isNews = isTyping !== told.current.isTyping || (isTyping && now - told.current.at > typingEveryMs);
		if (isNews) {
			told.current = { isTyping, at: now };
			const status = isTyping ? "typing" : "not_typing";
			void desk.ask("PUT", `/interactions/${id}/participants/${encodeURIComponent(destination)}`, { status });
		}
	};
}
