// A type of messaging service as people know it: its picture and its name.

import { Group, Text } from "@mantine/core";
import {
	IconBrandFacebook,
	IconBrandTeams,
	IconBrandTelegram,
	IconBrandWhatsapp,
	IconDeviceMobileMessage,
	IconMail,
	IconMessages,
	IconMessage2Share,
} from "@tabler/icons-react";

const pictures: Readonly<Record<string, typeof IconMessages>> = {
	c4semail: IconMail,
	facebook: IconBrandFacebook,
	sap365: IconDeviceMobileMessage,
	sinchconversation: IconMessages,
	sinchsms: IconDeviceMobileMessage,
	smpp: IconDeviceMobileMessage,
	smshttp: IconDeviceMobileMessage,
	social365: IconMessages,
	teams: IconBrandTeams,
	telegram: IconBrandTelegram,
	twilio: IconMessage2Share,
	wavy: IconMessage2Share,
	whatsapp: IconBrandWhatsapp,
};

/** `label` is the name that the type's form gives. */
export function TypeMark({ type, label }: { type: string; label: string }) {
	return (
		<Group component="span" display="inline-flex" gap={6} wrap="nowrap">
			<TypePicture type={type} size={18} />
			<Text span size="sm">
				{label}
			</Text>
		</Group>
	);
}

export function TypePicture({ type, size }: { type: string; size: number }) {
	const Picture = pictures[type] ?? IconMessages;
	return <Picture size={size} aria-hidden style={{ flexShrink: 0 }} />;
}
