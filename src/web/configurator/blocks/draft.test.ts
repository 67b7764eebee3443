// What a form holds and what of it is sent, with small types of our own and with a rule of each shape.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { MessagingService, ServiceType } from "#web/api/objects.ts";
import { changesOf, clearedByMove, losesSecrets } from "./changes.ts";
import {
	bodyOf,
	copyOf,
	draftOf,
	emptyDraft,
	type FormDraft,
	patchOf,
	plainOf,
	toFormPointer,
	wayBackOf,
	withEntry,
	withoutEntry,
} from "./draft.ts";
import { aService, aType, anEntry } from "./draft-stage.ts";
import { faultsIn } from "./faults.ts";

const type: ServiceType = aType();

function fill(draft: FormDraft, role: string, change: Partial<FormDraft["authentications"][number]>): FormDraft {
	const entry = draft.authentications.find((one) => one.role === role);
	assert.ok(entry);
	return withEntry(draft, entry.key, change);
}

function faultKeys(draft: FormDraft): readonly string[] {
	return faultsIn(type, draft).map(({ pointer, key }) => `${pointer} ${key}`);
}

test("an empty form has a place for what is demanded and for each word, and usual values", () => {
	const draft = emptyDraft(type);
	assert.deepEqual(
		draft.authentications.map(({ role, authenticationId }) => [role, authenticationId]),
		[
			["webhook", "webhook"],
			["app", ""],
		],
	);
	assert.equal(draft.serviceConnection, "https://api.example.com");
	assert.deepEqual(draft.settings, { words: ["STOP"], wait: 60 });
});

test("what makes a service has neither empty places nor usual settings", () => {
	const named = { ...fill(emptyDraft(type), "app", { authenticationId: "key@APP", password: "s" }), name: " Shop " };
	assert.deepEqual(bodyOf(type, named), {
		type: "toy",
		name: "Shop",
		serviceConnection: "https://api.example.com",
		authenticationUrl: null,
		authenticationScope: null,
		settings: {},
		authentications: [{ authenticationId: "key@APP", password: "s" }],
	});
	assert.deepEqual(bodyOf(type, { ...named, settings: { ...named.settings, wait: 5 } }).settings, { wait: 5 });
});

test("what the server says about the first sent entry is shown at its place in the form", () => {
	const draft = fill(emptyDraft(type), "app", { authenticationId: "key@APP" });
	assert.equal(
		toFormPointer(type, draft, "/authentications/0/authenticationId"),
		"/authentications/1/authenticationId",
	);
	assert.equal(toFormPointer(type, draft, "/name"), "/name");
});

test("a patch has only what changed; an emptied setting goes back to its default", () => {
	const service = aService();
	const draft = draftOf(service, type);
	assert.deepEqual(patchOf(type, draft, service), {});
	assert.deepEqual(
		patchOf(type, { ...draft, name: "New", settings: { ...draft.settings, wait: undefined } }, service),
		{
			name: "New",
			settings: { wait: null },
		},
	);
});

test("a patch of authentications is the whole list, by id; a stored secret stays where nothing is entered", () => {
	const service = aService();
	const draft = fill(draftOf(service, type), "webhook", {
		password: "new",
		previousValidUntil: "2027-01-01T00:00:00Z",
	});
	assert.deepEqual(patchOf(type, draft, service).authentications, [
		{ id: "A1", authenticationId: "key@APP" },
		{ id: "W1", authenticationId: "webhook", password: "new", previousValidUntil: "2027-01-01T00:00:00Z" },
	]);
	const without = withoutEntry(draftOf(service, type), "W1");
	assert.deepEqual(patchOf(type, without, service).authentications, [{ id: "A1", authenticationId: "key@APP" }]);
});

test("the end of a rotation is sent without a password", () => {
	const service = aService();
	const draft = fill(draftOf(service, type), "webhook", { previousValidUntil: null });
	assert.deepEqual(patchOf(type, draft, service).authentications?.[1], {
		id: "W1",
		authenticationId: "webhook",
		previousValidUntil: null,
	});
});

test("a copy has everything but ids and secrets", () => {
	const copy = copyOf(aService(), type, "Copy");
	assert.equal(copy.name, "Copy");
	assert.deepEqual(plainOf(type, copy).authentications, [{ authenticationId: "key@APP" }]);
	assert.ok(copy.authentications.every(({ id, password }) => id === undefined && password === undefined));
});

test("the way back restores fields and makes removed entries anew", () => {
	const before = aService();
	const after = aService({ name: "New", authentications: [anEntry("W1", "webhook", "webhook")] });
	assert.deepEqual(wayBackOf(before, after), {
		name: "Shop",
		authentications: [{ authenticationId: "key@APP" }, { id: "W1", authenticationId: "webhook" }],
	});
});

test("the rules of the type are told at the fields", () => {
	const empty = emptyDraft(type);
	assert.deepEqual(faultKeys(empty), ["/name nameMissing"]);
	const named = { ...empty, name: "Shop" };
	assert.deepEqual(faultKeys(fill(named, "app", { password: "s" })), ["/authentications/1/authenticationId idMissing"]);
	assert.deepEqual(faultKeys(fill(named, "app", { authenticationId: "key@a b" })), [
		"/authentications/1/authenticationId/appId partShape",
	]);
	assert.deepEqual(faultKeys(fill(named, "app", { authenticationId: "key@app" })), []);
	const wait = { ...named, settings: { ...named.settings, wait: 0 } };
	assert.deepEqual(faultKeys(wait), ["/settings/wait outOfRange"]);
});

test("the same entry twice, and one too many, are told at the later one", () => {
	const named = { ...emptyDraft(type), name: "Shop" };
	const app = (key: string, authenticationId: string) => ({ key, role: "app", authenticationId });
	const apps = (...ids: string[]): FormDraft => ({
		...named,
		authentications: ids.map((id, index) => app(String(index), id)),
	});
	assert.deepEqual(faultKeys(apps("k@A", "k@a")), ["/authentications/1/authenticationId duplicate"]);
	assert.deepEqual(faultKeys(apps("k@A", "k@B", "k@C")), ["/authentications/2/authenticationId tooMany"]);
});

test("changes name fields and what happens to secrets, never a secret", () => {
	const service = aService();
	const draft = fill({ ...draftOf(service, type), name: "New" }, "webhook", { password: "hidden" });
	const changes = changesOf(type, service, withoutEntry(draft, "A1"));
	assert.deepEqual(
		changes.map(({ kind, pointer }) => `${kind} ${pointer}`),
		[
			"value /name",
			"secret /authentications/W1/password",
			"id /authentications/A1",
			"secret /authentications/A1/password",
		],
	);
	assert.ok(!JSON.stringify(changes).includes("hidden"));
	assert.ok(losesSecrets(changes));
	assert.ok(!losesSecrets(changesOf(type, service, { ...draftOf(service, type), name: "New" })));
});

test("who moves the address to another host is told which secrets that clears", () => {
	const service: MessagingService = aService();
	const draft = draftOf(service, type);
	assert.deepEqual(clearedByMove(service, { ...draft, serviceConnection: "https://api.example.com/v2" }), []);
	const moved = { ...draft, serviceConnection: "https://other.example.com" };
	assert.deepEqual(clearedByMove(service, moved), ["key@APP"]);
	assert.deepEqual(clearedByMove(service, fill(moved, "app", { password: "again" })), []);
});
