/** What is kept back of each window: for emergencies, or for whoever books in some way, until some hours before. */

import { useQuery } from "@tanstack/react-query";
import { useRef } from "react";
import { useFieldArray } from "react-hook-form";
import { z } from "zod";
import { api, ask, type Schemas, seen } from "@/api/client";
import { queries } from "@/api/queries";
import { Button } from "@/ui/Button";
import { Failed } from "@/ui/Failed";
import { Field } from "@/ui/Field";
import { Page, Pane } from "@/ui/Page";
import { Select } from "@/ui/Select";
import { Skeleton } from "@/ui/Skeleton";
import { toast } from "@/ui/toast";
import { useEditing } from "@/ui/useEditing";
import { useUnsaved } from "@/ui/useUnsaved";
import { Wrong } from "@/ui/Wrong";
import { overOthers } from "../company/others";
import { whole } from "../entering";
import { Lines } from "../Lines";

type Reserves = Schemas["ReservesOut"];
type Draft = Schemas["ReserveDraft"];

const KEY = ["capacity", "reserves"];
const FOR = [
  { value: "emergency", text: "Emergencies" },
  { value: "high", text: "Urgent work and emergencies" },
  { value: "normal", text: "All but low priority" },
  { value: "low", text: "Any work" },
  { value: "channel", text: "Whoever books by…" },
] as const;

const Line = z
  .object({
    much: whole(1, 100_000, "Type a number, 1 or more."),
    unit: z.enum(["percent", "minutes"]),
    whom: z.enum(FOR.map((one) => one.value)),
    channel: z.string().trim(),
    release_hours: whole(0, 720, "Type hours from 0 to 720."),
  })
  .superRefine((one, told) => {
    if (one.unit === "percent" && one.much > 100) {
      told.addIssue({ code: "custom", path: ["much"], message: "A hundred percent at most." });
    }
    if (one.whom === "channel" && !one.channel) {
      told.addIssue({ code: "custom", path: ["channel"], message: "Type how they book, such as web." });
    }
  })
  .transform(
    ({ much, unit, whom, channel, release_hours }): Draft => ({
      release_hours,
      ...(unit === "percent" ? { percent: much } : { minutes: much }),
      ...(whom === "channel" ? { channel } : { priority: whom }),
    }),
  );
const Entered = z.object({ reserves: z.array(Line) });
type Typed = z.input<typeof Entered>;
type Entered = z.output<typeof Entered>;

const typed = (of: Reserves): Typed => ({
  reserves: of.reserves.map((one) => ({
    much: String(one.percent ?? one.minutes ?? ""),
    unit: one.percent === null ? "minutes" : "percent",
    whom: one.priority ?? "channel",
    channel: one.channel ?? "",
    release_hours: one.release_hours.toString(),
  })),
});

const read = () => ask(api.GET("/api/v2/capacity/reserves"));

export default function ReservesPage() {
  const asked = useQuery({ queryKey: KEY, queryFn: read });
  if (asked.data) return <Form reserves={asked.data} />;
  return (
    <Page title="Kept back">
      {asked.error ? (
        <Failed error={asked.error} again={() => void asked.refetch()} />
      ) : (
        <Skeleton rows={4} label="Opening what is kept back" />
      )}
    </Page>
  );
}

function Form({ reserves }: { reserves: Reserves }) {
  const from = useRef(reserves);

  async function put(wanted: Draft[] | null) {
    from.current = await overOthers(
      (version) =>
        ask(
          api.PUT("/api/v2/capacity/reserves", {
            params: { header: seen(version) },
            body: { reserves: wanted },
          }),
        ),
      from,
      read,
    );
    queries.setQueryData(KEY, from.current);
    void queries.invalidateQueries({ queryKey: ["organisation", "settings"] });
    editing.form.reset(typed(from.current));
    toast({ text: "Saved. What was sold stays sold." });
  }

  const editing = useEditing<Typed, Entered>({
    schema: Entered,
    values: typed(reserves),
    send: (all) => put(all.reserves),
  });
  const { bind, form } = editing;
  const lines = useFieldArray({ control: form.control, name: "reserves" });
  const said = form.watch("reserves");
  const dirty = form.formState.isDirty;
  const unsaved = useUnsaved(dirty);
  return (
    <Page
      title="Kept back"
      about={<span className="max-lg:hidden">A part of each window that ordinary work does not get.</span>}
      actions={
        <>
          {dirty && <Button onClick={() => form.reset(typed(from.current))}>Put back</Button>}
          <Button look="primary" type="submit" form="reserves" busy={editing.busy} disabled={!dirty}>
            {dirty ? "Save" : "Saved"}
          </Button>
        </>
      }
    >
      <form
        id="reserves"
        noValidate
        onSubmit={editing.onSubmit}
        className="flex max-w-3xl flex-col gap-4 p-4"
      >
        <Wrong>{editing.problem}</Wrong>
        <Pane title="Of each window">
          <p className="mb-3 text-muted">
            {reserves.usual
              ? "You have said nothing yet, so this is what everybody begins with."
              : "Without any, all of each window is sold to whoever asks first."}
          </p>
          <Lines
            legend="What is kept"
            keys={lines.fields.map((one) => one.id)}
            count={lines.fields.length}
            adds="Keep something back"
            called="line"
            add={() =>
              lines.append({
                much: "10",
                unit: "percent",
                whom: "emergency",
                channel: "",
                release_hours: "4",
              })
            }
            remove={lines.remove}
            line={(at) => (
              <div className="grid grid-cols-[96px_112px_minmax(0,1fr)_136px] items-start gap-2 max-sm:grid-cols-2">
                <Field label={`How much ${at + 1}`} inputMode="numeric" {...bind(`reserves.${at}.much`)} />
                <Select
                  label="In"
                  choices={[
                    { value: "percent", text: "percent" },
                    { value: "minutes", text: "minutes" },
                  ]}
                  {...bind(`reserves.${at}.unit`)}
                />
                <div className="flex min-w-0 flex-col gap-2">
                  <Select label="For" choices={FOR} {...bind(`reserves.${at}.whom`)} />
                  {said[at]?.whom === "channel" && (
                    <Field
                      label="How they book"
                      placeholder="web"
                      autoComplete="off"
                      {...bind(`reserves.${at}.channel`)}
                    />
                  )}
                </div>
                <Field
                  label="Until (hours before)"
                  inputMode="numeric"
                  {...bind(`reserves.${at}.release_hours`)}
                />
              </div>
            )}
          />
        </Pane>
      </form>
      {unsaved.dialog}
    </Page>
  );
}
