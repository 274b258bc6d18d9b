/** One thing that is looked after: where it stands, its warranty, all that was done to it; moved and retired. */

import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Link, useParams, useSearchParams } from "react-router";
import { api, ask, Problem, type Schemas } from "@/api/client";
import { queries } from "@/api/queries";
import { day, span } from "@/call/windows";
import { useMe } from "@/identity/me";
import { useLiveQueries } from "@/office/live";
import { recordPath } from "@/office/nav";
import { History, Timeline } from "@/stories/Stories";
import { AskWhy, type Why } from "@/ui/AskWhy";
import { Button } from "@/ui/Button";
import { Combobox } from "@/ui/Combobox";
import { Dialog } from "@/ui/Dialog";
import { EmptyState } from "@/ui/EmptyState";
import { Facts } from "@/ui/Facts";
import { Failed } from "@/ui/Failed";
import { Field } from "@/ui/Field";
import { Page, Pane } from "@/ui/Page";
import { Skeleton } from "@/ui/Skeleton";
import { Status } from "@/ui/Status";
import { Tabs } from "@/ui/Tabs";
import { Wrong } from "@/ui/Wrong";
import { onDay } from "@/ui/when";

type Equipment = Schemas["EquipmentOut"];

const again = () =>
  Promise.all(["equipment", "stories"].map((key) => queries.invalidateQueries({ queryKey: [key] })));

export default function EquipmentPage() {
  const { id = "" } = useParams();
  const asked = useQuery({
    queryKey: ["equipment", id],
    queryFn: () => ask(api.GET("/api/v2/equipment/{id}", { params: { path: { id } } })),
  });
  useLiveQueries(`equipment:${id}`, "equipment", "stories");
  if (asked.error instanceof Problem && asked.error.status === 404) {
    return (
      <Page title="Equipment">
        <EmptyState
          title="There is no such equipment."
          action={
            <Button asChild>
              <Link to="/equipment">All equipment</Link>
            </Button>
          }
        >
          It was removed, or belongs to somebody whom you do not see.
        </EmptyState>
      </Page>
    );
  }
  if (asked.error) return <Failed error={asked.error} again={() => void asked.refetch()} />;
  if (!asked.data) return <Skeleton rows={12} label="Reading the equipment" />;
  return <Record one={asked.data} />;
}

function Record({ one }: { one: Equipment }) {
  const { me } = useMe();
  const may = (permission: string) => me?.permissions.includes(permission) ?? false;
  const [query, setQuery] = useSearchParams();
  const [why, setWhy] = useState<Why | null>(null);
  const [moving, setMoving] = useState(false);
  const params = { path: { id: one.id } };
  const site = useQuery({
    queryKey: ["sites", one.site_id],
    enabled: may("sites:read"),
    queryFn: () => ask(api.GET("/api/v2/sites/{id}", { params: { path: { id: one.site_id } } })),
  });
  const retiring: Why = {
    title: "Retire",
    about: `${one.name} is not looked after any more. Its history stays.`,
    verb: "Retire",
    look: "danger",
    needed: false,
    do: (reason) => ask(api.POST("/api/v2/equipment/{id}/retire", { params, body: { reason } })).then(again),
  };
  const back: Why = {
    title: "Bring back",
    about: `${one.name} is looked after again.`,
    verb: "Bring back",
    needed: false,
    do: (reason) =>
      ask(api.POST("/api/v2/equipment/{id}/reinstate", { params, body: { reason } })).then(again),
  };
  return (
    <Page
      title={one.name}
      about={<Status status={one.status} />}
      actions={
        may("equipment:write") && (
          <>
            <Button onClick={() => setMoving(true)}>Move…</Button>
            {one.allowed_transitions.includes("retire") && (
              <Button onClick={() => setWhy(retiring)}>Retire…</Button>
            )}
            {one.allowed_transitions.includes("reinstate") && (
              <Button onClick={() => setWhy(back)}>Bring back…</Button>
            )}
          </>
        )
      }
    >
      <div className="grid items-start gap-4 p-4 max-sm:p-3 lg:grid-cols-[minmax(18rem,2fr)_minmax(0,4fr)]">
        <Pane title="Equipment">
          <Facts
            of={[
              [
                "Site",
                site.data && (
                  <Link to={`/sites/${one.site_id}`} className="text-accent hover:underline">
                    {site.data.address}
                  </Link>
                ),
              ],
              ["On the site", one.location],
              ["Type", one.type],
              ["Make", one.make],
              ["Model", one.model],
              ["Serial", one.serial],
              ["Installed", one.installed_on && onDay(one.installed_on)],
              ["Warranty until", one.warranty_until && onDay(one.warranty_until)],
              ["Why so", one.status_reason],
              ["About it", one.notes],
            ]}
          />
        </Pane>
        <div className="flex min-w-0 flex-col gap-4">
          {may("visits:read") && <Serviced id={one.id} />}
          <section aria-label="What is said of it" className="rounded-lg border border-line bg-surface">
            <Tabs
              label="What is said of it"
              at={query.get("tab") ?? "timeline"}
              onChange={(tab) => setQuery({ tab }, { replace: true })}
              tabs={[
                {
                  key: "timeline",
                  text: "Timeline",
                  content: (
                    <div className="p-4">
                      <Timeline of="equipment" id={one.id} />
                    </div>
                  ),
                },
                {
                  key: "history",
                  text: "History",
                  content: (
                    <div className="p-4">
                      <History of="equipment" id={one.id} />
                    </div>
                  ),
                },
              ]}
            />
          </section>
        </div>
      </div>
      {why && <AskWhy why={why} onClose={() => setWhy(null)} />}
      {moving && <Move one={one} onClose={() => setMoving(false)} />}
    </Page>
  );
}

