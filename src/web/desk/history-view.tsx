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
			{asked !== "" && <Found key={asked} uri={`/history/find/${encodeURIComponent(asked)}`} />}
		</main>
	);
}

const pageMax = 100; // As the server gives them.

/** A page of what was found, and below it the next one where somebody wants it. */
function Found({ uri, before }: { uri: string; before?: string }) {
	const { t } = useTranslation("desk");
	const [wantsMore, setWantsMore] = useState(false);
	const { body: found, refusal } = useAsked<readonly Summary[]>(before === undefined ? uri : `${uri}/before/${before}`);
	const last = found?.length === pageMax ? found.at(-1)?.id : undefined;
	if (found === undefined) {
		return <div role="status">{refusal === undefined ? <Loading rows={3} /> : <Text>{refusal.because}</Text>}</div>;
	}
	const none = before === undefined ? t("history.none") : t("history.noMore");
	const some = t(last === undefined ? "history.found" : "history.foundNewest", { count: found.length });
	return (
		<>
			<Text role="status">{found.length === 0 ? none : some}</Text>
			<EarlierChats chats={found} withNames />
			{last !== undefined &&
				(wantsMore ? <Found uri={uri} before={last} /> : <More onClick={() => setWantsMore(true)} />)}
		</>
	);
}

function More({ onClick }: { onClick: () => void }) {
	const { t } = useTranslation("desk");
	return (
		<Button variant="default" onClick={onClick}>
			{t("history.more")}
		</Button>
	);
}
