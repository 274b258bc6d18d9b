/** An event: who and what takes part, from when until when, where, and whether it repeats. What somebody is booked for
 * otherwise is said, and what was entered stays. */

import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { api, ask, askEvery, Problem, type Schemas } from "@/api/client";
import { useKeys } from "@/api/keys";
import { pageOf } from "@/api/verb";
import { Button } from "@/ui/Button";
import { Chosen } from "@/ui/Chosen";
import { Combobox, type Option } from "@/ui/Combobox";
import { Dialog } from "@/ui/Dialog";
import { Failed } from "@/ui/Failed";
import { Field } from "@/ui/Field";
import { finding } from "@/ui/filters";
import { Select } from "@/ui/Select";
import { Textarea } from "@/ui/Textarea";
import { useUnsaved } from "@/ui/useUnsaved";
import { Wrong } from "@/ui/Wrong";
import { instantOf, wallOf } from "@/ui/wall";
import * as clock from "./clock";
import { add, callOff, change, type Event, KINDS, type Kind, type Of } from "./events";
import { HOUR } from "./geometry";
import { stage } from "./holding";
import { at } from "./picture";
import { refusal } from "./refusing";
import { choicesOf, type Every, inWords, ruleOf } from "./repeating";
import { pictured } from "./store";

interface Taking extends Option {
  what: "technician" | "vehicle";
}

interface Where extends Option {
  site: string | null;
}

interface Props {
  id: string | null;
  lane?: string | null;
  start?: number;
  onClose: () => void;
}

export default function EventLayer({ id, lane = null, start = 0, onClose }: Props) {
  const asked = useQuery({
    queryKey: ["events", id],
    enabled: id !== null,
    gcTime: 0,
    staleTime: Number.POSITIVE_INFINITY, // what one has begun to change stays as it is
    queryFn: () => ask(api.GET("/api/v2/events/{id}", { params: { path: { id: id ?? "" } } })),
  });
  if (id === null) return <Form event={null} lane={lane} start={start} onClose={onClose} />;
  if (asked.data && !stage.moves) return <Facts event={asked.data} onClose={onClose} />;
  if (asked.data) return <Form event={asked.data} lane={null} start={0} onClose={onClose} />;
  return (
    <Dialog open onClose={onClose} title="Event">
      {asked.error ? (
        <Failed error={asked.error} again={() => void asked.refetch()} />
      ) : (
        <p aria-busy="true" className="text-muted">
          Reading the event…
        </p>
      )}
    </Dialog>
  );
}

const names = (event: Event): string =>
  [...event.technicians, ...event.vehicles].map((one) => one.name).join(", ");

/** For whoever may look and not plan. */
function Facts({ event, onClose }: { event: Event; onClose: () => void }) {
  const zone = pictured().meta.time_zone;
  const begins = at(event.starts_at);
  return (
    <Dialog
      open
      onClose={onClose}
      title={event.title}
      about={`${KINDS[event.kind]}, ${clock.told(begins, at(event.ends_at), zone, zone)}`}
    >
      <div className="flex flex-col gap-1">
        {event.place && <p>{event.place}</p>}
        <p>{names(event)}</p>
        {event.repeats && <p className="text-muted">{inWords(event.repeats)}</p>}
        {event.description && <p className="whitespace-pre-wrap">{event.description}</p>}
      </div>
    </Dialog>
  );
}

const EACH: readonly { value: Of; text: string }[] = [
  { value: "this", text: "This event alone" },
  { value: "following", text: "This one and those that follow" },
  { value: "all", text: "All that are to come" },
];

interface Entered {
  kind: Kind;
  /** Null: as the kind is called. */
  title: string | null;
  /** By the clock of the office: `2026-11-23`, `09:00`. */
  day: string;
  from: string;
  lastDay: string;
  to: string;
  taking: Taking[];
  where: Where | null;
  description: string;
  every: Every;
  until: string;
}

