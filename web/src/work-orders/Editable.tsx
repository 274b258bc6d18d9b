/** What can be said differently in place: pressed, written over, kept; and taken back. */

import { Pencil } from "lucide-react";
import { type KeyboardEvent, useState } from "react";
import { Problem } from "@/api/client";
import { Button } from "@/ui/Button";
import { INPUT } from "@/ui/Labelled";
import { Select } from "@/ui/Select";
import { toast } from "@/ui/toast";
import { Changed } from "./Changed";
import { change, type Patch, PRIORITIES, type Priority, useKnown, type WorkOrder } from "./work";

/** Saves fields of a work order, offers to take it back, and shows what somebody faster has changed. */
export function useSaving(order: WorkOrder) {
  const know = useKnown();
  const [busy, setBusy] = useState(false);
  const [wrong, setWrong] = useState<string | undefined>();
  const [stale, setStale] = useState<{ current: WorkOrder; body: Patch } | null>(null);

  async function save(body: Patch, over: WorkOrder = order): Promise<boolean> {
    setBusy(true);
    setWrong(undefined);
    setStale(null);
    const fields = Object.keys(body) as (keyof Patch & keyof WorkOrder)[];
    const before = Object.fromEntries(fields.map((field) => [field, over[field]])) as Patch;
    try {
      const now = await change(over, body);
      know(now);
      toast({
        text: `The ${fields.join(" and ").replaceAll("_", " ")} of ${now.number} is changed.`,
        undo: async () => know(await change(now, before)),
      });
      return true;
    } catch (error) {
      if (error instanceof Problem && error.status === 412 && error.body.current) {
        setStale({ current: error.body.current as WorkOrder, body });
      } else {
        const fault = error instanceof Problem ? error.faults[0]?.detail : undefined;
        setWrong(fault ?? (error instanceof Error ? error.message : String(error)));
      }
      return false;
    } finally {
      setBusy(false);
    }
  }

  const layer = stale && (
    <Changed
      before={order}
      current={stale.current}
      nevertheless={() => void save(stale.body, stale.current)}
      onClose={() => {
        know(stale.current);
        setStale(null);
      }}
    />
  );
  return { save, busy, wrong, layer };
}

export function EditableText({
  order,
  field,
  label,
  empty,
  long,
  may,
}: {
  order: WorkOrder;
  field: "summary" | "description";
  label: string;
  /** Said where there is nothing. */
  empty: string;
  long?: boolean;
  may: boolean;
}) {
  const [typed, setTyped] = useState<string | null>(null);
  const { save, busy, wrong, layer } = useSaving(order);
  const value = order[field] ?? "";

  async function keep() {
    const text = (typed ?? "").trim();
    if (text === value) return setTyped(null);
    const body: Patch = field === "summary" ? { summary: text } : { description: text || null };
    if (await save(body)) setTyped(null);
  }

  function onKeyDown(event: KeyboardEvent) {
    if (event.key === "Escape") {
      event.preventDefault();
      event.stopPropagation();
      setTyped(null);
    } else if (event.key === "Enter" && (!long || event.metaKey || event.ctrlKey)) {
      event.preventDefault();
      void keep();
    }
  }

  if (typed === null) {
    return (
      <div className="flex items-start gap-1">
        <p
          className={`min-w-0 flex-1 whitespace-pre-wrap break-words ${value ? (long ? "" : "font-medium") : "text-muted"}`}
        >
          {value || empty}
        </p>
        {may && (
          <Button
            look="plain"
            aria-label={`Edit the ${label.toLowerCase()}`}
            className="w-control shrink-0 px-0!"
            onClick={() => setTyped(value)}
          >
            <Pencil aria-hidden className="size-3.5 text-muted" />
          </Button>
        )}
        {layer}
      </div>
    );
  }
  const tied = {
    "aria-label": label,
    "aria-invalid": wrong ? (true as const) : undefined,
    value: typed,
    autoFocus: true,
    onKeyDown,
    onChange: (event: { target: { value: string } }) => setTyped(event.target.value),
  };
  return (
    <div className="flex flex-col gap-2">
      {long ? (
        <textarea
          {...tied}
          rows={4}
          maxLength={10_000}
          className={`${INPUT} field-sizing-content h-auto! min-h-20 py-1`}
        />
      ) : (
        <input {...tied} maxLength={200} className={INPUT} />
      )}
      {wrong && (
        <p role="alert" className="text-danger text-sm">
          {wrong}
        </p>
      )}
      <div className="flex gap-2">
        <Button look="primary" busy={busy} onClick={() => void keep()}>
          Save
        </Button>
        <Button onClick={() => setTyped(null)}>Cancel</Button>
      </div>
      {layer}
    </div>
  );
}

export function EditablePriority({ order }: { order: WorkOrder }) {
  const { save, busy, wrong, layer } = useSaving(order);
  return (
    <>
      <Select
        label="Priority"
        quiet
        error={wrong}
        disabled={busy}
        className="w-32"
        value={order.priority}
        choices={PRIORITIES}
        onChange={(event) => void save({ priority: event.target.value as Priority })}
      />
      {layer}
    </>
  );
}
