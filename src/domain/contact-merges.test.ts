import assert from "node:assert/strict";
import test from "node:test";
import {
	goingBack,
	mergedName,
	type MergeSide,
	movedMax,
	nameAfterUndo,
	type UndoFacts,
	whyNotMerge,
	whyNotUndo,
} from "./contact-merges.ts";

const side = (id: string, over: Partial<MergeSide> = {}): MergeSide => ({
	id,
	name: null,
	services: ["S"],
	partOf: null,
	conversations: 1,
	messages: 1,
	...over,
});

test("who may be merged", () => {
	const [one, two] = [side("1"), side("2")];
	const cases: [Parameters<typeof whyNotMerge>, ReturnType<typeof whyNotMerge>][] = [
		[[one, two, "every"], undefined],
		[[one, two, ["S"]], undefined],
		[[undefined, two, "every"], "keptUnknown"],
		[[one, undefined, "every"], "otherUnknown"],
		[[one, two, []], "keptUnknown"],
		[[one, side("2", { services: ["T"] }), ["S"]], "otherUnknown"],
		[[one, side("2", { services: [] }), "every"], "otherUnknown"],
		[[one, one, "every"], "same"],
		[[one, side("2", { partOf: "1" }), "every"], "merged"],
		[[one, side("2", { partOf: "3" }), "every"], "otherMerged"],
		[[one, side("2", { partOf: "3", services: ["T"] }), ["S"]], "otherUnknown"],
		[[side("1", { partOf: "3" }), two, "every"], "keptMerged"],
		[[side("1", { services: ["S", "T"] }), two, ["S"]], "keptPartly"],
		[[one, side("2", { services: ["S", "T"] }), ["S"]], "otherPartly"],
		[[one, side("2", { messages: movedMax.messages + 1 }), "every"], "tooMuch"],
		[[one, side("2", { conversations: movedMax.conversations + 1 }), "every"], "tooMuch"],
	];
	for (const [given, expected] of cases) {
		assert.equal(whyNotMerge(...given), expected, JSON.stringify(given));
	}
});

test("what may be undone", () => {
	const facts = (over: Partial<UndoFacts> = {}): UndoFacts => ({
		isUndone: false,
		kept: side("1"),
		areAddressesThere: true,
		...over,
	});
	assert.equal(whyNotUndo(facts(), ["S"]), undefined);
	assert.equal(whyNotUndo(undefined, "every"), "unknown");
	assert.equal(whyNotUndo(facts({ kept: undefined }), "every"), "unknown");
	assert.equal(whyNotUndo(facts(), ["T"]), "unknown");
	assert.equal(whyNotUndo(facts({ isUndone: true }), "every"), "undone");
	assert.equal(whyNotUndo(facts({ kept: side("1", { partOf: "3" }) }), "every"), "mergedAgain");
	assert.equal(whyNotUndo(facts({ areAddressesThere: false }), "every"), "erased");
	assert.equal(whyNotUndo(facts({ kept: side("1", { services: ["S", "T"] }) }), ["S"]), "partly");
});

test("a name stays, is taken where there is none, and is given back unless another was learnt", () => {
	assert.equal(mergedName({ name: "Ann" }, { name: "Anna" }), "Ann");
	assert.equal(mergedName({ name: null }, { name: "Anna" }), "Anna");
	assert.equal(nameAfterUndo("Anna", { before: null, given: "Anna" }), null);
	assert.equal(nameAfterUndo("Annabel", { before: null, given: "Anna" }), "Annabel");
});

test("of an address that means two people in two accounts of ours, its chains tell what goes back", () => {
	const placed = (id: string, chainKey: string, contactAddress = "7") => ({
		id,
		chainKey,
		channel: "facebook",
		contactAddress,
	});
	const all = [placed("came", "a"), placed("later", "a"), placed("theirs", "b"), placed("new", "c", "8")];
	const moved = { addresses: [{ channel: "facebook", scope: "x", key: "7" }], conversations: ["came"], chats: [] };
	assert.deepEqual(goingBack(all, moved, []), ["came", "later", "theirs"]);
	assert.deepEqual(goingBack(all, moved, [{ channel: "facebook", key: "7" }]), ["came", "later"]);
});
