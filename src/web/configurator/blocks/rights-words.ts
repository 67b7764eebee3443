// Rights in plain words.

import { useTranslation } from "react-i18next";
import type { Access, ObjectType } from "./people-objects.ts";
import { type NameOf, useNameOf } from "./object-names.ts";
import type { Words } from "./rights-draft.ts";

type RightsWords = Words & { nameOf: NameOf };

export function useRightsWords(objectTypes: readonly ObjectType[]): RightsWords {
	const { t } = useTranslation("people");
	const nameOf = useNameOf(objectTypes);
	return {
		nameOf,
		object: (objectType, objectId) =>
			objectId === null
				? t(`rights.all.${objectType}`)
				: `${t(`rights.types.${objectType}`)} · ${nameOf(objectType, objectId) ?? objectId}`,
		access: (accesses: readonly Access[]) => accesses.map((access) => t(`rights.access.${access}`)).join(", "),
	};
}
