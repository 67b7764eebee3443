// Earlier chats, found by words that were said in them.

import { Button, Group, Text, TextInput, Title } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Loading } from "#web/ui/states.tsx";
import { EarlierChats, type Summary } from "./earlier-chats.tsx";
import { useAsked } from "./use-asked.ts";

const wordsMin = 3;

export function HistoryView() {
	const { t } = useTranslation("desk");
	const [words, setWords] = useState("");
	const [asked, setAsked] = useState("");
	const uri = asked === "" ? undefined : `/history/find/${encodeURIComponent(asked)}`;
	const { body: found, refusal } = useAsked<readonly Summary[]>(uri);
	return (
		<main className="desk-page" id="content" tabIndex={-1}>
			<Title order={1} size="h3">
				{t("history.title")}
			</Title>
			<form
				role="search"
				onSubmit={(event) => {
					event.preventDefault();
					setAsked(words.trim().length < wordsMin ? "" : words.trim());
				}}
			>
				<Group align="flex-end">
					<TextInput
						type="search"
						label={t("history.find")}
						description={t("history.findHelp")}
						value={words}
						minLength={wordsMin}
						maxLength={100}
						onChange={(event) => setWords(event.currentTarget.value)}
					/>
					<Button type="submit">{t("history.search")}</Button>
				</Group>
			</form>
			<div role="status">
				{refusal !== undefined && <Text>{refusal.because}</Text>}
				{found?.length === 0 && <Text>{t("history.none")}</Text>}
				{found !== undefined && found.length > 0 && <Text>{t("history.found", { count: found.length })}</Text>}
				{uri !== undefined && found === undefined && refusal === undefined && <Loading rows={3} />}
			</div>
			<EarlierChats chats={found ?? []} withNames />
		</main>
	);
}
