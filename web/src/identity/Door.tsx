/** What one sees before one is in: one card, one thing to do. */

import { Truck } from "lucide-react";
import { type ReactNode, useEffect, useState } from "react";
import { useLocation } from "react-router";

export function Door({
  title,
  about,
  children,
  below,
}: {
  title: string;
  about?: ReactNode;
  children: ReactNode;
  /** Other ways, under the card. */
  below?: ReactNode;
}) {
  useEffect(() => {
    document.title = `${title} · Truckroll`;
  }, [title]);
  return (
    <main className="flex h-full flex-col items-center overflow-auto px-4 py-8 sm:pt-[12vh]">
      <p className="mb-5 flex items-center gap-2 font-semibold text-lg">
        <Truck aria-hidden className="size-5 text-accent" />
        Truckroll
      </p>
      <div className="w-full max-w-sm rounded-lg border border-line bg-surface p-6">
        <h1 className="font-semibold text-lg">{title}</h1>
        {about && <p className="mt-1 text-muted">{about}</p>}
        <div className="mt-4">{children}</div>
      </div>
      {below && <div className="mt-4 w-full max-w-sm text-center text-muted">{below}</div>}
    </main>
  );
}

export const FORM = "flex flex-col gap-4";
export const LINK = "font-medium text-accent hover:underline";

const tokenIn = (hash: string): string | null => new URLSearchParams(hash.slice(1)).get("token");

/** The code that a mail's link carries behind its `#`, which browsers send to nobody. It is taken out of the
 * address and the history at once, where whoever sits here next would find it. */
export function useToken(): string | null {
  const { hash } = useLocation();
  const [token, setToken] = useState(() => tokenIn(hash));
  useEffect(() => {
    const found = tokenIn(hash);
    if (!found) return;
    setToken(found);
    history.replaceState(history.state, "", location.pathname + location.search);
  }, [hash]);
  return token;
}
