// The application behind the sign-in: the router with its map of screens.

import { RouterProvider } from "@tanstack/react-router";
import { useMemo } from "react";
import { makeRouter } from "./routes.tsx";

export function Screens() {
	const router = useMemo(() => makeRouter(), []);
	return <RouterProvider router={router} />;
}
