// Two marks in the page's own storage, so that the next page shows the chat again: that there is one, and that it was open.
// Nothing in them tells who or what.

const chatMark = "parley.chat";
const openMark = "parley.open";

export type Marks = {
	isGoingOn(): boolean;
	wasOpen(): boolean;
	chat(isGoingOn: boolean): void;
	open(isOpen: boolean): void;
};

export function marksIn(lasting: () => Storage, ofTab: () => Storage): Marks {
	return {
		isGoingOn: () => read(lasting, chatMark),
		wasOpen: () => read(ofTab, openMark),
		chat: (isGoingOn) => write(lasting, chatMark, isGoingOn),
		open: (isOpen) => write(ofTab, openMark, isOpen),
	};
}

function read(storage: () => Storage, name: string): boolean {
	try {
		return storage().getItem(name) !== null;
	} catch {
		return false; // The browser keeps nothing for this page.
	}
}

function write(storage: () => Storage, name: string, isSet: boolean): void {
	try {
		if (isSet) {
			storage().setItem(name, "1");
		} else {
			storage().removeItem(name);
		}
	} catch {
		// The browser keeps nothing for this page, so the next one begins with the button.
	}
}
