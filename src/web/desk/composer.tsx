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
	const tellTyping = useTyping(chat);
	const draft = words.drafts[chat.id] ?? "";
	const isShut = kind === "text" && !isOpen;
	const send = () => {
		if (draft.trim() !== "" && !isShut) {
			desk.say(chat.id, kind, draft.trim());
			tellTyping(false);
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
						setAsksTemplate(true);
						return;
					}
					desk.draft(chat.id, text);
					tellTyping(kind === "text" && text !== "");
				}}
				onKeyDown={(event) => {
					if (event.key === "Enter" && !event.shiftKey && !event.nativeEvent.isComposing) {
						event.preventDefault();
						send();
					}
				}}
				onPaste={(event: ClipboardEvent) => {
					if (event.clipboardData.files.length > 0) {
						event.preventDefault();
						setFiles([...event.clipboardData.files]);
					}
				}}
			/>
			<Group justify="space-between" gap="xs">
				<Group gap="xs">
					<SegmentedControl
						size="xs"
						aria-label={t("kindOfWords")}
						data={[
							{ value: "text", label: t("answer") },
							{ value: "note", label: t("note") },
						]}
						value={kind}
						onChange={(chosen) => setKind(chosen as Kind)}
					/>
					<Button size="compact-sm" variant="default" onClick={() => setAsksTemplate(true)}>
						{t("templates.open")}
					</Button>
					<FileButton onChange={(file) => file !== null && setFiles([file])}>
						{(props) => (
							<ActionIcon {...props} variant="default" aria-label={t("attach")} title={t("attach")}>
								<IconPaperclip size={16} aria-hidden />
							</ActionIcon>
						)}
					</FileButton>
				</Group>
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
