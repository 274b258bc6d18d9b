/** Signing in with e-mail and password. */

import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useNavigate, useSearchParams } from "react-router";
import { api, ask, Problem } from "@/api/client";
import { Button } from "@/ui/Button";
import { Field } from "@/ui/Field";

export function SignIn() {
  const [problem, setProblem] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const [query] = useSearchParams();
  const known = useQueryClient();
  const go = useNavigate();

  async function signIn(form: FormData) {
    setBusy(true);
    setProblem(null);
    try {
      await ask(
        api.POST("/api/v2/auth/login", {
          body: { email: String(form.get("email")), password: String(form.get("password")) },
        }),
      );
      await known.invalidateQueries();
      const to = query.get("to") ?? "/";
      await go(to.startsWith("/") && !to.startsWith("//") ? to : "/", { replace: true });
    } catch (error) {
      setProblem(error instanceof Problem ? error.message : String(error));
    } finally {
      setBusy(false);
    }
  }

  return (
    <main className="grid h-full place-items-center p-4">
      <form
        className="flex w-full max-w-sm flex-col gap-4 rounded-lg border border-line bg-surface p-6"
        onSubmit={(event) => {
          event.preventDefault();
          void signIn(new FormData(event.currentTarget));
        }}
      >
        <h1 className="font-semibold text-lg">Sign in to Truckroll</h1>
        <Field label="E-mail" name="email" type="email" autoComplete="username" required />
        <Field label="Password" name="password" type="password" autoComplete="current-password" required />
        {problem && (
          <p role="alert" className="text-danger">
            {problem}
          </p>
        )}
        <Button look="primary" type="submit" busy={busy}>
          Sign in
        </Button>
      </form>
    </main>
  );
}
