// The rights that somebody holds directly, edited as one list: the differences are shown before they are saved, and what
// the server refuses is told at the row it is about.

import { useRenew } from "#web/api/renew.ts";
import { SaveError } from "#web/ui/form/saving.tsx";
import { LeaveGuard } from "#web/ui/leave-guard.tsx";
import "./rights.css";
import { Button, Group, Stack, Text } from "@mantine/core";
import { IconPlus } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { isProblem } from "#web/api/problem.ts";
import type { Answer } from "#web/api/read.ts";
import { Block } from "#web/ui/block.tsx";
import { Confirm } from "#web/ui/confirm.tsx";
import { Diff } from "#web/ui/diff.tsx";
import { mistakesOf } from "#web/ui/form/mistakes.tsx";
import { mistakeAt } from "#web/ui/form/schema-fields.tsx";
import { tell } from "#web/ui/notice.tsx";
import { Scroller } from "#web/ui/scroller.tsx";
import { Asked } from "#web/ui/states.tsx";
import { useSession } from "../shell/session.tsx";
import { AccessLegend } from "./access-legend.tsx";
import { namedTypes } from "./object-names.ts";
import { type GivenRight, keyOf } from "./people-objects.ts";
import { type Holder, putRights, rightsQuery } from "./rights-calls.ts";
import { mistakeOfRow, type Row, rightsDiff, rightsFrom, rowsFrom, wasGiven } from "./rights-draft.ts";
import { RightsRow } from "./rights-row.tsx";
import { useRightsWords } from "./rights-words.ts";

type RightsEditorProps = {
	holder: Holder;
	name: string;
	/** Of a new row: an external user mostly calls in. */
	startsWith: GivenRight["access"];
};

type Stored = Answer<GivenRight[]>;

export function RightsEditor(props: RightsEditorProps) {
	const { t } = useTranslation("people");
	const { rights } = useSession();
	const { holder } = props;
	const mayManage = rights.may("manageRights", holder.kind, { id: holder.id });
	const stored = useQuery({ ...rightsQuery(holder), enabled: mayManage });
	return (
		<Block title={t("rights.own")} lead={t(`rights.ownLead.${holder.kind}`)}>
			{mayManage ? (
				<Asked query={stored} rows={3}>
					{(answer) => <Editor {...props} stored={answer} />}
				</Asked>
			) : (
				<Text c="dimmed">{t(`rights.mayNotManage.${holder.kind}`)}</Text>
			)}
		</Block>
	);
}

function Editor({ holder, name, startsWith, stored }: RightsEditorProps & { stored: Stored }) {
	const { t } = useTranslation("people");
	const edit = useRightsEdit(holder, stored);
	const words = useRightsWords(namedTypes);
	const [asks, setAsks] = useState(false);
	const add = useRef<HTMLButtonElement>(null);
	const changes = rightsDiff(edit.base.body, rightsFrom(edit.rows), words);
	return (
		<Stack>
			<LeaveGuard isDirty={edit.isBegun} />
			<SaveError error={edit.errorForAll} onLoadTheirs={edit.loadTheirs} />
			{edit.rows.length === 0 ? (
				<Text c="dimmed">{t("rights.none")}</Text>
			) : (
				<RightsTable edit={edit} onRemoved={() => add.current?.focus()} />
			)}
			<Group justify="space-between">
				<Button
					ref={add}
					variant="default"
					leftSection={<IconPlus size={16} aria-hidden />}
					onClick={() => edit.add(startsWith)}
				>
					{t("rights.addRow")}
				</Button>
				<Group gap="xs">
					<Button variant="default" onClick={edit.drop} disabled={!edit.isBegun}>
						{t("rights.drop")}
					</Button>
					<Button onClick={() => edit.check() && setAsks(true)} disabled={!edit.isBegun}>
						{t("rights.save")}
					</Button>
				</Group>
			</Group>
			<AccessLegend />
			<Confirm
				isOpen={asks}
				title={t("rights.saveTitle", { name })}
				verb={t("rights.save")}
				onConfirm={edit.save}
				onClose={() => setAsks(false)}
			>
				{changes.length === 0 ? (
					<Text>{t("rights.noChange")}</Text>
				) : (
					<Diff caption={t("rights.diff")} changes={changes} />
				)}
			</Confirm>
		</Stack>
	);
}

type RightsEdit = ReturnType<typeof useRightsEdit>;

