// What the script's tag says: `data-queue` and `data-language`. Pure.

export type Queue = { address: string; name?: string };

/** `support@desk.example`, or several with their names: `sales@desk.example=Sales, support@desk.example=Support`. */
export function queuesIn(text: string): Queue[] {
	return text
		.split(",")
		.map((one) => one.split("=").map((half) => half.trim()))
		.filter(([address]) => address !== "")
		.map(([address = "", name = ""]) => ({ address, ...(name === "" ? {} : { name }) }));
}
