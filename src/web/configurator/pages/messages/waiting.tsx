// A message that waits for a person: why, and what can be done about it, here as in the list of parked entries.

import { Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { cmiGetParkedId } from "#web/api/cmi.ts";
import type { Message } from "#web/api/objects.ts";
import { read } from "#web/api/read.ts";
import { Block } from "#web/ui/block.tsx";
import { Asked } from "#web/ui/states.tsx";
import { ParkedActions } from "../../blocks/parked-actions.tsx";
import { useSession } from "../../shell/session.tsx";

/** The entry has the id of its message. */
export function Waiting({ message: { id, service } }: { message: Message }) {
	const { t } = useTranslation("messages");
	const { rights } = useSession();
	const mayDecide = rights.may("manageContactHistory", "messagingService", { id: service });
	const parked = useQuery({
		...read(["parked", id], (options) => cmiGetParkedId(id, options)),
		enabled: mayDecide,
		retry: false,
	});
	return (
		<Block title={t("waiting")}>
			{mayDecide ? (
				<Asked query={parked} rows={1}>
					{({ body }) => (
						<>
							{body.reason !== null && <Text>{body.reason}</Text>}
							<ParkedActions parked={body} onDone={() => undefined} />
						</>
					)}
				</Asked>
			) : (
				<Text>{t("waitingForOthers")}</Text>
			)}
		</Block>
	);
}
