// A messaging service as a form holds it while somebody fills it in.

export type ServiceDraft = {
	name: string;
	serviceConnection: string;
	authenticationUrl: string | null;
	authenticationScope: string | null;
	settings: Readonly<Record<string, unknown>>;
	authentications: readonly { id?: string; authenticationId: string; password?: string }[];
};
