/** A site: what to beware of, how to get in, whose it is, what stands there, and what was and will be done. */

import { useMutation, useQuery } from "@tanstack/react-query";
import { TriangleAlert } from "lucide-react";
import { Link, useParams, useSearchParams } from "react-router";
import { api, ask, Problem, type Schemas } from "@/api/client";
import { queries } from "@/api/queries";
import { Work } from "@/customers/Work";
import { useMe } from "@/identity/me";
import { Notes } from "@/notes/Notes";
import { useLiveQueries } from "@/office/live";
import { recordPath } from "@/office/nav";
import { History, Timeline } from "@/stories/Stories";
import { Tags } from "@/tags/Tags";
import { Button } from "@/ui/Button";
import { EmptyState } from "@/ui/EmptyState";
import { Facts } from "@/ui/Facts";
import { Failed } from "@/ui/Failed";
import { Page, Pane } from "@/ui/Page";
import { Skeleton } from "@/ui/Skeleton";
import { Status, words } from "@/ui/Status";
import { Tabs } from "@/ui/Tabs";
import { Wrong } from "@/ui/Wrong";
import { onDay } from "@/ui/when";

type Site = Schemas["SiteOut"];

export default function SitePage() {
  const { id = "" } = useParams();
  const asked = useQuery({
    queryKey: ["sites", id],
    queryFn: () => ask(api.GET("/api/v2/sites/{id}", { params: { path: { id } } })),
  });
  useLiveQueries(`site:${id}`, "sites", "stories", "notes", "work-orders", "equipment");
  if (asked.error instanceof Problem && asked.error.status === 404) {
    return (
      <Page title="Site">
        <EmptyState
          title="There is no such site."
          action={
            <Button asChild>
              <Link to="/sites">All sites</Link>
            </Button>
          }
        >
          It was removed, or belongs to somebody whom you do not see.
        </EmptyState>
      </Page>
    );
  }
  if (asked.error) return <Failed error={asked.error} again={() => void asked.refetch()} />;
  if (!asked.data) return <Skeleton rows={12} label="Reading the site" />;
  return <Record site={asked.data} />;
}

