/** What mails lead to: open to whoever has the link, signed in or not. And the way in, for whoever is not. */

import { lazy } from "react";
import { Navigate, Route, useLocation, useSearchParams } from "react-router";
import { wanted } from "@/identity/entering";

const ConfirmEmail = lazy(() => import("@/identity/ConfirmEmail"));
const Invitation = lazy(() => import("@/identity/Invitation"));
const ResetPassword = lazy(() => import("@/identity/ResetPassword"));
const SignUp = lazy(() => import("@/identity/SignUp"));

export const DOORS = (
  <>
    <Route path="/sign-up" element={<SignUp />} />
    <Route path="/invitation" element={<Invitation />} />
    <Route path="/reset-password" element={<ResetPassword />} />
    <Route path="/confirm-email" element={<ConfirmEmail />} />
  </>
);

/** Whoever is in already goes where they wanted. */
export function In() {
  const [query] = useSearchParams();
  return <Navigate replace to={wanted(query)} />;
}

/** Whoever is not signs in first, and comes back. */
export function ToSignIn() {
  const { pathname, search } = useLocation();
  return <Navigate replace to={`/sign-in?to=${encodeURIComponent(pathname + search)}`} />;
}
