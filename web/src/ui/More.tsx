/** A list that goes on: its next page, asked for by a press or by itself, and what is said where it cannot be read.
 * After a failure nothing asks again by itself until the list is read anew or changed: who was refused for asking too
 * often would ask for ever. */

import { type ReactNode, type RefObject, useEffect } from "react";
import { Problem } from "@/api/client";
import { Button } from "./Button";
import { cx } from "./cx";

interface Going {
  dataUpdatedAt: number;
  error: Error | null;
  hasNextPage: boolean;
  isFetching: boolean;
  isFetchingNextPage: boolean;
  isFetchNextPageError: boolean;
  fetchNextPage: () => Promise<unknown>;
}

/** Whether the next page may be asked for unasked. */
function goesOn({ hasNextPage, isFetching, isFetchNextPageError }: Going): boolean {
  // to ask while what is shown is read anew would put an end to that reading
  return hasNextPage && !isFetching && !isFetchNextPageError;
}

/** Asks for the next page as long as it is wanted. */
export function useReadOn(asked: Going, wanted: boolean): void {
  const { fetchNextPage, dataUpdatedAt } = asked;
  const now = wanted && goesOn(asked);
  // biome-ignore lint/correctness/useExhaustiveDependencies: a page may be there before it was seen to be on its way
  useEffect(() => {
    if (now) void fetchNextPage();
  }, [now, dataUpdatedAt, fetchNextPage]);
}

/** Asks for the next page as long as the end of the list is in sight. */
export function useReadOnInSight(asked: Going, end: RefObject<HTMLElement | null>): void {
  const { fetchNextPage, dataUpdatedAt } = asked;
  const looks = goesOn(asked);
  // biome-ignore lint/correctness/useExhaustiveDependencies: as above
  useEffect(() => {
    if (!end.current || !looks) return undefined;
    // several may be told at once, and the last is how it is
    const sight = new IntersectionObserver((seen) => seen.at(-1)?.isIntersecting && void fetchNextPage());
    sight.observe(end.current);
    return () => sight.disconnect();
  }, [end, looks, dataUpdatedAt, fetchNextPage]);
}

/** That the rest could not be read, and why, with another try; nothing where it could. */
export function Unread({ asked, className }: { asked: Going; className?: string | undefined }) {
  const { error, isFetchingNextPage, isFetchNextPageError, fetchNextPage } = asked;
  if (!isFetchNextPageError || !error) return null;
  const request = error instanceof Problem && error.requestId;
  return (
    <div role="alert" className={cx("flex flex-wrap items-center gap-x-3 gap-y-1.5", className)}>
      <p className="min-w-0 break-words">
        The rest could not be read. <span className="text-muted">{error.message}</span>
        {request && (
          <span className="text-muted text-sm">
            {" "}
            Request <span className="tabular select-all break-all">{request}</span>
          </span>
        )}
      </p>
      <Button busy={isFetchingNextPage} onClick={() => void fetchNextPage()}>
        Try again
      </Button>
    </div>
  );
}

/** The end of a list: a press for more of it, nothing where there is no more. */
export function More({
  asked,
  busy = asked.isFetchingNextPage,
  plain = false,
  className,
  children,
}: {
  asked: Going;
  busy?: boolean;
  plain?: boolean;
  className?: string;
  children: ReactNode;
}) {
  if (asked.isFetchNextPageError) return <Unread asked={asked} className={className} />;
  if (!asked.hasNextPage) return null;
  return (
    <Button
      look={plain ? "plain" : "normal"}
      className={className}
      busy={busy}
      onClick={() => void asked.fetchNextPage()}
    >
      {children}
    </Button>
  );
}