function begun(event: Event | null, lane: string | null, start: number): Entered {
  const { meta, lanes } = pictured();
  const zone = meta.time_zone;
  const from = wallOf(event?.starts_at ?? start, zone);
  const to = wallOf(event?.ends_at ?? start + HOUR, zone);
  const what = meta.by === "vehicles" ? "vehicle" : "technician";
  const named = lane ? lanes[lane] : undefined;
  const taking: Taking[] = event
    ? [
        ...event.technicians.map((one) => ({ id: one.id, text: one.name, what: "technician" as const })),
        ...event.vehicles.map((one) => ({ id: one.id, text: one.name, what: "vehicle" as const })),
      ]
    : named
      ? [{ id: named.id, text: named.name, what }]
      : [];
  return {
    kind: event?.kind ?? "meeting",
    title: event?.title ?? null,
    day: from.slice(0, 10),
    from: from.slice(11),
    lastDay: to.slice(0, 10),
    to: to.slice(11),
    taking,
    where: event?.place ? { id: event.place, text: event.place, site: null } : null,
    description: event?.description ?? "",
    every: "never",
    until: clock.plusDays(from.slice(0, 10), 91),
  };
}

/** What was changed of the place: nothing, or all of it. */
function placeOf(where: Where | null, before: Where | null): Schemas["EventPatch"] {
  if (where === before) return {};
  if (where?.site) return { site_id: where.site, place: null };
  return { place: where?.text ?? null, latitude: null, longitude: null };
}

const ids = (all: readonly Taking[], what: Taking["what"]): string[] =>
  all.filter((one) => one.what === what).map((one) => one.id);

interface FormProps {
  event: Event | null;
  lane: string | null;
  start: number;
  onClose: () => void;
}

