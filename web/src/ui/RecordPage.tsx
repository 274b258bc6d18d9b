/** One record: what must not be overlooked first, then what is known of it, what belongs to it, and its story.
 *
 *   <Opened asked={asked} kind={KIND}>{(site) => <Record site={site} />}</Opened>
 *
 * reads it or says why it is not there; the record itself is a `<RecordPage>`.
 */

import type { UseQueryResult } from "@tanstack/react-query";
import { Fragment, type ReactNode } from "react";
import { Link } from "react-router";
import { Problem } from "@/api/client";
import { Button } from "./Button";
import { EmptyState } from "./EmptyState";
import { Failed } from "./Failed";
import { Page } from "./Page";
import { Skeleton } from "./Skeleton";

export interface RecordKind {
  /** "site": as one says it in a sentence. */
  one: string;
  /** Its list, and what the way there is called. */
  list: { to: string; words: string };
}

const capital = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);

/** Whether there is no such record; what is no id at all is refused as that. */
export const isNone = (error: unknown): boolean =>
  error instanceof Problem && [404, 422].includes(error.status);

export function NoSuch({ one, action }: { one: string; action?: ReactNode }) {
  return (
    <EmptyState title={`There is no such ${one}.`} action={action}>
      It was removed, or belongs to what you do not see.
    </EmptyState>
  );
}

/** What is drawn of a record once it was read. Another record is another page: nothing typed goes along. */
export function Opened<T extends { id: string }>({
  asked,
  kind,
  children,
}: {
  asked: UseQueryResult<T>;
  kind: RecordKind;
  children: (record: T) => ReactNode;
}) {
  if (isNone(asked.error)) {
    return (
      <Page title={capital(kind.one)}>
        <NoSuch
          one={kind.one}
          action={
            <Button asChild>
              <Link to={kind.list.to}>{kind.list.words}</Link>
            </Button>
          }
        />
      </Page>
    );
  }
  // what was read stays in sight while it cannot be read again
  if (asked.data) return <Fragment key={asked.data.id}>{children(asked.data)}</Fragment>;
  if (asked.error) return <Failed error={asked.error} again={() => void asked.refetch()} />;
  return <Skeleton rows={12} label={`Reading the ${kind.one}`} />;
}

interface Props {
  title: string;
  about?: ReactNode;
  actions?: ReactNode;
  /** What must not be overlooked: before everything else, over the whole width. */
  banners?: ReactNode;
  /** What is known of it: at the side, on a phone first. */
  aside: ReactNode;
  /** What belongs to it and its story. */
  children: ReactNode;
  /** Drawers and dialogs. */
  layers?: ReactNode;
}

export function RecordPage({ title, about, actions, banners, aside, children, layers }: Props) {
  return (
    <Page title={title} about={about} actions={actions}>
      <div className="flex flex-col gap-4 p-4 max-sm:p-3">
        {banners && <div className="flex flex-col gap-2 empty:hidden">{banners}</div>}
        <div className="grid items-start gap-4 lg:grid-cols-[minmax(18rem,2fr)_minmax(0,5fr)]">
          <div className="flex min-w-0 flex-col gap-4">{aside}</div>
          <div className="flex min-w-0 flex-col gap-4">{children}</div>
        </div>
      </div>
      {layers}
    </Page>
  );
}
