// One message: what it says, and a timeline of everything that happened to it, from the raw request to the last receipt.

import { Anchor, Card, Grid, Group, Stack, Text, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { cmiGetConversationsIdMessages, cmiGetMessagesId, cmiGetMessagesIdTrace } from "#web/api/cmi.ts";
import type { Message } from "#web/api/objects.ts";
import { read } from "#web/api/read.ts";
import { Chip } from "#web/ui/chip.tsx";
import { CopyAll, Copyable } from "#web/ui/copy.tsx";
import { type Fact, Facts } from "#web/ui/facts.tsx";
import { Page } from "#web/ui/page.tsx";
import { Asked } from "#web/ui/states.tsx";
import { Time } from "#web/ui/time.tsx";
import { MessageState } from "../../blocks/message-state.tsx";
import { useSession } from "../../shell/session.tsx";
import { Attachments } from "./attachments.tsx";
import { RawRequest } from "./raw-request.tsx";
import { Trace } from "./trace.tsx";

export function MessagePage() {
	const { t } = useTranslation("messages");
	const { id } = useParams({ from: "/messages/$id" });
	const message = useQuery(read(["message", id], (options) => cmiGetMessagesId(id, options)));
	const trace = useQuery(read(["message", id, "trace"], (options) => cmiGetMessagesIdTrace(id, options)));
	return (
		<Page
			title={t("one")}
			crumbs={[{ label: t("title"), to: "/messages" }]}
			mark={message.data === undefined ? undefined : <MessageState state={message.data.body.state} />}
			actions={
				<CopyAll
					label={t("copyAll")}
					text={JSON.stringify({ message: message.data?.body, trace: trace.data?.body }, undefined, "\t")}
				/>
			}
		>
			<Asked query={message}>
				{({ body }) => (
					<Grid>
						<Grid.Col span={{ base: 12, lg: 5 }}>
							<Stack>
								<Content message={body} />
								<Conversation message={body} />
							</Stack>
						</Grid.Col>
						<Grid.Col span={{ base: 12, lg: 7 }}>
							<Stack>
								<Title order={2} size="h4">
									{t("trace.title")}
								</Title>
								<Asked query={trace}>{(answer) => <Trace entries={answer.body} />}</Asked>
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

function Content({ message }: { message: Message }) {
	const { t } = useTranslation("messages");
	const facts: readonly Fact[] = [
		[t("columns.direction"), t(`directions.${message.direction}`)],
		[t("columns.from"), <bdi key="from">{message.from}</bdi>],
		[t("columns.to"), <bdi key="to">{message.to}</bdi>],
		[t("channel"), message.channel],
		[t("columns.service"), <ServiceLink key="service" message={message} />],
		[t("columns.time"), <Time key="time" at={message.receivedAt} isExact />],
		[t("id"), <Copyable key="id" label={t("id")} text={message.id} />],
		[t("remoteId"), message.remoteIds.map((one) => <Copyable key={one} label={t("remoteId")} text={one} />)],
	];
	return (
		<Card withBorder>
			<Stack>
				<Text className="chat-text" dir="auto">
					{message.text === "" ? t("noText") : message.text}
				</Text>
				<Attachments attachments={message.attachments} />
				{message.possibleDuplicate && <Chip tone="warning">{t("possibleDuplicate")}</Chip>}
				{message.error !== null && (
					<Text c="red" role="note">
						{message.error.code}: {message.error.detail}
					</Text>
				)}
				<Facts facts={facts} />
			</Stack>
		</Card>
	);
}

function ServiceLink({ message: { service, serviceName } }: { message: Message }) {
	const { t } = useTranslation("messages");
	return serviceName === null ? (
		t("deletedService")
	) : (
		<Anchor renderRoot={(props) => <Link to="/services/$id" params={{ id: service }} {...props} />}>
			{serviceName}
		</Anchor>
	);
}

function Conversation({ message }: { message: Message }) {
	const { t } = useTranslation("messages");
	const id = message.conversation ?? "";
	const others = useQuery({
		...read(["conversations", id], (options) => cmiGetConversationsIdMessages(id, { limit: 100 }, options)),
		enabled: id !== "",
	});
	if (id === "") {
		return null;
	}
	return (
		<Card withBorder component="section" aria-labelledby="conversation">
			<Stack gap="xs">
				<Group justify="space-between">
					<Title order={2} size="h4" id="conversation">
						{t("conversation")}
					</Title>
					<Anchor renderRoot={(props) => <Link to="/messages" search={{ conversation: id }} {...props} />} size="sm">
						{t("conversationAll")}
					</Anchor>
				</Group>
				<Asked query={others} rows={3}>
					{({ body }) => (
						<Stack component="ol" gap={4} className="chat-lines" tabIndex={0} aria-labelledby="conversation">
							{body.map((one) => (
								<Group component="li" key={one.id} gap="xs" wrap="nowrap">
									<Text size="xs" c="dimmed" flex="none">
										{t(`directions.${one.direction}`)}
									</Text>
									<Anchor
										size="sm"
										aria-current={one.id === message.id ? "true" : undefined}
										renderRoot={(props) => <Link to="/messages/$id" params={{ id: one.id }} {...props} />}
									>
										<bdi>{one.text === "" ? t("noText") : one.text.slice(0, 80)}</bdi>
									</Anchor>
								</Group>
							))}
						</Stack>
					)}
				</Asked>
			</Stack>
		</Card>
	);
}
