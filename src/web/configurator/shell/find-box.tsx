// One box for every id, number and word: it leads to the messages that have it. "/" brings the cursor here.

import { Kbd, TextInput } from "@mantine/core";
import { IconSearch } from "@tabler/icons-react";
import { useNavigate } from "@tanstack/react-router";
import { useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { useSession } from "./session.tsx";
import { useSingleKey } from "#web/ui/single-keys.ts";

export function FindBox() {
	const { t } = useTranslation("shell");
	const { rights } = useSession();
	const navigate = useNavigate();
	const input = useRef<HTMLInputElement>(null);
	const [text, setText] = useState("");
	const hasKey = useSingleKey("/", () => input.current?.focus());
	if (!rights.may("messaging", "messagingService") && !rights.may("manageContactHistory", "messagingService")) {
		return null;
	}
	return (
		<form
			role="search"
			className="find-box"
			onSubmit={(event) => {
				event.preventDefault();
				const find = text.trim();
				void navigate({ to: "/messages", search: find === "" ? {} : { find } });
			}}
		>
			<TextInput
				ref={input}
				type="search"
				aria-label={t("find")}
				placeholder={t("find")}
				value={text}
				onChange={(event) => setText(event.currentTarget.value)}
				leftSection={<IconSearch size={16} aria-hidden />}
				rightSection={
					hasKey && (
						<Kbd size="xs" aria-hidden title={t("findKey")}>
							/
						</Kbd>
					)
				}
				{...(hasKey ? { "aria-keyshortcuts": "/" } : {})}
				maxLength={200}
			/>
		</form>
	);
}
