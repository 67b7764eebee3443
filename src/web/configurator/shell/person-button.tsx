// The button of the person's menu. The menu is fetched when it is first opened.

import { ActionIcon } from "@mantine/core";
import { IconUserCircle } from "@tabler/icons-react";
import { lazy, Suspense, useState } from "react";
import { useTranslation } from "react-i18next";
import { useSession } from "./session.tsx";

const PersonMenu = lazy(() => import("./person-menu.tsx").then((parts) => ({ default: parts.PersonMenu })));

export function PersonButton() {
	const { t } = useTranslation("shell");
	const { me } = useSession();
	const [wasOpened, setOpened] = useState(false);
	const button = (
		<ActionIcon
			variant="subtle"
			size="lg"
			aria-haspopup="menu"
			aria-label={t("person", { name: `${me.firstName} ${me.surname}` })}
			onClick={() => setOpened(true)}
		>
			<IconUserCircle aria-hidden />
		</ActionIcon>
	);
	return wasOpened ? (
		<Suspense fallback={button}>
			<PersonMenu />
		</Suspense>
	) : (
		button
	);
}
