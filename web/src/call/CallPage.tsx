/** The phone rings: who calls, where it is, what is under way, and a time that can be promised, on one page
 * and without the mouse. What was found is in the address, so the page can be left and come back to. */

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { lazy, Suspense, useRef, useState } from "react";
import { useSearchParams } from "react-router";
import { api, ask, Problem } from "@/api/client";
import type { Hold, Sought } from "@/holds/holds";
import { useMe } from "@/identity/me";
import { idFrom } from "@/ui/address";
import { Button } from "@/ui/Button";
import { Combobox } from "@/ui/Combobox";
import { Failed } from "@/ui/Failed";
import { Field } from "@/ui/Field";
import { Page } from "@/ui/Page";
import { Select } from "@/ui/Select";
import { Caller } from "./Caller";
import { CallerCard } from "./CallerCard";
import {
  areMany,
  contactOf,
  type Hit,
  type JobType,
  type Slot,
  useCustomer,
  useJobTypes,
  useSite,
  useSites,
  type Wish,
} from "./calling";
import { Done } from "./Done";
import { Held } from "./Held";
import { NewCaller } from "./NewCaller";
import { type Asked, isOpen, type Promised, usePromise } from "./promising";
import { Times } from "./Times";
import { Whose } from "./Whose";
import { minutes, told } from "./windows";

/** Fetched when it is opened. */
const NewHold = lazy(() => import("@/holds/NewHold"));

const PRIORITIES = [
  { value: "low", text: "Low" },
  { value: "normal", text: "Normal" },
  { value: "high", text: "High" },
  { value: "emergency", text: "Emergency" },
];

/** The box that one comes from to the times. */
const KIND = "kind-of-work";

