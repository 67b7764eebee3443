// The frame around every screen: menu by rights, search, the state of the live connection, and what belongs to the person.

import { AppShell, Burger, Group, NavLink, type NavLinkProps, Text, VisuallyHidden } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { createLink, Link, Outlet, useLocation } from "@tanstack/react-router";
import { type ComponentPropsWithRef, useEffect } from "react";
import { useTranslation } from "react-i18next";
import { basePath } from "#web/api/base.ts";
import { FindBox } from "./find-box.tsx";
import { LiveMark, useLive } from "./live.tsx";
import { deskIcon as DeskIcon, menuFor, referenceIcon as ReferenceIcon } from "./menu.ts";
import { PersonButton } from "./person-button.tsx";
import { useSession } from "./session.tsx";

export function Frame() {
	const { t } = useTranslation("shell");
	const [isOpen, { toggle, close }] = useDisclosure(false);
	const { pathname } = useLocation();
	const live = useLive();
	useEffect(close, [pathname, close]);
	return (
		<AppShell
			header={{ height: 56 }}
			navbar={{ width: 248, breakpoint: "md", collapsed: { mobile: !isOpen } }}
			padding={{ base: "sm", sm: "lg" }}
		>
			<a className="skip-link" href="#content">
				{t("skip")}
			</a>
			<AppShell.Header>
				<Group h="100%" px="md" gap="sm" wrap="nowrap" justify="space-between">
					<Group gap="sm" wrap="nowrap">
						<Burger
							opened={isOpen}
							onClick={toggle}
							hiddenFrom="md"
							size="sm"
							aria-label={t("menu")}
							aria-expanded={isOpen}
						/>
						<Link to="/" className="brand">
							Parley
							<VisuallyHidden> {t("product")}</VisuallyHidden>
						</Link>
						<Text c="dimmed" size="sm" visibleFrom="lg">
							{t("product")}
						</Text>
					</Group>
					<FindBox />
					<Group gap={4} wrap="nowrap">
						<LiveMark state={live} />
						<PersonButton />
					</Group>
				</Group>
			</AppShell.Header>
			<AppShell.Navbar aria-label={t("menu")}>
				<div className="menu">
					<Menu />
				</div>
			</AppShell.Navbar>
			<AppShell.Main id="content" tabIndex={-1}>
				<Outlet />
			</AppShell.Main>
		</AppShell>
	);
}

const MenuEntry = createLink((props: NavLinkProps & Omit<ComponentPropsWithRef<"a">, keyof NavLinkProps>) => (
	<NavLink component="a" {...props} />
));

function Menu() {
	const { t } = useTranslation("shell");
	const { rights } = useSession();
	return (
		<>
			{menuFor(rights).map(({ key, entries }) => (
				<section key={key} aria-label={t(`sections.${key}`)}>
					<Text size="xs" fw={700} c="dimmed" px="sm" pt="md" pb={4} aria-hidden>
						{t(`sections.${key}`)}
					</Text>
					{entries.map(({ key: entry, to, Icon }) => (
						<MenuEntry
							key={entry}
							to={to}
							activeOptions={{ exact: to === "/" }}
							activeProps={{ active: true }}
							label={t(`menuEntries.${entry}`)}
							leftSection={<Icon size={18} aria-hidden />}
						/>
					))}
				</section>
			))}
			{rights.may("serve", "queue") && (
				<NavLink
					href={`${basePath}/desk`}
					label={t("menuEntries.desk")}
					leftSection={<DeskIcon size={18} aria-hidden />}
				/>
			)}
			<NavLink
				href={`${basePath}/RI/docs`}
				target="_blank"
				label={t("menuEntries.reference")}
				leftSection={<ReferenceIcon size={18} aria-hidden />}
			/>
		</>
	);
}
