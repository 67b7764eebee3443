// One message: what it says, and a timeline of everything that happened to it, from the raw request to the last receipt.

import "./messages.css";
import { Grid, Stack, Table } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { cmiGetMessagesId, cmiGetMessagesIdTrace } from "#web/api/cmi.ts";
import type { Message } from "#web/api/objects.ts";
import { read } from "#web/api/read.ts";
import { Block } from "#web/ui/block.tsx";
import { CopyAll } from "#web/ui/copy.tsx";
import { Page } from "#web/ui/page.tsx";
import { Scroller } from "#web/ui/scroller.tsx";
import { Asked } from "#web/ui/states.tsx";
import { MessageState } from "../../blocks/message-state.tsx";
import { useSession } from "../../shell/session.tsx";
import { Around } from "./around.tsx";
import { Content } from "./content.tsx";
import { RawRequest } from "./raw-request.tsx";
import { Trace } from "./trace.tsx";
import { Waiting } from "./waiting.tsx";

export function MessagePage() {
	const { t } = useTranslation("messages");
	const { id } = useParams({ from: "/messages/$id" });
	const message = useQuery(read(["message", id], (options) => cmiGetMessagesId(id, options)));
	const trace = useQuery(read(["message", id, "trace"], (options) => cmiGetMessagesIdTrace(id, options)));
	const shown = message.data?.body;
	return (
		<Page
			title={t("one")}
			crumbs={[{ label: t("title"), to: "/messages" }]}
			mark={shown === undefined ? undefined : <MessageState state={shown.state} />}
			actions={
				shown === undefined ? undefined : (
					<>
						<CopyAll label={t("copyLink")} text={location.href} />
						<CopyAll
							label={t("copyAll")}
							text={JSON.stringify({ message: shown, trace: trace.data?.body }, undefined, "\t")}
						/>
					</>
				)
			}
		>
			<Asked query={message}>
				{({ body }) => (
					<Grid key={id}>
						<Grid.Col span={{ base: 12, lg: 5 }}>
							<Stack>
								{(body.state === "parked" || body.state === "held") && <Waiting message={body} />}
								<Content message={body} />
								{body.conversation !== null && <Around message={body} conversation={body.conversation} />}
							</Stack>
						</Grid.Col>
						<Grid.Col span={{ base: 12, lg: 7 }}>
							<Stack>
								<Parts message={body} />
								<Block title={t("trace.title")} lead={t("trace.lead")}>
									<Asked query={trace}>{(answer) => <Trace entries={answer.body} />}</Asked>
								</Block>
								<Raw message={body} />
							</Stack>
						</Grid.Col>
					</Grid>
				)}
			</Asked>
		</Page>
	);
}

function Raw({ message }: { message: Message }) {
	const { rights } = useSession();
	const mayRead = rights.may("manageContactHistory", "messagingService", { id: message.service });
	return mayRead && message.direction === "in" ? <RawRequest id={message.id} /> : null;
}

/** Of a long text, or one with files; a single part is the message itself. */
function Parts({ message: { parts } }: { message: Message }) {
	const { t } = useTranslation("messages");
	if (parts.length < 2) {
		return null;
	}
	return (
		<Block title={t("parts")}>
			<Scroller label={t("parts")}>
				<Table miw={360} verticalSpacing="xs">
					<Table.Thead>
						<Table.Tr>
							<Table.Th scope="col">{t("part")}</Table.Th>
							<Table.Th scope="col">{t("columns.state")}</Table.Th>
							<Table.Th scope="col">{t("attempts")}</Table.Th>
							<Table.Th scope="col">{t("columns.error")}</Table.Th>
						</Table.Tr>
					</Table.Thead>
					<Table.Tbody>
						{parts.map(({ part, state, attempts, error }) => (
							<Table.Tr key={part}>
								<Table.Th scope="row">{part}</Table.Th>
								<Table.Td>
									<MessageState state={state} />
								</Table.Td>
								<Table.Td>{attempts}</Table.Td>
								<Table.Td>{error?.detail ?? error?.code}</Table.Td>
							</Table.Tr>
						))}
					</Table.Tbody>
				</Table>
			</Scroller>
		</Block>
	);
}
