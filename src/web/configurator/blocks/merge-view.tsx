// Somebody else saved while this person was typing: both versions of each field that both changed, beside how it was.

import { Button, Group, Radio, Stack, Text } from "@mantine/core";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { Dialog } from "#web/ui/dialog.tsx";
import type { MessagingService } from "#web/api/objects.ts";
import type { Answer } from "#web/api/read.ts";
import { Diff } from "#web/ui/diff.tsx";
import { type Conflict, type Merge, mergeOf, type Side } from "./merge.ts";
import type { ServiceEditor } from "./use-service-editor.ts";
import { type ServiceWords, useServiceWords } from "./words.ts";
import "./service-form.css";

export function MergeView({ editor }: { editor: ServiceEditor }) {
	const { t } = useTranslation("service");
	const { theirs, isMerging, closeMerge } = editor;
	return (
		<Dialog opened={isMerging} onClose={closeMerge} title={t("merge.title")} size="xl">
			{theirs !== undefined && <Both key={theirs.etag} editor={editor} theirs={theirs} />}
		</Dialog>
	);
}

function Both({ editor, theirs }: { editor: ServiceEditor; theirs: Answer<MessagingService> }) {
	const { t } = useTranslation("service");
	const { form, base, saveMerged, closeMerge } = editor;
	const words = useServiceWords(form.type);
	const [choices, setChoices] = useState<Readonly<Record<string, Side>>>({});
	const [isBusy, setBusy] = useState(false);
	const merge = useMemo(
		() => mergeOf({ type: form.type, before: base, theirs: theirs.body, mine: form.draft }),
		[form.type, form.draft, base, theirs.body],
	);
	const isDecided = merge.conflicts.every(({ pointer }) => choices[pointer] !== undefined);
	const save = async () => {
		setBusy(true);
		await saveMerged(merge.merged(choices));
		setBusy(false);
	};
	return (
		<Stack>
			<Text>{merge.conflicts.length === 0 ? t("merge.noConflict") : t("merge.lead")}</Text>
			{merge.conflicts.map((conflict) => (
				<Choice
					key={conflict.pointer}
					conflict={conflict}
					words={words}
					side={choices[conflict.pointer]}
					onChoose={(side) => setChoices({ ...choices, [conflict.pointer]: side })}
				/>
			))}
			<TakenOver merge={merge} words={words} />
			<Group justify="flex-end">
				<Button variant="default" onClick={closeMerge}>
					{t("merge.later")}
				</Button>
				<Button onClick={() => void save()} disabled={!isDecided} loading={isBusy}>
					{t("merge.save")}
				</Button>
			</Group>
		</Stack>
	);
}

function TakenOver({ merge, words }: { merge: Merge; words: ServiceWords }) {
	const { t } = useTranslation("service");
	if (merge.taken.length === 0) {
		return null;
	}
	const changes = merge.taken.map(({ pointer, before, theirs }) => ({
		path: pointer,
		label: words.labelOf(pointer),
		before: words.shown(pointer, before),
		after: words.shown(pointer, theirs),
	}));
	return <Diff caption={t("merge.takenCaption")} changes={changes} />;
}

type ChoiceProps = {
	conflict: Conflict;
	words: ServiceWords;
	side: Side | undefined;
	onChoose: (side: Side) => void;
};

function Choice({ conflict, words, side, onChoose }: ChoiceProps) {
	const { t } = useTranslation("service");
	const { before, theirs, mine } = useVersions(conflict, words);
	const label = conflict.kind === "value" ? words.labelOf(conflict.pointer) : words.entryLabel(conflict.role);
	const sides = [
		["theirs", theirs],
		["mine", mine],
	] as const;
	return (
		<fieldset className="merge-choice">
			<legend>{label}</legend>
			<Text size="sm" c="dimmed" className="merge-value">
				{t("merge.before")}: {before === "" ? t("merge.nothing") : before}
			</Text>
			<Radio.Group
				aria-label={t("merge.take", { field: label })}
				value={side ?? null}
				onChange={(value) => onChoose(value === "mine" ? "mine" : "theirs")}
			>
				<Stack gap="xs" mt="xs">
					{sides.map(([name, text]) => (
						<Radio
							key={name}
							value={name}
							label={`${t(`merge.${name}`)}: ${text === "" ? t("merge.nothing") : text}`}
							className="merge-value"
						/>
					))}
				</Stack>
			</Radio.Group>
		</fieldset>
	);
}

function useVersions(conflict: Conflict, words: ServiceWords): { before: string; theirs: string; mine: string } {
	const { t } = useTranslation("service");
	if (conflict.kind === "value") {
		const { pointer } = conflict;
		return {
			before: words.shown(pointer, conflict.before),
			theirs: words.shown(pointer, conflict.theirs),
			mine: words.shown(pointer, conflict.mine),
		};
	}
	const { before, theirs, mine } = conflict;
	const gone = t("merge.removed");
	const isOtherSecret = theirs !== undefined && theirs.fingerprint !== before?.fingerprint;
	const isNewSecret = (mine?.password ?? "") !== "";
	const named = (id: string, isNew: boolean) => (isNew ? t("merge.withSecret", { id }) : id);
	return {
		before: before?.authenticationId ?? "",
		theirs: theirs === undefined ? gone : named(theirs.authenticationId, isOtherSecret),
		mine: mine === undefined ? gone : named(mine.authenticationId, isNewSecret),
	};
}
