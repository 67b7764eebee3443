// Where one writes: an answer or a note, each with a draft of its own that stays; templates, emoji, files; and why one
// cannot write freely now, where that is so.

import { Alert, Button, Group, SegmentedControl, Text, Textarea } from "@mantine/core";
import {
	type ClipboardEvent,
	type DragEvent,
	type KeyboardEvent,
	type RefObject,
	useEffect,
	useRef,
	useState,
} from "react";
import { useTranslation } from "react-i18next";
import type { Interaction } from "#web/realtime/tree.ts";
import { isWindowOpen, stageOf } from "./chat-facts.ts";
import { ComposerTools } from "./composer-tools.tsx";
import { useDesk, useDeskState } from "./desk-context.tsx";
import { FilePreview } from "./file-preview.tsx";
import { noDraft, type WrittenKind } from "./pending.ts";
import { openPlaceholders } from "./placeholders.ts";
import { TemplateDialog } from "./templates.tsx";
import { useFileLimits } from "./use-file-limits.ts";
import { useNow } from "./use-now.ts";
import { useTyping } from "./use-typing.ts";

const wordsMax = 10_000; // The most that the server takes.

export function Composer({ chat }: { chat: Interaction }) {
	const { t } = useTranslation("desk");
	const writing = useWriting(chat);
	const { kind, text, isShut, isLookingOn, field } = writing;
	const [files, setFiles] = useState<readonly File[]>([]);
	const limits = useFileLimits();
	const [asksTemplate, setAsksTemplate] = useState(false);
	const mayTakeFiles = kind === "text" && !isShut && !isLookingOn;
	return (
		<form
			className="desk-composer"
			data-kind={kind}
			onSubmit={(event) => {
				event.preventDefault();
				writing.send();
			}}
			onDragOver={(event) => event.preventDefault()}
			onDrop={(event: DragEvent) => {
				event.preventDefault();
				setFiles(mayTakeFiles ? [...event.dataTransfer.files] : []);
			}}
		>
			{isShut && (
				<Alert color="yellow" p="xs">
					{t("window.why")}
				</Alert>
			)}
			{isLookingOn && <Text size="sm">{t("lookingOn")}</Text>}
			<FilePreview
				chat={chat}
				files={files}
				limits={limits.inWords}
				onGone={(gone) => setFiles((all) => all.filter((one) => one !== gone))}
				onDrop={() => setFiles([])}
			/>
			<WordsField
				{...writing}
				onTemplate={() => setAsksTemplate(true)}
				onFiles={(pasted) => setFiles(mayTakeFiles ? pasted : [])}
			/>
			<OpenPlaceholders text={text} />
			<Group justify="space-between" gap="xs">
				<Group gap="xs">
					{!isLookingOn && <KindChoice kind={kind} onChoose={writing.choose} />}
					<ComposerTools
						mayTakeFiles={mayTakeFiles}
						limits={limits}
						mayTemplate={kind === "text" && !isLookingOn}
						onTemplate={() => setAsksTemplate(true)}
						onFile={(file) => setFiles([file])}
						onEmoji={(emoji) => writing.put(emoji, field)}
					/>
				</Group>
				<Button type="submit" size="compact-md" disabled={text.trim() === "" || isShut}>
					{t(kind === "note" ? "addNote" : "send")}
				</Button>
			</Group>
			<TemplateDialog
				chat={chat}
				isOpen={asksTemplate}
				isWindowOpen={writing.isWindowOpen}
				onClose={() => setAsksTemplate(false)}
				onText={(filled) => writing.put(filled, field)}
			/>
		</form>
	);
}

function KindChoice({ kind, onChoose }: { kind: WrittenKind; onChoose: (kind: WrittenKind) => void }) {
	const { t } = useTranslation("desk");
	return (
		<>
			<SegmentedControl
				size="xs"
				aria-label={t("kindOfWords")}
				data={[
					{ value: "text", label: t("answer") },
					{ value: "note", label: t("note") },
				]}
				value={kind}
				onChange={(chosen) => onChoose(chosen)}
			/>
			<button
				type="button"
				className="desk-key-only"
				tabIndex={-1}
				aria-hidden
				aria-keyshortcuts="n"
				onClick={() => onChoose("note")}
			/>
		</>
	);
}

