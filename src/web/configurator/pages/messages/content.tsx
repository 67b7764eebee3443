// What a message says, where it is from, where it belongs, and what is wrong with it.

import { Alert, Card, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { cmiGetContactsId, cmiGetConversationsId } from "#web/api/cmi.ts";
import type { Message } from "#web/api/objects.ts";
import { read } from "#web/api/read.ts";
import { Caution } from "#web/ui/caution.tsx";
import { Copyable } from "#web/ui/copy.tsx";
import { type Fact, Facts } from "#web/ui/facts.tsx";
import { PageLink } from "#web/ui/page-link.tsx";
import { Time, useNowMs } from "#web/ui/time.tsx";
import { useSession } from "../../shell/session.tsx";
import { Attachments } from "./attachments.tsx";
import { Direction } from "./list-columns.tsx";

export function Content({ message }: { message: Message }) {
	const { t } = useTranslation("messages");
	return (
		<Card withBorder component="section" aria-label={t("content")}>
			<Stack>
				<Text className="chat-text" dir="auto">
					{message.text === "" ? t("noText") : message.text}
				</Text>
				<Attachments attachments={message.attachments} />
				{message.possibleDuplicate && <Caution>{t("possibleDuplicate")}</Caution>}
				<Trouble message={message} />
				<AllFacts message={message} />
			</Stack>
		</Card>
	);
}

const codes = [
	...(["config", "credentials", "recipient", "content", "throttled"] as const),
	...(["unreachable", "protocol", "opted_out", "outside_window", "expired"] as const),
];

/** What went wrong in the server's words, and the next step in ours. What is held has its own next steps. */
function Trouble({ message: { error, state } }: { message: Message }) {
	const { t } = useTranslation("messages");
	if (error === null || state === "held") {
		return null;
	}
	const code = codes.find((one) => one === error.code);
	return (
		<Alert color="red" role="note" title={t("wrong", { code: error.code })}>
			<Stack gap={4}>
				{error.detail !== null && <Text size="sm">{error.detail}</Text>}
				{code !== undefined && (
					<Text size="sm" fw={600}>
						{t(`nextStep.${code}`)} {state === "queued" && t("triedAgain")}
					</Text>
				)}
			</Stack>
		</Alert>
	);
}

function AllFacts({ message }: { message: Message }) {
	const { t } = useTranslation("messages");
	const chained = useChained(message);
	const facts: readonly (Fact | false)[] = [
		[t("columns.direction"), <Direction key="direction" direction={message.direction} />],
		[t("columns.from"), <bdi key="from">{message.from}</bdi>],
		[t("columns.to"), <bdi key="to">{message.to}</bdi>],
		[t("channel"), message.channel],
		[t("columns.service"), <ServiceLink key="service" message={message} />],
		...chained,
		[t("receivedAt"), <Time key="time" at={message.receivedAt} isExact />],
		message.providerTime !== null && [t("providerTime"), <Time key="provider" at={message.providerTime} isExact />],
		message.validUntil !== null && [t("validUntil"), <Time key="valid" at={message.validUntil} isExact />],
		message.direction === "out" && [t("attempts"), message.attempts],
		...contentFacts(message, t("location"), t("choice"), t("template")),
		message.replyTo !== null && [t("replyTo"), <Copyable key="reply" label={t("replyTo")} text={message.replyTo} />],
		[t("id"), <Copyable key="id" label={t("id")} text={message.id} />],
		message.remoteIds.length > 0 && [
			t("remoteId"),
			message.remoteIds.map((one) => <Copyable key={one} label={t("remoteId")} text={one} />),
		],
	];
	return <Facts facts={facts.filter((fact) => fact !== false)} />;
}

function contentFacts({ location, choice, template }: Message, ...names: [string, string, string]): (Fact | false)[] {
	return [
		location !== null && [names[0], `${location.latitude}, ${location.longitude} ${location.label ?? ""}`],
		choice !== null && [names[1], choice],
		template !== null && [names[2], template.id],
	];
}

/** Contact, conversation and reply window, as far as the person may read the history. */
function useChained(message: Message): readonly Fact[] {
	const { t } = useTranslation("messages");
	const { rights } = useSession();
	const mayRead = rights.may("manageContactHistory", "messagingService", { id: message.service });
	const { contact, conversation } = message;
	const person = useQuery({
		...read(["conversations", "contact", contact], (options) => cmiGetContactsId(contact ?? "", options)),
		enabled: mayRead && contact !== null,
	}).data?.body;
	const chain = useQuery({
		...read(["conversations", conversation], (options) => cmiGetConversationsId(conversation ?? "", options)),
		enabled: mayRead && conversation !== null,
	}).data?.body;
	return [
		...(contact === null
			? []
			: [
					[
						t("contact"),
						<ToExplorer key="contact" search={{ contact }} text={person?.name ?? t("contactAll")} />,
					] as const,
				]),
		...(conversation === null
			? []
			: [
					[
						t("conversation"),
						<ToExplorer key="chain" search={{ conversation }} text={t("conversationAll")} />,
					] as const,
				]),
		...(chain === undefined || chain.replyWindow === null
			? []
			: [[t("window"), <ReplyWindow key="window" endsAt={chain.replyWindow.endsAt} />] as const]),
	];
}

function ToExplorer({ search, text }: { search: { contact?: string; conversation?: string }; text: string }) {
	return (
		<PageLink to="/messages" search={search}>
			<bdi>{text}</bdi>
		</PageLink>
	);
}

function ReplyWindow({ endsAt }: { endsAt: string | null }) {
	const { t } = useTranslation("messages");
	const nowMs = useNowMs();
	if (endsAt === null) {
		return t("windowNever");
	}
	return (
		<>
			{t(Date.parse(endsAt) > nowMs ? "windowOpen" : "windowShut")} <Time at={endsAt} isExact />
		</>
	);
}

function ServiceLink({ message: { service, serviceName } }: { message: Message }) {
	const { t } = useTranslation("messages");
	const { rights } = useSession();
	if (serviceName === null) {
		return t("deletedService");
	}
	return rights.may("view", "messagingService", { id: service }) ? (
		<PageLink to="/services/$id" params={{ id: service }}>
			{serviceName}
		</PageLink>
	) : (
		serviceName
	);
}
