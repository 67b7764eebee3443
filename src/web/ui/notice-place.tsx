// Where notices stand, and how many at once.

import "@mantine/notifications/styles.css";
import { Notifications } from "@mantine/notifications";

export function NoticePlace() {
	return <Notifications position="bottom-right" limit={4} />;
}
