// The password of an external user: made by the server, shown once, and the one before it stops working at once.

import { Button, Stack, Text } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { rciPostUsersIdMachinePassword } from "#web/api/rci.ts";
import { type Answer, idempotent, ifMatch } from "#web/api/read.ts";
import { useRenew } from "#web/api/renew.ts";
import { Confirm } from "#web/ui/confirm.tsx";
import { CopyField } from "#web/ui/copy.tsx";
import { SaveError } from "#web/ui/form/saving.tsx";
import { fullName, type User } from "../../blocks/people-objects.ts";
import { ShownOnce } from "../../blocks/shown-once.tsx";

export function MachinePassword({ answer: { body: user, etag } }: { answer: Answer<User> }) {
	const { t } = useTranslation("people");
	const renew = useRenew();
	const [made, setMade] = useState<{ login: string; password: string }>();
	const [asks, setAsks] = useState(false);
	const [error, setError] = useState<unknown>();
	const make = async () => {
		const { data } = await rciPostUsersIdMachinePassword(user.id, idempotent(ifMatch(etag)));
		setError(undefined);
		setMade(data);
		await renew("users");
	};
	return (
		<Stack>
			<SaveError error={error} />
			{made !== undefined && (
				<ShownOnce title={t("auth.machineMade")} onKept={() => setMade(undefined)}>
					<CopyField label={t("fields.login")} text={made.login} />
					<CopyField label={t("auth.password")} text={made.password} />
				</ShownOnce>
			)}
			<Button
				w="fit-content"
				variant={user.passwordSet ? "default" : "filled"}
				onClick={() => (user.passwordSet ? setAsks(true) : void make().catch(setError))}
			>
				{t(user.passwordSet ? "auth.machineAgain" : "auth.machine")}
			</Button>
			<Confirm
				isOpen={asks}
				title={t("auth.machineTitle", { name: fullName(user) })}
				verb={t("auth.machineAgain")}
				isDangerous
				onConfirm={make}
				onClose={() => setAsks(false)}
			>
				<Text>{t("auth.machineLead")}</Text>
			</Confirm>
		</Stack>
	);
}
