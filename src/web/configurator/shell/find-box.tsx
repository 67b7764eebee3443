// One box for every id, number and word: it leads to the messages that have it. "/" brings the cursor here.

import { Kbd, TextInput } from "@mantine/core";
import { useHotkeys } from "@mantine/hooks";
import { IconSearch } from "@tabler/icons-react";
import { useNavigate } from "@tanstack/react-router";
import { useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { useSession } from "./session.tsx";

export function FindBox() {
	const { t } = useTranslation("shell");
	const { rights } = useSession();
	const navigate = useNavigate();
	const input = useRef<HTMLInputElement>(null);
	const [text, setText] = useState("");
	useHotkeys([["/", () => input.current?.focus()]]);
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
					<Kbd size="xs" aria-hidden title={t("findKey")}>
						/
					</Kbd>
				}
				maxLength={200}
			/>
		</form>
	);
}
