// /users/me/attachment_limits: what of files is taken, so that a client can say so before somebody chooses one.

import { everybody, type Resource } from "./resource-table.ts";

export const fileLimits: Resource = {
	path: "attachment_limits",
	for: everybody,
	isAskedOnly: true,
	read({ known }) {
		const { attachmentBytesMax, attachmentTypes } = known.settings;
		return Promise.resolve({ value: { size: attachmentBytesMax, types: attachmentTypes } });
	},
};
