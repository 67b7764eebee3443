// After a refused save: what the server said, by field. What has no field is told above the form, and the first marked
// field gets the focus.

import { Alert, List } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { isProblem } from "#web/api/problem.ts";
import { Failed } from "../states.tsx";
import { fieldId } from "./schema-fields.tsx";
import type { Mistakes } from "./schema.ts";

export function mistakesOf(error: unknown): Mistakes {
	return isProblem(error) ? Object.fromEntries(error.errors.map(({ pointer, message }) => [pointer, message])) : {};
}

/** Every mistake once more as a link to its field, so that none is below the fold. */
export function MistakeSummary({ error }: { error: unknown }) {
	const { t } = useTranslation("ui");
	if (error === undefined || error === null) {
		return null;
	}
	if (!isProblem(error) || error.errors.length === 0) {
		return <Failed error={error} />;
	}
	return (
		<Alert role="alert" color="red" title={t("mistakes", { count: error.errors.length })}>
			<List size="sm">
				{error.errors.map(({ pointer, message }) => (
					<List.Item key={pointer + message}>
						<a
							href={`#${fieldId(pointer)}`}
							onClick={(event) => {
								event.preventDefault();
								focusField(pointer);
							}}
						>
							{message}
						</a>
					</List.Item>
				))}
			</List>
		</Alert>
	);
}

export function focusField(pointer: string): void {
	const steps = pointer.split("/");
	for (let length = steps.length; length > 1; length -= 1) {
		const field = document.getElementById(fieldId(steps.slice(0, length).join("/")));
		if (field !== null) {
			field.focus();
			return;
		}
	}
}
