/**
 * The browser's session: tokens live in cookies that no script can read, and one that proves to the server
 * that a request comes from our own page. All tabs share them, so one tab refreshes for all.
 */

const CSRF_COOKIE = "tr_csrf";

/** What the server compares with the session, or "" when nobody is signed in. */
export function csrf(): string {
  const found = document.cookie.split("; ").find((one) => one.startsWith(`${CSRF_COOKIE}=`));
  return found ? decodeURIComponent(found.slice(CSRF_COOKIE.length + 1)) : "";
}

const ended = new Set<() => void>();

/** Call `what` when the session turns out to be over; the return value takes that back. */
export function onSignedOut(what: () => void): () => void {
  ended.add(what);
  return () => ended.delete(what);
}

function over(): false {
  for (const tell of ended) tell();
  return false;
}

/**
 * A new pair of tokens in place of those that came to their end; false when there is no session any more.
 *
 * A refresh token works once, and its second use ends the session: so tabs take turns, and whoever waited
 * while another refreshed finds the other's cookies and asks for nothing.
 */
export async function refresh(): Promise<boolean> {
  const before = csrf();
  return navigator.locks.request("truckroll-session", async () => {
    if (csrf() !== before) return csrf() !== "";
    if (before === "") return over();
    const reply = await fetch("/api/v2/auth/refresh", {
      method: "POST",
      headers: { "X-CSRF-Token": before },
    });
    if (reply.ok || reply.status === 409) return true;
    if (reply.status === 401 || reply.status === 403) return over();
    throw new TypeError(`the session could not be refreshed: ${reply.status}`);
  });
}
