/** Sample records to look around with: loaded, shown how far they are, and removed; what is kept is named. */

import { useMutation, useQuery } from "@tanstack/react-query";
import { FlaskConical } from "lucide-react";
import { useEffect, useRef } from "react";
import { Link } from "react-router";
import { api, ask, Problem } from "@/api/client";
import { useKeys } from "@/api/keys";
import { queries } from "@/api/queries";
import { recordPath } from "@/office/nav";
import { Button } from "@/ui/Button";
import { Wrong } from "@/ui/Wrong";
import { lookAgain, type Sample } from "./steps";

const KEY = ["samples"];
const LOOK = 500;
const goesOn = (one: Sample | null | undefined) => one?.status === "loading" || one?.status === "removing";

function useSamples() {
  return useQuery({
    queryKey: KEY,
    queryFn: async (): Promise<Sample | null> => {
      try {
        return await ask(api.GET("/api/v2/organisation/demo"));
      } catch (error) {
        if (error instanceof Problem && error.status === 404) return null;
        throw error;
      }
    },
    refetchInterval: ({ state }) => (goesOn(state.data) ? LOOK : false),
  });
}

export function Samples({ offer }: { offer: boolean }) {
  const { data } = useSamples();
  const keyOf = useKeys();
  const went = useRef(false);
  useEffect(() => {
    // lists, boards and counts hold other records once it has ended
    if (went.current && !goesOn(data)) void queries.invalidateQueries();
    went.current = goesOn(data);
  }, [data]);
  const load = useMutation({
    mutationFn: () => ask(api.POST("/api/v2/organisation/demo", { params: { header: keyOf("load") } })),
    onSuccess: (now) => queries.setQueryData(KEY, now),
  });
  const remove = useMutation({
    mutationFn: () => ask(api.DELETE("/api/v2/organisation/demo")),
    onSuccess: (now) => {
      queries.setQueryData(KEY, now);
      void lookAgain();
    },
  });
  if (data === undefined) return null;
  const there = data !== null && (data.status !== "removed" || data.records_kept > 0);
  if (!there && !offer) return null;
  const wrong = load.error ?? remove.error;
  return (
    <section
      aria-label="Sample data"
      className="flex flex-wrap items-center gap-x-3 gap-y-2 rounded-lg border border-line bg-surface px-3 py-2"
    >
      <FlaskConical aria-hidden className="size-4 shrink-0 text-muted" />
      {goesOn(data) && data ? (
        <Going of={data} />
      ) : !data || data.status === "removed" ? (
        <>
          <div className="min-w-0 flex-1 basis-52">
            <p className="font-medium">
              {data?.records_kept
                ? `Sample data was removed but for ${data.records_kept} records`
                : "Look around with sample data"}
            </p>
            <p className="text-muted">
              {data?.records_kept
                ? "They were changed or used since, and are yours now."
                : "Eight customers with work for two technicians, each marked “(sample)”. You can remove it all."}
            </p>
          </div>
          <Button busy={load.isPending} onClick={() => load.mutate()}>
            {data ? "Load it again" : "Load sample data"}
          </Button>
        </>
      ) : (
        <>
          <div className="min-w-0 flex-1 basis-52">
            <p className="font-medium">
              {data.status === "failed" ? "Sample data could not be finished" : "Sample data is loaded"}
            </p>
            <p className="text-muted">
              {data.status === "failed"
                ? data.failure
                : "Records that say “(sample)”. Whatever you change or use stays when you remove the rest."}
            </p>
          </div>
          <Button busy={remove.isPending} onClick={() => remove.mutate()}>
            Remove sample data
          </Button>
        </>
      )}
      {wrong && (
        <div className="w-full">
          <Wrong>{wrong.message}</Wrong>
        </div>
      )}
      {!goesOn(data) && data && data.kept.length > 0 && <Kept of={data} />}
    </section>
  );
}

function Going({ of }: { of: Sample }) {
  const words = of.status === "loading" ? "Loading sample data" : "Removing sample data";
  return (
    <div className="min-w-0 flex-1">
      <p role="status" className="tabular">
        {words}: {of.steps_done} of {of.steps} steps
      </p>
      <progress
        aria-label={words}
        max={Math.max(of.steps, 1)}
        value={of.steps_done}
        className="h-2 w-full accent-(--accent)"
      />
    </div>
  );
}

function Kept({ of }: { of: Sample }) {
  return (
    <ul aria-label="What was kept" className="w-full border-line border-t pt-2">
      {of.kept.map((one) => {
        const to = recordPath(
          one.table === "equipment" ? one.table : one.table.replace(/s$/, ""),
          one.record_id,
        );
        return (
          <li key={one.record_id} className="flex flex-wrap gap-x-2">
            {to ? (
              <Link to={to} className="font-medium hover:underline">
                {one.name}
              </Link>
            ) : (
              <span className="font-medium">{one.name}</span>
            )}
            <span className="text-muted">{one.reason}</span>
          </li>
        );
      })}
    </ul>
  );
}
