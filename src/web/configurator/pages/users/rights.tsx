// Block Rights of a user: what it holds itself, apart from groups and roles.

import { RightsEditor } from "../../blocks/rights-editor.tsx";
import { fullName, type User } from "../../blocks/people-objects.ts";

export function UserRights({ user }: { user: User }) {
	return (
		<RightsEditor
			holder={{ kind: "user", id: user.id }}
			name={fullName(user)}
			startsWith={user.externalUser ? ["use"] : ["view"]}
		/>
	);
}
