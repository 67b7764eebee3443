// My account: who I am, sessions, password, second factor, and the keys that do something by themselves.

import { Stack, Tabs } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { Facts } from "#web/ui/facts.tsx";
import { Page } from "#web/ui/page.tsx";
import { PasswordForm } from "../../blocks/password-form.tsx";
import { SecondFactor } from "../../blocks/second-factor.tsx";
import { Sessions } from "../../blocks/sessions.tsx";
import { useSession } from "../../shell/session.tsx";
import { Keyboard } from "./keyboard.tsx";

const tabs = ["sessions", "password", "secondFactor", "keyboard"] as const;

export function AccountPage() {
	const { t } = useTranslation("account");
	const { me } = useSession();
	const { tab = "sessions" } = useSearch({ from: "/account" });
	const navigate = useNavigate();
	const queries = useQueryClient();
	// The next call finds no session any more, and the page for signing in comes.
	const askAgain = () => void queries.resetQueries();
	return (
		<Page title={t("title")} isNarrow>
			<Facts
				facts={[
					[t("name"), `${me.firstName} ${me.surname}`],
					[t("login"), me.login],
				]}
			/>
			<Tabs
				value={tab}
				onChange={(chosen) => void navigate({ to: "/account", search: chosen === null ? {} : { tab: chosen } })}
				keepMounted={false}
			>
				<Tabs.List>
					{tabs.map((name) => (
						<Tabs.Tab key={name} value={name}>
							{t(`tabs.${name}`)}
						</Tabs.Tab>
					))}
				</Tabs.List>
				<Stack pt="md">
					<Tabs.Panel value="sessions">
						<Sessions onSignedOut={askAgain} />
					</Tabs.Panel>
					<Tabs.Panel value="password">
						<PasswordForm onChanged={askAgain} />
					</Tabs.Panel>
					<Tabs.Panel value="secondFactor">
						<SecondFactor factor={me.secondFactor} />
					</Tabs.Panel>
					<Tabs.Panel value="keyboard">
						<Keyboard />
					</Tabs.Panel>
				</Stack>
			</Tabs>
		</Page>
	);
}