function Serviced({ id }: { id: string }) {
  const asked = useQuery({
    queryKey: ["equipment", id, "serviced"],
    queryFn: () =>
      ask(
        api.GET("/api/v2/equipment/{id}/service-history", { params: { path: { id }, query: { limit: 30 } } }),
      ).then((page) => page.data),
  });
  if (asked.error) return <Failed error={asked.error} again={() => void asked.refetch()} />;
  return (
    <Pane title="Service history">
      {asked.data?.length === 0 && <p className="text-muted">Nothing was done to it yet.</p>}
      <ul className="-my-2">
        {asked.data?.map((visit) => {
          const start = visit.started_at ?? visit.planned_start;
          const end = visit.finished_at ?? visit.planned_end;
          const to = recordPath("work_order", visit.work_order_id);
          return (
            <li
              key={visit.id}
              className="flex min-h-9 flex-wrap items-center gap-x-3 border-line border-b py-1 last:border-0"
            >
              {to ? (
                <Link to={to} className="inline-block py-0.5 font-medium hover:underline">
                  {visit.job_type.name}
                </Link>
              ) : (
                <span className="font-medium">{visit.job_type.name}</span>
              )}
              <span className="text-muted">{visit.assignments.map((who) => who.name).join(", ")}</span>
              {start && end && (
                <span className="tabular ml-auto whitespace-nowrap text-muted">
                  {day(start, visit.time_zone)}, {span(start, end, visit.time_zone)}
                </span>
              )}
              <Status status={visit.status} />
            </li>
          );
        })}
      </ul>
    </Pane>
  );
}

function Move({ one, onClose }: { one: Equipment; onClose: () => void }) {
  const [site, setSite] = useState<{ id: string; text: string } | null>(null);
  const [location, setLocation] = useState("");
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const at = (pointer: string) =>
    error instanceof Problem ? error.faults.find((fault) => fault.pointer === pointer)?.detail : undefined;
  const fault = at("/site_id") ?? (error === "site" ? "Choose where it goes." : undefined);

  async function go() {
    if (!site) return setError("site");
    setBusy(true);
    setError(null);
    try {
      await ask(
        api.POST("/api/v2/equipment/{id}/move", {
          params: { path: { id: one.id } },
          body: { site_id: site.id, location: location.trim() || null },
        }),
      );
      await again();
      onClose();
    } catch (failed) {
      setError(failed);
    } finally {
      setBusy(false);
    }
  }

  return (
    <Dialog
      open
      onClose={onClose}
      title="Move to another site"
      about={one.name}
      actions={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button look="primary" busy={busy} onClick={() => void go()}>
            Move
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-3">
        <Combobox
          label="Site"
          autoFocus
          value={site}
          onChange={setSite}
          error={fault}
          queryKey={["sites", "choice"]}
          load={async (typed) =>
            typed.length < 3
              ? []
              : (
                  await ask(
                    api.GET("/api/v2/search", { params: { query: { q: typed, types: ["site"], limit: 8 } } }),
                  )
                ).data.map((hit) => ({ id: hit.id, text: hit.title, detail: hit.subtitle }))
          }
          nothing={(typed) =>
            typed.length < 3 ? "Type the beginning of its street." : `No site is like “${typed}”.`
          }
        />
        <Field
          label="Where on the site (optional)"
          maxLength={200}
          value={location}
          error={at("/location")}
          onChange={(event) => setLocation(event.target.value)}
        />
        {error && !fault && !at("/location") ? <Wrong>{(error as Error).message}</Wrong> : null}
      </div>
    </Dialog>
  );
}
