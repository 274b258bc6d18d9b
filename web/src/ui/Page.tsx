/** A page: its name and its buttons above, its content filling what is left. */

import type { ReactNode } from "react";
import { useEffect } from "react";
import { cx } from "./cx";

/** What the browser's tab says, and a screen reader when one comes here. */
export function useTitle(named: string | undefined): void {
  useEffect(() => {
    if (named) document.title = `${named} · Truckroll`;
  }, [named]);
}

export function Page({
  title,
  about,
  actions,
  above,
  children,
  scrolls = true,
  tab,
}: {
  title: ReactNode;
  /** What one sees, in one line beside the title. */
  about?: ReactNode;
  actions?: ReactNode;
  /** Between the head and the content: filters, tabs. */
  above?: ReactNode;
  children: ReactNode;
  /** A list scrolls by itself, and its page does not. */
  scrolls?: boolean;
  /** What the browser's tab says, where the title is no text. */
  tab?: string;
}) {
  const named = tab ?? (typeof title === "string" ? title : undefined);
  useTitle(named);
  return (
    <div className="flex h-full min-h-0 flex-col">
      <header className="flex min-h-11 shrink-0 flex-wrap items-center gap-x-3 gap-y-1 border-line border-b bg-surface px-4 py-1.5">
        <h1 className="min-w-0 truncate font-semibold text-lg">{title}</h1>
        {about && <div className="min-w-0 text-muted">{about}</div>}
        {actions && <div className="ml-auto flex flex-wrap items-center gap-2">{actions}</div>}
      </header>
      {above}
      <div className={cx("min-h-0 flex-1", scrolls ? "overflow-auto" : "flex flex-col")}>{children}</div>
    </div>
  );
}

/** A part of a page, with a heading. */
export function Pane({
  title,
  actions,
  children,
  className,
}: {
  title: ReactNode;
  actions?: ReactNode;
  children: ReactNode;
  className?: string;
}) {
  return (
    <section className={cx("rounded-lg border border-line bg-surface", className)}>
      <header className="flex min-h-10 items-center justify-between gap-3 border-line border-b px-4 py-1">
        <h2 className="font-semibold">{title}</h2>
        {actions && <div className="flex items-center gap-2">{actions}</div>}
      </header>
      <div className="p-4">{children}</div>
    </section>
  );
}
