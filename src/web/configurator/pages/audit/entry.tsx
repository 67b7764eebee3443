// One entry of the audit log: who did what to which object, when and by which way; and each field before and after.

import { Card, Group, Stack, Text } from "@mantine/core";
import { memo } from "react";
import { useTranslation } from "react-i18next";
import type { RciGetAuditLog200Item } from "#web/api/rci.ts";
import { Diff } from "#web/ui/diff.tsx";
import { PageLink } from "#web/ui/page-link.tsx";
import { Time } from "#web/ui/time.tsx";
import { actions, objectTypes, oneOf, screens, ways } from "./audit-words.ts";

type Entry = RciGetAuditLog200Item;

const namesMax = 5;

/** A long log is drawn again for every page that is added to it; the entries that are there are left as they are. */
export const AuditEntry = memo(DrawnEntry);

function DrawnEntry({ entry }: { entry: Entry }) {
	const { t } = useTranslation("audit");
	const { because, ...fields } = entry.changes;
	const changes = Object.entries(fields).map(([path, { before, after }]) => ({
		path,
		label: path,
		before,
		after,
	}));
	const names = changes.slice(0, namesMax).map(({ path }) => path);
	const listed = `${names.join(", ")}${changes.length > namesMax ? ", …" : ""}`;
	return (
		<Card withBorder component="li" padding="sm">
			<Stack gap={4}>
				<Head entry={entry} />
				{typeof because?.after === "string" && (
					<Text size="sm" className="breaks">
						{t("reason", { reason: because.after })}
					</Text>
				)}
				{changes.length > 0 && (
					<details>
						<summary>
							<bdi>{t("changed", { count: changes.length, names: listed })}</bdi>
						</summary>
						<Diff caption={t("changed", { count: changes.length, names: listed })} changes={changes} />
					</details>
				)}
			</Stack>
		</Card>
	);
}

function Head({ entry }: { entry: Entry }) {
	const { t } = useTranslation("audit");
	const action = oneOf(actions, entry.action);
	const way = oneOf(ways, entry.via);
	return (
		<Group gap="xs" justify="space-between">
			<Group gap="xs">
				<Who entry={entry} />
				<Text>{action === undefined ? entry.action : t(`actions.${action}`)}</Text>
				<What entry={entry} />
			</Group>
			<Text size="sm" c="dimmed">
				<Time at={entry.at} isExact /> · {way === undefined ? entry.via : t(`via.${way}`)} ·{" "}
				{t("number", { seq: entry.seq })}
			</Text>
		</Group>
	);
}

/** The name leads to all that this user did. */
function Who({ entry: { userId, actor } }: { entry: Entry }) {
	if (userId === null) {
		return (
			<Text fw={600}>
				<bdi>{actor}</bdi>
			</Text>
		);
	}
	return (
		<PageLink to="/audit" search={{ userId }} fw={600} size="md">
			<bdi>{actor}</bdi>
		</PageLink>
	);
}

function What({ entry: { objectType, objectId, objectName } }: { entry: Entry }) {
	const { t } = useTranslation("audit");
	const type = oneOf(objectTypes, objectType);
	const typeName = type === undefined ? objectType : t(`objects.${type}`);
	const name = objectName ?? objectId;
	const to = screens[objectType];
	const isSomewhere = to !== undefined && (objectId !== null || !to.includes("$"));
	return (
		<Text className="breaks">
			<Text span c="dimmed" size="sm">
				{typeName}
			</Text>{" "}
			{isSomewhere ? (
				<PageLink to={to} params={{ id: objectId ?? "" }} underline="always" size="md">
					<bdi>{name ?? typeName}</bdi>
				</PageLink>
			) : (
				<bdi>{name}</bdi>
			)}
		</Text>
	);
}