function Record({ site }: { site: Site }) {
  const { me } = useMe();
  const may = (permission: string) => me?.permissions.includes(permission) ?? false;
  const [query, setQuery] = useSearchParams();
  const payer = site.parties.find((one) => one.ends_on === null);
  const last = site.last_visit;
  return (
    <Page
      title={site.address}
      about={site.name}
      actions={
        payer &&
        may("dispatch:write") && (
          <Button look="primary" asChild>
            <Link to={`/call?customer=${payer.customer.id}&site=${site.id}`}>Book work here</Link>
          </Button>
        )
      }
    >
      <div className="flex flex-col gap-4 p-4 max-sm:p-3">
        {site.hazards.map((one) => (
          <p
            key={one.text}
            className="flex items-center gap-2 rounded-md bg-danger-wash px-3 py-2 font-medium text-danger"
          >
            <TriangleAlert aria-hidden className="size-4 shrink-0" /> {one.text}
          </p>
        ))}
        <div className="grid items-start gap-4 lg:grid-cols-[minmax(18rem,2fr)_minmax(0,4fr)]">
          <div className="flex min-w-0 flex-col gap-4">
            <Pane title="Site">
              <Facts
                of={[
                  ["Time zone", site.time_zone.replaceAll("_", " ")],
                  ["Getting in", site.access_notes],
                  [
                    "Last visit",
                    last &&
                      `${onDay(new Intl.DateTimeFormat("en-CA", { timeZone: site.time_zone }).format(new Date(last.finished_at)))}${last.technician ? `, ${last.technician.name}` : ""} (${last.work_order_number})`,
                  ],
                  ["Key elsewhere", site.external_key],
                ]}
              />
              {may("sites:access-codes") && <Codes id={site.id} />}
              {may("tags:read") && (
                <div className="mt-3">
                  <Tags
                    entity="site"
                    id={site.id}
                    tags={site.tags}
                    may={may("sites:write")}
                    mayMake={may("tags:write")}
                    onChanged={() => queries.invalidateQueries({ queryKey: ["sites"] })}
                  />
                </div>
              )}
            </Pane>
            <Pane title="Whose it is">
              {site.parties.length === 0 && <p className="text-muted">It belongs to no customer.</p>}
              <ul>
                {site.parties.map((one) => (
                  <li key={one.id} className="flex min-h-7 flex-wrap items-center gap-x-2">
                    <Link
                      to={`/customers/${one.customer.id}`}
                      className="inline-block py-0.5 font-medium hover:underline"
                    >
                      {one.customer.name}
                    </Link>
                    <span className="text-muted">{words(one.role)}</span>
                    {one.ends_on && <span className="text-muted">until {onDay(one.ends_on)}</span>}
                  </li>
                ))}
              </ul>
            </Pane>
            {may("equipment:read") && <Standing siteId={site.id} />}
          </div>
          <div className="flex min-w-0 flex-col gap-4">
            {may("work-orders:read") && <Work of={{ site_id: site.id }} open />}
            {may("work-orders:read") && <Work of={{ site_id: site.id }} open={false} />}
            <section aria-label="What is said of it" className="rounded-lg border border-line bg-surface">
              <Tabs
                label="What is said of it"
                at={query.get("tab") ?? (may("notes:read") ? "notes" : "timeline")}
                onChange={(tab) => setQuery({ tab }, { replace: true })}
                tabs={[
                  ...(may("notes:read")
                    ? [
                        {
                          key: "notes",
                          text: "Notes",
                          content: (
                            <div className="p-4">
                              <Notes entity="site" id={site.id} />
                            </div>
                          ),
                        },
                      ]
                    : []),
                  {
                    key: "timeline",
                    text: "Timeline",
                    content: (
                      <div className="p-4">
                        <Timeline of="sites" id={site.id} />
                      </div>
                    ),
                  },
                  {
                    key: "history",
                    text: "History",
                    content: (
                      <div className="p-4">
                        <History of="sites" id={site.id} />
                      </div>
                    ),
                  },
                ]}
              />
            </section>
          </div>
        </div>
      </div>
    </Page>
  );
}

/** Codes are read one by one, when somebody asks: each look is kept. */
function Codes({ id }: { id: string }) {
  const look = useMutation({
    gcTime: 0,
    mutationFn: () => ask(api.GET("/api/v2/sites/{id}/access-codes", { params: { path: { id } } })),
  });
  return (
    <div className="mt-3 flex flex-col items-start gap-2">
      {look.data ? (
        <p>
          <span className="text-muted">Gate code</span>{" "}
          <span className="tabular select-all font-medium">{look.data.gate_code ?? "none is known"}</span>
        </p>
      ) : (
        <Button busy={look.isPending} onClick={() => look.mutate()}>
          Show the gate code
        </Button>
      )}
      <Wrong>{look.error?.message}</Wrong>
    </div>
  );
}

function Standing({ siteId }: { siteId: string }) {
  const asked = useQuery({
    queryKey: ["equipment", { siteId, all: true }],
    queryFn: () =>
      ask(api.GET("/api/v2/equipment", { params: { query: { site_id: siteId, limit: 100 } } })).then(
        (page) => page.data,
      ),
  });
  if (asked.error) return <Failed error={asked.error} again={() => void asked.refetch()} />;
  return (
    <Pane title="Equipment">
      {asked.data?.length === 0 && <p className="text-muted">None is known.</p>}
      <ul>
        {asked.data?.map((one) => {
          const to = recordPath("equipment", one.id);
          return (
            <li key={one.id} className="flex min-h-7 flex-wrap items-center gap-x-2">
              {to ? (
                <Link to={to} className="inline-block py-0.5 font-medium hover:underline">
                  {one.name}
                </Link>
              ) : (
                <span className="font-medium">{one.name}</span>
              )}
              {one.location && <span className="text-muted">{one.location}</span>}
              {one.status === "retired" && <Status status="retired" />}
            </li>
          );
        })}
      </ul>
    </Pane>
  );
}