function Form({ event, lane, start, onClose }: FormProps) {
  const zone = pictured().meta.time_zone;
  const [first] = useState(() => begun(event, lane, start));
  const [now, setNow] = useState(first);
  const [of, setOf] = useState<Of>("this");
  const [version, setVersion] = useState(event?.version ?? 0);
  const [busy, setBusy] = useState<"save" | "off" | null>(null);
  const [wrong, setWrong] = useState<unknown>(null);
  const keyOf = useKeys();
  const unsaved = useUnsaved(JSON.stringify(now) !== JSON.stringify(first) && busy === null);
  const close = () => unsaved.leave(onClose);
  const put = (changes: Partial<Entered>) => setNow((all) => ({ ...all, ...changes }));
  const title = (now.title ?? KINDS[now.kind]).trim();

  async function save() {
    if (busy) return;
    setBusy("save");
    setWrong(null);
    try {
      await send();
      unsaved.let();
      onClose();
    } catch (error) {
      failed(error);
    }
  }

  async function send(): Promise<void> {
    const times = {
      starts_at: instantOf(`${now.day}T${now.from}`, zone),
      ends_at: instantOf(`${now.lastDay}T${now.to}`, zone),
    };
    const who = { technician_ids: ids(now.taking, "technician"), vehicle_ids: ids(now.taking, "vehicle") };
    const description = now.description.trim() || null;
    if (!event) {
      const repeats = ruleOf(now.every, now.day, now.until);
      const where = now.where?.site ? { site_id: now.where.site } : { place: now.where?.text ?? null };
      const body = { title, kind: now.kind, ...times, ...who, ...where, description, repeats };
      return add(body, keyOf(body));
    }
    const moved = wallsOf(now) !== wallsOf(first);
    const body: Schemas["EventPatch"] = {
      ...(title !== event.title ? { title } : {}),
      ...(now.kind !== event.kind ? { kind: now.kind } : {}),
      ...(moved ? times : {}),
      ...(now.taking !== first.taking ? who : {}),
      ...placeOf(now.where, first.where),
      ...(description !== event.description ? { description } : {}),
    };
    if (Object.keys(body).length === 0) return undefined;
    return change({ ...event, version }, body, of);
  }

  async function off() {
    if (busy || !event) return;
    setBusy("off");
    setWrong(null);
    try {
      await callOff(event, of);
      unsaved.let();
      onClose();
    } catch (error) {
      failed(error);
    }
  }

  function failed(error: unknown) {
    const current = error instanceof Problem && error.status === 412 ? error.body.current : undefined;
    // it is said that somebody was quicker: whoever goes on has seen that
    if (current) setVersion((current as Event).version);
    setWrong(error);
    setBusy(null);
  }

  const fault = (...fields: string[]) => faultUnder(wrong, fields);
  const faults = {
    title: fault("title"),
    starts: fault("starts_at"),
    ends: fault("ends_at"),
    who: fault("technician_ids", "vehicle_ids"),
    where: fault("place", "site_id", "latitude", "longitude"),
    description: fault("description"),
    repeats: fault("repeats"),
  };
  const beside = wrong && !Object.values(faults).some(Boolean) ? said(wrong) : null;
  return (
    <Dialog
      open
      onClose={close}
      title={event ? event.title : "New event"}
      about={event?.repeats ? inWords(event.repeats) : "It takes the time of whoever takes part."}
      actions={
        <>
          {event && (
            <Button look="danger" className="mr-auto" busy={busy === "off"} onClick={() => void off()}>
              Call it off
            </Button>
          )}
          <Button onClick={close}>Not now</Button>
          <Button
            look="primary"
            type="submit"
            form="event"
            busy={busy === "save"}
            disabled={now.taking.length === 0}
          >
            {event ? "Save" : "Set it"}
          </Button>
        </>
      }
    >
      <form
        id="event"
        className="grid grid-cols-2 gap-3"
        onSubmit={(submitted) => {
          submitted.preventDefault();
          void save();
        }}
      >
        <Select
          label="Kind"
          choices={(Object.keys(KINDS) as Kind[]).map((value) => ({ value, text: KINDS[value] }))}
          value={now.kind}
          onChange={({ target }) => put({ kind: target.value as Kind })}
        />
        <Field
          label="Title"
          required
          autoFocus
          maxLength={200}
          autoComplete="off"
          value={now.title ?? KINDS[now.kind]}
          error={faults.title}
          onFocus={({ target }) => now.title === null && target.select()}
          onChange={({ target }) => put({ title: target.value })}
        />
        <Field
          label="Day"
          type="date"
          required
          value={now.day}
          error={faults.starts}
          onChange={({ target }) => put({ day: target.value, lastDay: alongWith(now, target.value) })}
        />
        <Field
          label="From"
          type="time"
          required
          value={now.from}
          onChange={({ target }) => put({ from: target.value, ...later(now, target.value) })}
        />
        <Field
          label="Until"
          type="date"
          required
          min={now.day}
          value={now.lastDay}
          error={faults.ends}
          onChange={({ target }) => put({ lastDay: target.value })}
        />
        <Field
          label="To"
          type="time"
          required
          value={now.to}
          onChange={({ target }) => put({ to: target.value })}
        />
        <Who taking={now.taking} onTaking={(taking) => put({ taking })} error={faults.who} />
        <Combobox<Where>
          className="col-span-2"
          label="Place (optional)"
          hint={now.where?.site ? "People drive there and back." : undefined}
          value={now.where}
          error={faults.where}
          placeholder="A site, or a few words"
          queryKey={["sites", "for-events"]}
          load={places}
          make={{
            text: (typed) => `“${typed}”, without a drive there`,
            do: (typed) => put({ where: { id: typed, text: typed, site: null } }),
          }}
          onChange={(where) => put({ where })}
        />
        <Textarea
          className="col-span-2"
          label="What about (optional)"
          rows={2}
          maxLength={10_000}
          value={now.description}
          error={faults.description}
          onChange={({ target }) => put({ description: target.value })}
        />
        {!event && (
          <>
            <Select
              className={now.every === "never" ? "col-span-2" : ""}
              label="Repeats"
              choices={now.day ? choicesOf(now.day) : []}
              value={now.every}
              error={faults.repeats}
              onChange={({ target }) => put({ every: target.value as Every })}
            />
            {now.every !== "never" && (
              <Field
                label="The last time by"
                type="date"
                required
                min={now.day}
                value={now.until}
                onChange={({ target }) => put({ until: target.value })}
              />
            )}
          </>
        )}
        {event?.series_id && (
          <Select
            className="col-span-2"
            label="Change or call off"
            choices={EACH}
            value={of}
            onChange={({ target }) => setOf(target.value as Of)}
          />
        )}
        {beside && (
          <div className="col-span-2">
            <Wrong>{beside}</Wrong>
          </div>
        )}
      </form>
      {unsaved.dialog}
    </Dialog>
  );
}

