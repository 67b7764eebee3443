// A conversation seen from both ends: the contact writes by the simulated provider, one answers through CMI, and the states
// of each message come in live.

import { Button, Group, Paper, Select, Stack, Text, Textarea } from "@mantine/core";
import { useMutation, useQuery } from "@tanstack/react-query";
import { type FormEvent, useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { cmiGetMessages, cmiPostMessages } from "#web/api/cmi.ts";
import type { Message } from "#web/api/objects.ts";
import { type RciGetSandbox200PersonasItem, rciPostSandboxMessages } from "#web/api/rci.ts";
import { idempotent, read } from "#web/api/read.ts";
import { useRenew } from "#web/api/renew.ts";
import { PageLink } from "#web/ui/page-link.tsx";
import { Asked, Failed } from "#web/ui/states.tsx";
import { Time } from "#web/ui/time.tsx";

const shownMax = 50;

export function SandboxChat({
	service,
	personas,
}: {
	service: string;
	personas: readonly RciGetSandbox200PersonasItem[];
}) {
	const { t } = useTranslation("start");
	const [persona, setPersona] = useState(personas[0]?.id ?? "");
	const messages = useQuery(
		read(["messages", "sandbox", service], (options) => cmiGetMessages({ service, limit: shownMax }, options)),
	);
	const renew = useRenew();
	const refresh = () => renew("messages");
	const write = useMutation({
		mutationFn: (text: string) => rciPostSandboxMessages({ service, from: persona, text }),
		onSettled: refresh,
	});
	const contact = messages.data?.body.find(({ direction }) => direction === "in");
	const answer = useMutation({
		mutationFn: (text: string) =>
			cmiPostMessages(
				{
					service,
					text,
					...wayTo(contact),
				},
				idempotent(),
			),
		onSettled: refresh,
	});
	return (
		<Stack>
			<Asked query={messages} rows={3}>
				{({ body }) => <Lines messages={body.toReversed()} />}
			</Asked>
			<Group align="flex-start" grow preventGrowOverflow={false}>
				<Stack gap="xs" flex="1 1 18rem">
					<Select
						label={t("chat.persona")}
						data={personas.map(({ id, name }) => ({ value: id, label: name }))}
						value={persona}
						onChange={(id) => id !== null && setPersona(id)}
						allowDeselect={false}
					/>
					<WriteForm label={t("chat.asContact")} verb={t("chat.write")} onSend={(text) => write.mutateAsync(text)} />
				</Stack>
				<Stack gap="xs" flex="1 1 18rem">
					{contact === undefined ? (
						<Text c="dimmed">{t("chat.firstContact")}</Text>
					) : (
						<WriteForm
							label={t("chat.asAgent", { address: contact.from })}
							verb={t("chat.answer")}
							onSend={(text) => answer.mutateAsync(text)}
						/>
					)}
				</Stack>
			</Group>
			{(write.error ?? answer.error) !== null && <Failed error={write.error ?? answer.error} />}
		</Stack>
	);
}

function wayTo(message: Message | undefined) {
	const conversation = message?.conversation ?? undefined;
	return conversation === undefined ? { to: message?.from ?? "" } : { conversation };
}

function Lines({ messages }: { messages: readonly Message[] }) {
	const { t } = useTranslation("start");
	const lines = useRef<HTMLDivElement>(null);
	const newest = messages.at(-1)?.id;
	useEffect(() => {
		lines.current?.scrollTo({ top: lines.current.scrollHeight });
	}, [newest]);
	const { t: tMessages } = useTranslation("messages");
	if (messages.length === 0) {
		return <Text c="dimmed">{t("chat.empty")}</Text>;
	}
	return (
		<div ref={lines} className="chat-lines" role="log" aria-label={t("chat.lines")} tabIndex={0}>
			<Stack component="ol" className="plain-list" gap="xs">
				{messages.map(({ id, direction, text, state, error, from, receivedAt }) => (
					<Paper key={id} component="li" withBorder p="xs" className={`chat-line chat-${direction}`}>
						<Text size="xs" c="dimmed">
							{direction === "in" ? from : t("chat.us")} · <Time at={receivedAt} /> ·{" "}
							<PageLink to="/messages/$id" params={{ id }} size="xs" underline="always">
								{tMessages(`states.${state}`)}
							</PageLink>
						</Text>
						<Text className="chat-text">{text}</Text>
						{error !== null && (
							<Text size="sm" c="red">
								{error.detail}
							</Text>
						)}
					</Paper>
				))}
			</Stack>
		</div>
	);
}

function WriteForm({
	label,
	verb,
	onSend,
}: {
	label: string;
	verb: string;
	onSend: (text: string) => Promise<unknown>;
}) {
	const [text, setText] = useState("");
	const [isBusy, setBusy] = useState(false);
	const send = async (event: FormEvent) => {
		event.preventDefault();
		setBusy(true);
		try {
			await onSend(text);
			setText("");
		} catch {
			// The mutation shows it; what was typed stays.
		} finally {
			setBusy(false);
		}
	};
	return (
		<form onSubmit={(event) => void send(event)}>
			<Stack gap="xs">
				<Textarea
					label={label}
					value={text}
					onChange={(event) => setText(event.currentTarget.value)}
					required
					maxLength={1000}
					autosize
					minRows={2}
					maxRows={8}
				/>
				<Button type="submit" w="fit-content" loading={isBusy}>
					{verb}
				</Button>
			</Stack>
		</form>
	);
}
