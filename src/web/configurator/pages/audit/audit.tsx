// The audit log: who changed what and when, with before and after, and whether the log itself is whole.

import { Alert, Anchor, Button, Card, Group, Select, Stack, Text } from "@mantine/core";
import { useInfiniteQuery, useMutation } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { rciGetAuditLog, type RciGetAuditLog200Item, rciGetAuditLogVerification } from "#web/api/rci.ts";
import { readPages } from "#web/api/read.ts";
import { Diff } from "#web/ui/diff.tsx";
import { Page } from "#web/ui/page.tsx";
import { Pages } from "#web/ui/pages.tsx";
import { Empty, Failed } from "#web/ui/states.tsx";
import { Time } from "#web/ui/time.tsx";

const objectTypes = [
	...(["messagingService", "user", "userGroup", "role", "apiToken", "smsServer"] as const),
	...(["authenticationPolicy", "customerConsent"] as const),
];

export function AuditPage() {
	const { t } = useTranslation("audit");
	const { objectType, objectId, action } = useSearch({ from: "/audit" });
	const navigate = useNavigate();
	const filter = Object.fromEntries(
		Object.entries({ objectType, objectId, action }).filter(([, value]) => value !== undefined),
	);
	const entries = useInfiniteQuery(
		readPages(["audit", filter], (cursor, options) => rciGetAuditLog({ ...filter, ...cursor, limit: 50 }, options)),
	);
	return (
		<Page title={t("title")} lead={t("lead")} actions={<Verify />}>
			<Group align="flex-end">
				<Select
					label={t("object")}
					placeholder={t("any")}
					data={objectTypes.map((type) => ({ value: type, label: t(`objects.${type}`) }))}
					value={objectType ?? null}
					onChange={(type) => void navigate({ to: "/audit", search: type === null ? {} : { objectType: type } })}
					clearable
				/>
				{objectId !== undefined && (
					<Button variant="default" onClick={() => void navigate({ to: "/audit" })}>
						{t("allObjects")}
					</Button>
				)}
			</Group>
			<Pages query={entries} empty={<Empty title={t("none")} />}>
				{(rows) => (
					<Stack component="ol" className="plain-list">
						{rows.map((entry) => (
							<Entry key={entry.seq} entry={entry} />
						))}
					</Stack>
				)}
			</Pages>
		</Page>
	);
}

function Entry({ entry }: { entry: RciGetAuditLog200Item }) {
	const { t } = useTranslation("audit");
	const changes = Object.entries(entry.changes).map(([path, { before, after }]) => ({
		path,
		label: path,
		before,
		after,
	}));
	return (
		<Card withBorder component="li" padding="sm">
			<Group gap="xs">
				<Text fw={600}>{entry.actor}</Text>
				<Text>{entry.action}</Text>
				<ObjectName entry={entry} />
				<Text size="sm" c="dimmed">
					<Time at={entry.at} isExact /> · {entry.via} · {t("number", { seq: entry.seq })}
				</Text>
			</Group>
			{changes.length > 0 && (
				<details>
					<summary>{t("changes", { count: changes.length })}</summary>
					<Diff caption={t("changes", { count: changes.length })} changes={changes} />
				</details>
			)}
		</Card>
	);
}

const screens = {
	messagingService: "/services/$id",
	user: "/users/$id",
	userGroup: "/userGroups/$id",
	role: "/roles/$id",
} as const;

function ObjectName({ entry: { objectType, objectId, objectName } }: { entry: RciGetAuditLog200Item }) {
	const name = objectName ?? objectId ?? objectType;
	if (objectId === null || !(objectType in screens)) {
		return <Text>{name}</Text>;
	}
	const to = screens[objectType as keyof typeof screens];
	return (
		<Anchor renderRoot={(props) => <Link to={to} params={{ id: objectId }} {...props} />}>
			<bdi>{name}</bdi>
		</Anchor>
	);
}

function Verify() {
	const { t } = useTranslation("audit");
	const verify = useMutation({ mutationFn: () => rciGetAuditLogVerification() });
	const verdict = verify.data?.data;
	return (
		<Stack gap="xs" align="flex-end">
			<Button variant="default" loading={verify.isPending} onClick={() => verify.mutate()}>
				{t("verify")}
			</Button>
			{verdict !== undefined && (
				<Alert role="status" {...(verdict.whole ? {} : { color: "red" })}>
					{verdict.whole
						? t("whole", { count: verdict.rows })
						: t("broken", { seq: verdict.brokenAt ?? 0, rows: verdict.rows })}
				</Alert>
			)}
			{verify.error !== null && <Failed error={verify.error} />}
		</Stack>
	);
}
