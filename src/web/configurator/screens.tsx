// The application behind the sign-in: the router with its map of screens.

import { RouterProvider } from "@tanstack/react-router";
import { makeRouter } from "./routes.tsx";

const router = makeRouter();
// The first screen is fetched while the frame around it is drawn.
void router.preloadRoute({ to: router.latestLocation.pathname as "/" });

export function Screens() {
	return <RouterProvider router={router} />;
}
