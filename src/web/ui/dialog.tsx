// A window over the page: named by its title, closed by a button that has a name. Its head is no landmark, unlike the page's.

import { Group, Modal, type ModalProps } from "@mantine/core";
import { useTranslation } from "react-i18next";

type DialogProps = Pick<ModalProps, "opened" | "onClose" | "size" | "children"> & {
	title: string;
	/** What it shows is shown this once: a click beside it or Escape does not close it. */
	isHeld?: boolean;
};

export function Dialog({ opened, onClose, size = "md", title, isHeld = false, children }: DialogProps) {
	const { t } = useTranslation("ui");
	return (
		<Modal.Root
			opened={opened}
			onClose={onClose}
			size={size}
			centered
			closeOnClickOutside={!isHeld}
			closeOnEscape={!isHeld}
		>
			<Modal.Overlay />
			<Modal.Content>
				<Group justify="space-between" wrap="nowrap" p="md" pb="xs">
					<Modal.Title fw={650}>{title}</Modal.Title>
					<Modal.CloseButton aria-label={t("close")} />
				</Group>
				<Modal.Body>{children}</Modal.Body>
			</Modal.Content>
		</Modal.Root>
	);
}