/** A template's gaps that nobody filled. */
function OpenPlaceholders({ text }: { text: string }) {
	const { t } = useTranslation("desk");
	const open = openPlaceholders(text);
	return open.length === 0 ? null : (
		<Text size="xs" role="status">
			{t("placeholdersLeft", { names: open.join(", ") })}
		</Text>
	);
}

type Writing = ReturnType<typeof useWriting>;

function WordsField(props: Writing & { onTemplate: () => void; onFiles: (files: readonly File[]) => void }) {
	const { t } = useTranslation("desk");
	const { kind, text, isShut, field, write, send, onTemplate, onFiles } = props;
	const label = t(kind === "note" ? "writeNote" : "write");
	const press = (event: KeyboardEvent) => {
		if (event.key === "Enter" && !event.shiftKey && !event.nativeEvent.isComposing) {
			event.preventDefault();
			send();
		}
		if (event.key === "/" && text === "" && kind === "text") {
			event.preventDefault();
			onTemplate();
		}
	};
	return (
		<Textarea
			ref={field}
			aria-label={label}
			placeholder={kind === "note" ? label : t("writeHint")}
			aria-keyshortcuts="r"
			value={text}
			autosize
			minRows={2}
			maxRows={8}
			maxLength={wordsMax}
			dir="auto"
			disabled={isShut}
			onChange={(event) => write(event.currentTarget.value)}
			onKeyDown={press}
			onPaste={(event: ClipboardEvent) => {
				if (event.clipboardData.files.length > 0) {
					event.preventDefault();
					onFiles([...event.clipboardData.files]);
				}
			}}
		/>
	);
}

/** The draft of a chat, and what may be done with it now. */
function useWriting(chat: Interaction) {
	const desk = useDesk();
	const { words } = useDeskState();
	const isOpen = isWindowOpen(chat, useNow());
	const typing = useTyping(chat);
	const field = useRef<HTMLTextAreaElement>(null);
	/** Sending it again is meant, gaps or not. */
	const warnedOf = useRef<string>(undefined);
	const draft = words.drafts[chat.id] ?? noDraft;
	const isLookingOn = stageOf(chat) === "supervised";
	const kind: WrittenKind = isLookingOn ? "note" : draft.kind;
	const text = draft[kind];
	const isShut = kind === "text" && !isOpen;
	useEffect(() => field.current?.focus({ preventScroll: true }), []);
	const write = (changed: string) => {
		desk.draft(chat.id, { [kind]: changed });
		if (kind === "text" && changed !== "") {
			typing.note();
		} else {
			typing.stop();
		}
	};
	return {
		kind,
		text,
		isShut,
		isLookingOn,
		isWindowOpen: isOpen,
		field,
		write,
		choose(chosen: WrittenKind) {
			desk.draft(chat.id, { kind: chosen });
			typing.stop();
			field.current?.focus();
		},
		send() {
			const [open] = kind === "text" ? openPlaceholders(text) : [];
			if (open !== undefined && warnedOf.current !== text) {
				warnedOf.current = text;
				field.current?.focus();
				field.current?.setSelectionRange(text.indexOf(open), text.indexOf(open) + open.length);
			} else if (text.trim() !== "" && !isShut) {
				desk.draft(chat.id, { [kind]: "" });
				desk.say(chat.id, kind, text.trim());
				typing.stop();
			}
		},
		/** Where the cursor is. */
		put(more: string, { current: area }: RefObject<HTMLTextAreaElement | null>) {
			const from = area?.selectionStart ?? text.length;
			const until = area?.selectionEnd ?? text.length;
			write(`${text.slice(0, from)}${more}${text.slice(until)}`.slice(0, wordsMax));
			area?.focus();
		},
	};
}
