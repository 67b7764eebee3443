// The audit log: who changed what and when, with before and after, and whether the log itself is whole.

import { Button, Group, Select, Stack, TextInput } from "@mantine/core";
import { IconX } from "@tabler/icons-react";
import { useInfiniteQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { rciGetAuditLog } from "#web/api/rci.ts";
import { readPages } from "#web/api/read.ts";
import { Page } from "#web/ui/page.tsx";
import { Pages } from "#web/ui/pages.tsx";
import { Empty } from "#web/ui/states.tsx";
import { filled } from "../../shell/search.ts";
import { actions, objectTypes } from "./audit-words.ts";
import { AuditEntry } from "./entry.tsx";
import { dayOf, startOfDay } from "./period.ts";
import { Verify } from "./verify.tsx";

const names = ["userId", "objectType", "objectId", "action"] as const;

export function AuditPage() {
	const { t } = useTranslation("audit");
	const search = useSearch({ from: "/audit" });
	const since = startOfDay(search.since);
	const until = startOfDay(search.until);
	const filter = {
		...Object.fromEntries(names.flatMap((name) => (search[name] === undefined ? [] : [[name, search[name]]]))),
		...(since === undefined ? {} : { since }),
		...(until === undefined ? {} : { until }),
	};
	const entries = useInfiniteQuery(
		readPages(["audit", filter], (cursor, options) => rciGetAuditLog({ ...filter, ...cursor, limit: 50 }, options)),
	);
	return (
		<Page title={t("title")} lead={t("lead")} error={entries.error}>
			<Verify />
			<Filters />
			<Pages query={entries} empty={<Empty title={t("none")}>{t("emptyNext")}</Empty>}>
				{(rows) => (
					<Stack component="ol" className="plain-list" gap="xs">
						{rows.map((entry) => (
							<AuditEntry key={entry.seq} entry={entry} />
						))}
					</Stack>
				)}
			</Pages>
		</Page>
	);
}

type Search = { [key in (typeof names)[number] | "since" | "until"]?: string };

function Filters() {
	const { t } = useTranslation("audit");
	const search: Search = useSearch({ from: "/audit" });
	const navigate = useNavigate();
	const change = (part: Search) => {
		void navigate({ to: "/audit", search: filled({ ...search, ...part }) });
	};
	const day = (name: "since" | "until") => (
		<TextInput
			type="date"
			label={t(name)}
			value={dayOf(search[name])}
			onChange={(event) => change({ [name]: event.currentTarget.value })}
		/>
	);
	return (
		<Group align="flex-end" gap="sm">
			<Select
				label={t("object")}
				placeholder={t("any")}
				data={objectTypes.map((type) => ({ value: type, label: t(`objects.${type}`) }))}
				value={search.objectType ?? null}
				onChange={(type) => change({ objectType: type ?? "", objectId: "" })}
				clearable
			/>
			<Select
				label={t("action")}
				placeholder={t("any")}
				data={actions.map((action) => ({ value: action, label: t(`actions.${action}`) }))}
				value={search.action ?? null}
				onChange={(action) => change({ action: action ?? "" })}
				clearable
				searchable
			/>
			{day("since")}
			{day("until")}
			{search.objectId !== undefined && <Only text={t("onlyObject")} onClick={() => change({ objectId: "" })} />}
			{search.userId !== undefined && <Only text={t("oneUser")} onClick={() => change({ userId: "" })} />}
		</Group>
	);
}

function Only({ text, onClick }: { text: string; onClick: () => void }) {
	return (
		<Button variant="default" rightSection={<IconX size={14} aria-hidden />} onClick={onClick}>
			{text}
		</Button>
	);
}