function RightsTable({ edit, onRemoved }: { edit: RightsEdit; onRemoved: () => void }) {
	const { t } = useTranslation("people");
	return (
		<Scroller label={t("rights.own")} className="list-scroll">
			<table className="list-table is-cards rights-table">
				<caption className="visually-hidden">{t("rights.own")}</caption>
				<thead>
					<tr>
						<th scope="col">{t("rights.type")}</th>
						<th scope="col">{t("rights.object")}</th>
						<th scope="col">{t("rights.may")}</th>
						<th scope="col">
							<span className="visually-hidden">{t("rights.remove")}</span>
						</th>
					</tr>
				</thead>
				<tbody>
					{edit.rows.map((row, index) => (
						<RightsRow
							key={row.key}
							row={row}
							number={index + 1}
							mistake={edit.mistakeOf(row, index)}
							mayGive={edit.mayGive}
							onChange={edit.change}
							onRemove={() => {
								edit.remove(row.key);
								onRemoved();
							}}
							isReadOnly={false}
							isNew={edit.addedKey === row.key}
						/>
					))}
				</tbody>
			</table>
		</Scroller>
	);
}

/** The list as it is being edited, on the version it was when the editing began. */
function useRightsEdit(holder: Holder, stored: Stored) {
	const { t } = useTranslation("people");
	const renew = useRenew();
	const mayGive = useMayGive();
	const [begun, setBegun] = useState<{ on: Stored; rows: readonly Row[]; addedKey?: number }>();
	const [error, setError] = useState<unknown>();
	const [isChecked, setChecked] = useState(false);
	const base = begun?.on ?? stored;
	const rows = begun?.rows ?? rowsFrom(stored.body);
	const change = (next: readonly Row[], addedKey?: number) =>
		setBegun({ on: base, rows: next, ...(addedKey === undefined ? {} : { addedKey }) });
	const forget = () => {
		setBegun(undefined);
		setError(undefined);
		setChecked(false);
	};
	const renewRights = () => renew(keyOf[holder.kind]);
	const may = (row: Row, access: Row["access"][number]) => wasGiven(base.body, row, access) || mayGive(row, access);
	const notHeld = rows.find((row) => row.access.some((access) => !may(row, access)));
	const isToldAtRow = (problem: unknown) =>
		mistakesInRows(problem) || (isProblem(problem, "forbidden") && notHeld !== undefined);
	return {
		base,
		rows,
		isBegun: begun !== undefined,
		addedKey: begun?.addedKey,
		errorForAll: isToldAtRow(error) ? undefined : error,
		mayGive: may,
		mistakeOf(row: Row, index: number): string | undefined {
			const own = isChecked ? mistakeOfRow(rows, row) : undefined;
			if (own !== undefined) {
				return t(`rights.mistakes.${own}`);
			}
			const isForbidden = isProblem(error, "forbidden") && notHeld?.key === row.key;
			return isForbidden ? error.message : mistakeAt(mistakesOf(error), `/${index}`);
		},
		add(access: GivenRight["access"]) {
			const key = Math.max(-1, ...rows.map((row) => row.key)) + 1;
			change([...rows, { key, objectType: "messagingService", objectId: "", access }], key);
		},
		change: (row: Row) => change(rows.map((one) => (one.key === row.key ? row : one))),
		remove: (key: number) => change(rows.filter((row) => row.key !== key)),
		check() {
			setChecked(true);
			return rows.every((row) => mistakeOfRow(rows, row) === undefined);
		},
		drop: forget,
		loadTheirs() {
			forget();
			void renewRights();
		},
		/** A refusal closes the question: it is told where it can be mended. */
		async save() {
			try {
				await putRights(holder, base, rightsFrom(rows));
			} catch (thrown) {
				setError(thrown);
				return;
			}
			await renewRights();
			void renew("me");
			forget();
			tell(t("rights.saved"));
		},
	};
}

function mistakesInRows(problem: unknown): boolean {
	const errors = isProblem(problem) ? problem.errors : [];
	return errors.length > 0 && errors.every(({ pointer }) => /^\/\d+(\/|$)/.test(pointer));
}

/** As the server decides: what one holds, or anything when one may manage the rights of everybody. */
function useMayGive(): (row: Row, access: Row["access"][number]) => boolean {
	const { rights } = useSession();
	const isMaster = (["user", "userGroup", "role"] as const).every((one) => rights.may("manageRights", one, "every"));
	return ({ objectType, objectId }, access) =>
		isMaster || rights.may(access, objectType, objectId === null || objectId === "" ? "every" : { id: objectId });
}
