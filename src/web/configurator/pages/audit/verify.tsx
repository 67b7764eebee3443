// Whether the log is whole, asked when somebody wants to know: every entry is read for it.

import { Alert, Button, Group, Stack } from "@mantine/core";
import { IconShieldCheck } from "@tabler/icons-react";
import { useMutation } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { rciGetAuditLogVerification } from "#web/api/rci.ts";
import { Failed } from "#web/ui/states.tsx";

export function Verify() {
	const { t } = useTranslation("audit");
	const verify = useMutation({ mutationFn: () => rciGetAuditLogVerification() });
	const verdict = verify.data?.data;
	return (
		<Stack gap="xs">
			<Group>
				<Button
					variant="default"
					leftSection={<IconShieldCheck size={16} aria-hidden />}
					loading={verify.isPending}
					onClick={() => verify.mutate()}
				>
					{t("verify")}
				</Button>
			</Group>
			{verdict !== undefined && (
				<Alert role={verdict.whole ? "status" : "alert"} {...(verdict.whole ? {} : { color: "red" })}>
					{verdict.whole
						? t("whole", { count: verdict.rows })
						: t("broken", { seq: verdict.brokenAt ?? 0, rows: verdict.rows })}
				</Alert>
			)}
			{verify.error !== null && <Failed error={verify.error} />}
		</Stack>
	);
}
