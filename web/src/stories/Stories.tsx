/** What happened to a record, newest first, and how its fields changed. */

import { useInfiniteQuery } from "@tanstack/react-query";
import { Link } from "react-router";
import { api, ask } from "@/api/client";
import { useMe } from "@/identity/me";
import { recordPath } from "@/office/nav";
import { Failed } from "@/ui/Failed";
import { More } from "@/ui/More";
import { Skeleton } from "@/ui/Skeleton";
import { words } from "@/ui/Status";
import { When } from "@/ui/When";

/** Records with pages of their own, as the API's addresses spell them. */
export type Told = "customers" | "sites" | "equipment" | "technicians" | "work-orders" | "invoices";

const PAGE = 30;

type Asked = {
  params: { path: { id: string }; query: { limit: number; before?: number } };
  signal: AbortSignal;
};

// every kind of record has both under its own address, and they look the same under each
const READ = {
  timeline: (of: Told, asked: Asked) =>
    ask(api.GET(`/api/v2/${of}/{id}/timeline` as "/api/v2/customers/{id}/timeline", asked)),
  history: (of: Told, asked: Asked) =>
    ask(api.GET(`/api/v2/${of}/{id}/history` as "/api/v2/customers/{id}/history", asked)),
};

function useStory<T extends { next_before: number | null }>(
  of: Told,
  id: string,
  kind: keyof typeof READ,
  read: (of: Told, asked: Asked) => Promise<T>,
) {
  return useInfiniteQuery({
    queryKey: ["stories", of, id, kind],
    initialPageParam: null as number | null,
    queryFn: ({ pageParam, signal }) =>
      read(of, {
        params: { path: { id }, query: { limit: PAGE, ...(pageParam ? { before: pageParam } : {}) } },
        signal,
      }),
    getNextPageParam: (last) => last.next_before,
  });
}

export function Timeline({ of, id }: { of: Told; id: string }) {
  const { me } = useMe();
  const story = useStory(of, id, "timeline", READ.timeline);
  if (story.error && !story.data) return <Failed error={story.error} again={() => void story.refetch()} />;
  if (!story.data || !me) return <Skeleton rows={4} label="Reading the timeline" />;
  const all = story.data.pages.flatMap((page) => page.data);
  if (all.length === 0) return <p className="text-muted">Nothing has happened yet.</p>;
  return (
    <>
      <ol className="flex flex-col gap-2">
        {all.map((one) => {
          const to = one.entity_id === id ? null : recordPath(one.entity, one.entity_id);
          return (
            <li key={one.id}>
              <p>
                {to ? (
                  <Link to={to} className="hover:underline">
                    {one.sentence}
                  </Link>
                ) : (
                  one.sentence
                )}
              </p>
              <p className="text-muted text-sm">
                <When at={one.occurred_at ?? one.at} zone={me.time_zone} shape="full" />
                {one.actor && ` · ${one.actor.name}`}
              </p>
            </li>
          );
        })}
      </ol>
      <More asked={story} plain>
        Earlier
      </More>
    </>
  );
}

const HIDDEN = new Set(["sort_name", "search", "version"]);

const text = (value: unknown): string =>
  value === null || value === ""
    ? "nothing"
    : typeof value === "boolean"
      ? value
        ? "yes"
        : "no"
      : typeof value === "object"
        ? JSON.stringify(value)
        : String(value);

export function History({ of, id }: { of: Told; id: string }) {
  const { me } = useMe();
  const story = useStory(of, id, "history", READ.history);
  if (story.error && !story.data) return <Failed error={story.error} again={() => void story.refetch()} />;
  if (!story.data || !me) return <Skeleton rows={4} label="Reading the history" />;
  return (
    <>
      <ol className="flex flex-col gap-3">
        {story.data.pages
          .flatMap((page) => page.data)
          .map((one) => (
            <li key={one.id}>
              <p className="text-muted text-sm">
                {words(one.action)} <When at={one.at} zone={me.time_zone} shape="full" />
                {one.actor && ` · ${one.actor.name}`}
              </p>
              <ul>
                {Object.entries(one.changes)
                  .filter(([name]) => !HIDDEN.has(name))
                  .map(([name, values]) => {
                    const [before, after] = values as [unknown, unknown];
                    return (
                      <li key={name} className="break-words">
                        <span className="text-muted">{words(name)}:</span>{" "}
                        {before !== null && <s className="text-muted">{text(before)}</s>} {text(after)}
                      </li>
                    );
                  })}
              </ul>
            </li>
          ))}
      </ol>
      <More asked={story} plain>
        Earlier
      </More>
    </>
  );
}