const wallsOf = ({ day, from, lastDay, to }: Entered): string => [day, from, lastDay, to].join();

/** The last day goes along with the first. */
function alongWith(now: Entered, day: string): string {
  const [was, last, next] = [now.day, now.lastDay, day].map((one) => Date.parse(`${one}T00:00:00Z`)) as [
    number,
    number,
    number,
  ];
  if (![was, last, next].every(Number.isFinite)) return day;
  return new Date(next + Math.max(0, last - was)).toISOString().slice(0, 10);
}

/** A later beginning takes the end along, as long as both are on one day. */
function later(now: Entered, from: string): Partial<Entered> {
  const minutes = (time: string) => Number(time.slice(0, 2)) * 60 + Number(time.slice(3, 5));
  if (!from || !now.from || !now.to || now.day !== now.lastDay) return {};
  const end = minutes(from) + minutes(now.to) - minutes(now.from);
  if (end <= 0 || end >= 24 * 60) return {};
  return { to: `${String(Math.floor(end / 60)).padStart(2, "0")}:${String(end % 60).padStart(2, "0")}` };
}

/** What the server has against one of these fields, or something within it. */
function faultUnder(error: unknown, fields: readonly string[]): string | undefined {
  if (!(error instanceof Problem)) return undefined;
  return error.faults.find((one) =>
    fields.some((name) => one.pointer === `/${name}` || one.pointer?.startsWith(`/${name}/`)),
  )?.detail;
}

const said = (error: unknown): string =>
  error instanceof Problem && error.status === 412
    ? "Somebody has changed this event meanwhile. What you entered is still here; save once more to put it in place of theirs."
    : refusal(error);

async function places(typed: string, signal: AbortSignal): Promise<Where[]> {
  const words = finding(typed, ["name", "street", "city", "postal_code"]);
  const query = { limit: 8, ...(words.length ? { filter: JSON.stringify({ and: words }) } : {}) };
  const found = await pageOf("/api/v2/sites", query, { signal });
  return found.data.map((one) => ({ id: one.id, text: one.address, detail: one.name, site: one.id }));
}

interface WhoProps {
  taking: Taking[];
  onTaking: (taking: Taking[]) => void;
  error: string | undefined;
}

function Who({ taking, onTaking, error }: WhoProps) {
  const vehicles = useQuery({
    queryKey: ["vehicles", "all"],
    staleTime: 60_000,
    queryFn: () =>
      askEvery((from) =>
        api.GET("/api/v2/vehicles", { params: { query: { limit: 200, sort: "name", ...from } } }),
      ),
  });

  async function load(typed: string, signal: AbortSignal): Promise<Taking[]> {
    const conditions = [
      { field: "active", op: "eq", value: true },
      ...(typed ? [{ field: "name", op: "contains", value: typed }] : []),
    ];
    const filter = JSON.stringify({ and: conditions });
    const people = await pageOf("/api/v2/technicians", { filter, sort: "name", limit: 20 }, { signal });
    const vans = (vehicles.data ?? []).filter((one) => one.name.toLowerCase().includes(typed.toLowerCase()));
    const all: Taking[] = [
      ...people.data.map((one) => ({ id: one.id, text: one.name, what: "technician" as const })),
      ...vans.map((one) => ({ id: one.id, text: one.name, detail: "Vehicle", what: "vehicle" as const })),
    ];
    return all.filter((one) => !taking.some((other) => other.id === one.id));
  }

  return (
    <div className="col-span-2 flex flex-col gap-1.5">
      <Chosen label="Who and what takes part" all={taking} onAll={onTaking} />
      <Combobox<Taking>
        label={taking.length > 0 ? "And with them" : "Who or what takes part"}
        value={null}
        error={error}
        placeholder="A technician or a vehicle"
        queryKey={["events", "taking-part", vehicles.dataUpdatedAt, taking.map((one) => one.id)]}
        load={load}
        nothing={(typed) => `Nobody else here is called “${typed}”.`}
        onChange={(chosen) => chosen && onTaking([...taking, chosen])}
      />
    </div>
  );
}
