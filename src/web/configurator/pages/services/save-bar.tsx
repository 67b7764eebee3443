// What is not saved yet, always in sight while there is something.

import { Button, Group, Paper, Text } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Confirm } from "#web/ui/confirm.tsx";
import { changesOf } from "../../blocks/changes.ts";
import { Review } from "../../blocks/review.tsx";
import type { ServiceEditor } from "../../blocks/use-service-editor.ts";

export function SaveBar({ editor }: { editor: ServiceEditor }) {
	const { t } = useTranslation("service");
	const [isReviewing, setReviewing] = useState(false);
	const [isDiscarding, setDiscarding] = useState(false);
	const { form, base, isDirty, theirs } = editor;
	const review = () => {
		if (theirs !== undefined) {
			editor.openMerge();
		} else if (form.demandRight()) {
			setReviewing(true);
		}
	};
	const count = changesOf(form.type, base, form.draft).length;
	return (
		<>
			{isDirty && (
				<Paper className="save-bar" component="section" aria-label={t("save")}>
					<Group justify="space-between" gap="sm">
						<Text size="sm" component="output">
							{t("unsaved", { count })}
						</Text>
						<Group gap="xs">
							<Button variant="default" onClick={() => setDiscarding(true)}>
								{t("discard")}
							</Button>
							<Button onClick={review}>{t("review")}</Button>
						</Group>
					</Group>
				</Paper>
			)}
			<Review editor={editor} isOpen={isReviewing} onClose={() => setReviewing(false)} />
			<Confirm
				isOpen={isDiscarding}
				title={t("discardTitle")}
				verb={t("discard")}
				isDangerous
				onConfirm={() => Promise.resolve(editor.discard())}
				onClose={() => setDiscarding(false)}
			>
				{t("discardLead")}
			</Confirm>
		</>
	);
}
