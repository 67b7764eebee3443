// For who looks after others: the queues' live figures, the agents who are there, and the chats of those one supervises.

import { Button, Group, SegmentedControl, Stack, Table, Text, Title } from "@mantine/core";
import { useTranslation } from "react-i18next";
import type { Named } from "#web/realtime/tree.ts";
import { nameOf, textOf } from "./chat-facts.ts";
import type { Colleague } from "./colleague.ts";
import { useDesk, useDeskState } from "./desk-context.tsx";
import { FigureTable } from "./figures.tsx";
import { nothingPending } from "./pending.ts";
import { Transcript } from "./transcript.tsx";
import { useAsked } from "./use-asked.ts";
import { useDoing } from "./use-doing.ts";
import { useNow } from "./use-now.ts";

export function TeamView() {
	const { t } = useTranslation("desk");
	const { tree } = useDeskState();
	const supervised = tree.supervisions.filter(({ agent }) => agent !== undefined);
	return (
		<main className="desk-page" id="content" tabIndex={-1}>
			<Title order={1} size="h3">
				{t("views.team")}
			</Title>
			{tree.figures.length > 0 && (
				<section aria-label={t("figures.title")}>
					<Title order={2} size="h5">
						{t("figures.title")}
					</Title>
					<FigureTable />
				</section>
			)}
			<Agents />
			{supervised.map((session) => (
				<Supervision key={session.id} session={session} />
			))}
		</main>
	);
}

const refreshMs = 10_000; // Who is there is not told, only answered.

function Agents() {
	const { t } = useTranslation("desk");
	const { tree } = useDeskState();
	const tick = Math.floor(useNow() / refreshMs);
	const counts = tree.figures.map((figures) => JSON.stringify(figures)).join();
	const { body: colleagues = [], refusal } = useAsked<readonly Colleague[]>("/colleagues", `${tick} ${counts}`);
	const agents = colleagues.filter(({ kind }) => kind === "agent");
	return (
		<section aria-label={t("team.agents")}>
			<Title order={2} size="h5">
				{t("team.agents")}
			</Title>
			{refusal !== undefined && <Text>{refusal.because}</Text>}
			{agents.length === 0 ? (
				<Text c="dimmed">{t("team.nobody")}</Text>
			) : (
				<Table.ScrollContainer minWidth={420}>
					<Table>
						<Table.Thead>
							<Table.Tr>
								<Table.Th>{t("team.agent")}</Table.Th>
								<Table.Th>{t("team.state")}</Table.Th>
								<Table.Th>{t("team.chats")}</Table.Th>
								<Table.Th>{t("team.actions")}</Table.Th>
							</Table.Tr>
						</Table.Thead>
						<Table.Tbody>
							{agents.map((agent) => (
								<AgentRow key={agent.address} agent={agent} />
							))}
						</Table.Tbody>
					</Table>
				</Table.ScrollContainer>
			)}
		</section>
	);
}

function AgentRow({ agent }: { agent: Colleague }) {
	const { t } = useTranslation("desk");
	const desk = useDesk();
	const { supervisions } = useDeskState().tree;
	const { isBusy, run } = useDoing();
	const isSupervised = supervisions.some((session) => agentOf(session)?.id === agent.id);
	const begin = () => desk.ask("POST", "/supervisor_sessions", { state: "monitoring", agent: { id: agent.id } });
	return (
		<Table.Tr>
			<Table.Th scope="row" dir="auto">
				{agent.name}
			</Table.Th>
			<Table.Td>{t(`colleagues.${agent.state}`)}</Table.Td>
			<Table.Td>{agent.chats}</Table.Td>
			<Table.Td>
				{agent.may?.listen === true && !isSupervised && (
					<Button
						size="compact-sm"
						variant="default"
						loading={isBusy}
						aria-label={t("team.followOf", { name: agent.name })}
						onClick={() => run(begin)}
					>
						{t("team.follow")}
					</Button>
				)}
				{agent.asks_for_help === true && (
					<Text size="sm" fw={650}>
						{t("team.asksForHelp")}
					</Text>
				)}
				{isSupervised && <Text size="sm">{t("team.followed")}</Text>}
			</Table.Td>
		</Table.Tr>
	);
}

type SupervisedAgent = {
	id: string;
	name: string;
	supported_supervisor_actions?: { contact_listen: boolean; contact_coach: boolean; contact_barge_in: boolean };
};

function agentOf({ agent }: Named): SupervisedAgent | undefined {
	return agent as SupervisedAgent | undefined;
}

/** From looking on to speaking along; each needs a right of its own. */
function waysOf(session: Named) {
	const can = agentOf(session)?.supported_supervisor_actions;
	return [
		...(can?.contact_listen === true ? (["monitoring", "silent_listening"] as const) : []),
		...(can?.contact_coach === true ? (["coaching"] as const) : []),
		...(can?.contact_barge_in === true ? (["barge_in"] as const) : []),
	];
}

function Supervision({ session }: { session: Named }) {
	const { t } = useTranslation("desk");
	const desk = useDesk();
	const { followed } = useDeskState().tree;
	const { isBusy, run } = useDoing();
	const name = agentOf(session)?.name ?? "";
	const state = textOf(session["state"]);
	const chats = followed[session.id] ?? [];
	const uri = `/supervisor_sessions/${session.id}`;
	return (
		<section aria-label={t("team.chatsOf", { name })}>
			<Group justify="space-between">
				<Title order={2} size="h5" dir="auto">
					{t("team.chatsOf", { name })}
				</Title>
				<Group gap="xs">
					<SegmentedControl
						size="xs"
						aria-label={t("team.how")}
						value={state}
						disabled={isBusy}
						data={waysOf(session).map((way) => ({ value: way, label: t(`team.ways.${way}`) }))}
						onChange={(way) => run(() => desk.ask("PUT", uri, { state: way }))}
					/>
					<Button
						size="compact-sm"
						variant="default"
						loading={isBusy}
						onClick={() => run(() => desk.ask("DELETE", uri))}
					>
						{t("team.stop")}
					</Button>
				</Group>
			</Group>
			<Text size="sm" c="dimmed">
				{t(`team.wayHelp.${state}` as "team.wayHelp.monitoring")}
			</Text>
			{chats.length === 0 && <Text c="dimmed">{t("team.noChats")}</Text>}
			<div className="desk-followed">
				{chats.map((chat) => (
					<Stack key={chat.id} gap={4} component="article" aria-label={t("chatWith", { name: nameOf(chat) })}>
						<Title order={3} fz="sm" dir="auto">
							{nameOf(chat)} · {chat.from_queue.name ?? "–"}
						</Title>
						<div className="desk-earlier">
							<Transcript
								chat={chat}
								pending={nothingPending}
								isOwn={false}
								olderAt={`${uri}/agent/model/interactions/${chat.id}/transcript/before`}
							/>
						</div>
					</Stack>
				))}
			</div>
		</section>
	);
}