export default function CallPage() {
  const { me } = useMe();
  const known = useQueryClient();
  const [query, setQuery] = useSearchParams();
  const [making, setMaking] = useState<string | null>(null);
  const [lost, setLost] = useState<Error | null>(null);
  const [job, setJob] = useState<JobType | null>(null);
  const [summary, setSummary] = useState("");
  const [priority, setPriority] = useState<Wish["priority"]>("normal");
  const [promised, setPromised] = useState<Promised | null>(null);
  // a page that is opened by its address leaves the focus where it was
  const [calls, setCalls] = useState(0);
  // whose answers are still of interest: what comes late for another caller is not shown
  const latest = useRef(idFrom(query.get("customer")));
  const hits = useRef(0);
  const [chosen, setChosen] = useState(false);

  const customerId = idFrom(query.get("customer"));
  const workOrderId = idFrom(query.get("work"));
  const contactId = idFrom(query.get("contact"));
  const holdId = idFrom(query.get("hold"));
  // the time for which it is asked how long it is held
  const [holding, setHolding] = useState<{ slot: Slot; zone: string } | null>(null);
  const customer = useCustomer(customerId);
  const contact = useQuery(contactOf(contactId));
  const speaks = contact.data?.customers.some((one) => one.customer.id === customerId) ? contact.data : null;
  const sites = useSites(customerId);
  const jobs = useJobTypes();
  const siteId = idFrom(query.get("site"));
  const listed = sites.data?.find((one) => one.id === siteId);
  const named = useSite(siteId !== null && sites.data && !listed ? siteId : null);
  // a site that was named and is not there is no reason to send somebody to another one
  const [first = null] = sites.data && !areMany(sites.data) ? sites.data : [];
  const site = siteId === null ? first : (listed ?? named.data ?? null);
  const wish: Wish = { workOrderId, jobTypeId: job?.id ?? null, siteId: site?.id ?? null, priority };
  const put = (changes: Record<string, string | null>) =>
    setQuery(
      (before) => {
        for (const [name, value] of Object.entries(changes)) {
          if (value === null) before.delete(name);
          else before.set(name, value);
        }
        return before;
      },
      { replace: true },
    );
  const promise = usePromise((id, whose) => latest.current === whose && put({ work: id }));
  // what was asked and is not answered: it is asked again as it was, or it would be promised twice
  const [open, setOpen] = useState<Asked | null>(null);
  const make = (asked: Asked) =>
    promise.mutate(asked, {
      onSuccess: (made) => latest.current === asked.customerId && setPromised(made),
      onSettled: (_, error) => setOpen(isOpen(error) ? asked : null),
    });
  /** What is held is promised, to whoever is on the phone. */
  const ofHeld = (hold: Hold): Asked => ({
    wish,
    customerId: customerId ?? "",
    slot: hold,
    hold,
    zone: hold.time_zone,
    summary,
    told: speaks?.name ?? customer.data?.name ?? "",
  });
  /** The call is about something else now. */
  function turn(changes: Record<string, string | null>) {
    if (!promise.isPending) promise.reset();
    setOpen(null);
    setHolding(null);
    put({ hold: null, ...changes });
  }

  /** Of nobody: who calls is known, and for whom is to be asked. */
  function start(customer: string | null, site: string | null, contact: string | null = null) {
    clear();
    latest.current = customer;
    setMaking(null);
    put({ customer, site, contact, work: null, hold: null });
    setChosen(true);
  }

  async function take(hit: Hit) {
    setLost(null);
    const mine = ++hits.current;
    const begin = (...those: Parameters<typeof start>) => mine === hits.current && start(...those);
    try {
      if (hit.entity === "customer") return begin(hit.id, null);
      if (hit.entity === "site") {
        const found = await ask(api.GET("/api/v2/sites/{id}", { params: { path: { id: hit.id } } }));
        const party = found.parties.find((one) => one.ends_on === null);
        if (party) return begin(party.customer.id, hit.id);
        return setLost(
          new Error(
            `${found.address} belongs to nobody at present. Look for the customer by name or number.`,
          ),
        );
      }
      const contact = await known.fetchQuery(contactOf(hit.id));
      const [link, ...others] = contact.customers;
      if (link) return begin(others.length === 0 ? link.customer.id : null, null, hit.id);
      setLost(new Error(`${contact.name} speaks for no customer. Look for the customer by name or number.`));
    } catch (error) {
      setLost(error as Error);
    }
  }

  /** Nothing of one call goes into the next. */
  function clear() {
    setPromised(null);
    setJob(null);
    setSummary("");
    setPriority("normal");
    setLost(null);
    setOpen(null);
    setHolding(null);
    promise.reset();
  }

  function next() {
    clear();
    latest.current = null;
    setCalls(calls + 1);
    setQuery({}, { replace: true });
  }

  return (
    <Page title="Call">
      <div className="grid grid-cols-[minmax(0,1fr)] items-start gap-4 p-4 lg:grid-cols-[minmax(0,1fr)_minmax(0,1fr)]">
        <div className="flex flex-col gap-4">
          {making === null ? (
            <Caller
              key={calls}
              closed={customerId !== null}
              words={query.get("q") ?? query.get("phone") ?? ""}
              onWords={(q) => put({ q: q || null, phone: null })}
              onHit={(hit) => void take(hit)}
              onNew={setMaking}
            />
          ) : (
            <NewCaller
              typed={making}
              onMade={start}
              onOther={(id) => start(id, null)}
              onCancel={() => setMaking(null)}
            />
          )}
          {lost && (
            <p role="alert" className="text-danger">
              {lost.message}
            </p>
          )}
          {sites.error && <Failed error={sites.error} again={() => void sites.refetch()} />}
          {customer.error && <Failed error={customer.error} again={() => void customer.refetch()} />}
          {contact.error && <Failed error={contact.error} again={() => void contact.refetch()} />}
          {making === null && customerId === null && contact.data && (
            <Whose contact={contact.data} onChoose={(id) => start(id, null, contactId)} />
          )}
          {making === null && customer.data && (
            <CallerCard
              customer={customer.data}
              sites={sites.data}
              site={site}
              onSite={(id) => turn({ site: id, work: null })}
              workOrderId={workOrderId}
              onWork={(id) => turn({ work: id })}
            />
          )}
        </div>
        {customer.data && making === null && (
          <div className="flex flex-col gap-4">
            {promised ? (
              <Done
                promised={promised}
                organisation={me?.org.name ?? ""}
                onNext={next}
                onUndone={() => {
                  setPromised(null);
                  put({ work: promised.visit.work_order_id });
                }}
              />
            ) : open === null && holdId !== null ? (
              <Held
                id={holdId}
                ours={me?.time_zone ?? "UTC"}
                busy={promise.isPending}
                refused={promise.error?.message ?? null}
                onBook={(hold) => make(ofHeld(hold))}
                onOver={() => turn({})}
              />
            ) : (
              <>
                {open === null && workOrderId === null && (
                  <section aria-label="Work" className="rounded-lg border border-line bg-surface p-4">
                    <h2 className="font-semibold text-lg">What</h2>
                    <div className="mt-2 grid grid-cols-[1fr_9rem] gap-3 max-sm:grid-cols-1">
                      <Combobox
                        key={customerId}
                        label="Kind of work"
                        id={KIND}
                        autoFocus={chosen} // it is what is asked next
                        value={job && { ...job, text: job.name }}
                        onChange={(chosen) => {
                          setJob(chosen);
                        }}
                        queryKey={["job-types", "choice", jobs.dataUpdatedAt]}
                        load={async (typed) =>
                          (jobs.data ?? [])
                            .filter((one) => one.name.toLowerCase().includes(typed.toLowerCase()))
                            .slice(0, 12)
                            .map((one) => ({ ...one, text: one.name, detail: minutes(one.duration_minutes) }))
                        }
                      />
                      <Select
                        label="Priority"
                        value={priority}
                        choices={PRIORITIES}
                        onChange={(event) => setPriority(event.target.value as Wish["priority"])}
                      />
                    </div>
                    <Field
                      className="mt-3"
                      label="What they say (optional)"
                      value={summary}
                      maxLength={200}
                      onChange={(event) => setSummary(event.target.value)}
                    />
                  </section>
                )}
                {open && (
                  <section aria-label="Not answered" className="rounded-lg border border-line bg-surface p-4">
                    <p role="alert" className="text-danger">
                      Truckroll did not answer. It is not known whether{" "}
                      {told(
                        open.slot.window_start,
                        open.slot.window_end,
                        open.zone,
                        me?.time_zone ?? open.zone,
                      )}{" "}
                      was promised; asked again, it is not promised twice.
                    </p>
                    <Button
                      look="primary"
                      className="mt-3"
                      autoFocus
                      busy={promise.isPending}
                      onClick={() =>
                        make({
                          ...open,
                          wish: { ...open.wish, workOrderId: open.wish.workOrderId ?? workOrderId },
                        })
                      }
                    >
                      Ask again
                    </Button>
                  </section>
                )}
                {open === null && promise.error && (
                  <p role="alert" className="rounded-md bg-danger-wash px-3 py-2 text-danger">
                    {promise.error.message}
                    {promise.error instanceof Problem &&
                      promise.error.code === "slot_gone" &&
                      " These are the times there are now."}
                  </p>
                )}
                {open === null && (workOrderId !== null || (job !== null && site !== null)) && (
                  <Times
                    key={JSON.stringify(wish)}
                    wish={wish}
                    after={job && KIND}
                    busy={promise.isPending}
                    onPromise={(slot, zone) =>
                      make({
                        wish,
                        slot,
                        zone,
                        summary,
                        customerId: customer.data.id,
                        told: speaks?.name ?? customer.data.name,
                      })
                    }
                    onHold={(slot, zone) => setHolding({ slot, zone })}
                  />
                )}
                {holding && (
                  <Suspense>
                    <NewHold
                      whose={customer.data.name}
                      sought={soughtOf(wish)}
                      chosen={holding}
                      onHeld={({ data }) => {
                        promise.reset();
                        put({ hold: data.id });
                      }}
                      onClose={() => setHolding(null)}
                    />
                  </Suspense>
                )}
              </>
            )}
          </div>
        )}
      </div>
    </Page>
  );
}

/** What is looked for, as a hold says it. */
const soughtOf = ({ workOrderId, jobTypeId, siteId, priority }: Wish): Sought =>
  workOrderId ? { work_order_id: workOrderId } : { job_type_id: jobTypeId, site_id: siteId, priority };
