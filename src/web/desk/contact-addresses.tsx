// The addresses of a contact, each with what was said about our messages to it, in sentences.

import { Text } from "@mantine/core";
import { IconBan } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { momentOf } from "#web/realtime/tree.ts";
import { Copyable } from "#web/ui/copy.tsx";
import { exactTime } from "#web/ui/moments.ts";
import type { ContactAddress, Said } from "./contact.ts";

type AddressesProps = { addresses: readonly ContactAddress[]; action?: (address: ContactAddress) => ReactNode };

export function ContactAddresses({ addresses, action }: AddressesProps) {
	return (
		<ul className="desk-addresses">
			{addresses.map((one) => (
				<li key={`${one.channel} ${one.address}`}>
					<div dir="auto">
						<Text size="xs" c="dimmed" span>
							{one.channel}{" "}
						</Text>
						<Copyable label={one.channel} text={one.address} />
					</div>
					<SaidSentences said={one.said} />
					{action?.(one)}
				</li>
			))}
		</ul>
	);
}

function SaidSentences({ said }: { said: readonly Said[] | null }) {
	const { t } = useTranslation("desk");
	if (said === null) {
		return null;
	}
	// What stands in the way comes first.
	const inOrder = said.toSorted((a, b) => Number(b.state === "refused") - Number(a.state === "refused"));
	return said.length === 0 ? (
		<Text size="sm" c="dimmed">
			{t("contact.unsaid")}
		</Text>
	) : (
		inOrder.map((one) => <SaidSentence key={`${one.service ?? ""} ${one.state}`} said={one} />)
	);
}

function SaidSentence({ said }: { said: Said }) {
	const { t, i18n } = useTranslation("desk");
	const { state, source, service, at, by, note } = said;
	const how = by === undefined || by === null ? t(`contact.how.${source}`) : t("contact.how.userBy", { by });
	const values = { when: exactTime(new Date(momentOf(at)), i18n.language), how };
	const sentence = service === null ? t(`contact.${state}`, values) : t(`contact.${state}Of`, { ...values, service });
	return (
		<Text size="sm" {...(state === "refused" ? { fw: 600 } : {})} className="desk-said">
			{state === "refused" && (
				<>
					<IconBan size={14} aria-hidden />{" "}
				</>
			)}
			{sentence}
			{note !== undefined && note !== null && (
				<Text span size="sm" dir="auto">
					{" "}
					{t("contact.note", { note })}
				</Text>
			)}
		</Text>
	);
}
