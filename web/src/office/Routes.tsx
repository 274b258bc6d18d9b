/** Which address shows what. Each page is a file of its own that is fetched when it is first opened. */

import { lazy, Suspense } from "react";
import { Navigate, Outlet, Route, Routes as Switch, useLocation } from "react-router";
import { useMe } from "@/identity/me";
import { SignIn } from "@/identity/SignIn";
import { Failed } from "@/ui/Failed";
import { Frame } from "./Frame";
import { Home } from "./Home";
import { NotFound } from "./NotFound";

const BoardPage = lazy(() => import("@/board/BoardPage"));
const CallPage = lazy(() => import("@/call/CallPage"));

export function Routes() {
  const { me, error, again } = useMe();
  const { pathname, search } = useLocation();
  if (error) return <Failed error={error} again={again} />;
  if (me === undefined) return null;
  if (me === null) {
    return (
      <Switch>
        <Route path="/sign-in" element={<SignIn />} />
        <Route
          path="*"
          element={<Navigate replace to={`/sign-in?to=${encodeURIComponent(pathname + search)}`} />}
        />
      </Switch>
    );
  }
  return (
    <Switch>
      <Route path="/sign-in" element={<Navigate replace to="/" />} />
      <Route element={<Frame me={me} />}>
        <Route index element={<Home me={me} />} />
        <Route
          element={
            <Suspense>
              <Outlet />
            </Suspense>
          }
        >
          <Route path="board" element={<BoardPage />} />
          <Route path="call" element={<CallPage />} />
        </Route>
        <Route path="*" element={<NotFound />} />
      </Route>
    </Switch>
  );
}
