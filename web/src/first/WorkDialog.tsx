/** The kinds of work that one does: those that are usual in the trade, with lengths to correct, and the windows
 * in which one says to arrive. */

import { useRef, useState } from "react";
import { api, ask } from "@/api/client";
import { useKeys } from "@/api/keys";
import { queries } from "@/api/queries";
import { Button } from "@/ui/Button";
import { Checkbox, TICK } from "@/ui/Checkbox";
import { Dialog } from "@/ui/Dialog";
import { Field } from "@/ui/Field";
import { Select } from "@/ui/Select";
import { useSubmit } from "@/ui/useSubmit";
import { Wrong } from "@/ui/Wrong";
import { TRADES, WINDOWS } from "./steps";

interface Kind {
  name: string;
  minutes: string;
  wanted: boolean;
}

const NONE: Kind = { name: "", minutes: "60", wanted: false };

const usual = (trade: string): Kind[] => [
  ...(TRADES.find((one) => one.trade === trade)?.work ?? []).map(([name, minutes]) => ({
    name,
    minutes: String(minutes),
    wanted: true,
  })),
  NONE,
];

export function WorkDialog({ windows, onClose }: { windows: boolean; onClose: () => void }) {
  const keyOf = useKeys();
  const [trade, setTrade] = useState("plumbing");
  const [kinds, setKinds] = useState<Kind[]>(() => usual("plumbing"));
  const [offered, setOffered] = useState(windows);
  // those that were saved before another one was refused are not made again
  const made = useRef(new Set<string>());
  const wanted = kinds.filter((one) => one.wanted && one.name.trim());

  const sending = useSubmit([], async () => {
    for (const one of wanted) {
      const name = one.name.trim();
      if (made.current.has(name)) continue;
      const body = { name, trade, duration_minutes: Number(one.minutes), crew_size: 1 };
      await ask(api.POST("/api/v2/job-types", { body, headers: keyOf(body) }));
      made.current.add(name);
    }
    if (offered && windows && !made.current.has("")) {
      const body = { name: "Half days", windows: WINDOWS };
      await ask(api.POST("/api/v2/arrival-windows", { body, headers: keyOf(body) }));
      made.current.add("");
    }
    void queries.invalidateQueries({ queryKey: ["job-types"] });
    onClose();
  });

  const change = (place: number, to: Partial<Kind>) =>
    setKinds((before) => {
      const next = before.map((one, at) => (at === place ? { ...one, ...to } : one));
      return next.at(-1)?.name ? [...next, NONE] : next;
    });

  return (
    <Dialog
      open
      onClose={onClose}
      title="What work you do"
      about="Usual kinds of your trade, to begin with. Prices and checklists come later."
      actions={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button
            look="primary"
            type="submit"
            form="kinds-of-work"
            busy={sending.busy}
            disabled={wanted.length === 0 && !(offered && windows)}
          >
            Add {wanted.length} {wanted.length === 1 ? "kind" : "kinds"} of work
          </Button>
        </>
      }
    >
      <form id="kinds-of-work" {...sending.form} className="flex flex-col gap-3">
        <Select
          label="Trade"
          choices={TRADES.map((one) => ({ value: one.trade, text: one.text }))}
          value={trade}
          onChange={(event) => {
            setTrade(event.target.value);
            setKinds(usual(event.target.value));
          }}
        />
        <ul aria-label="Kinds of work" className="flex flex-col gap-2">
          {kinds.map((one, place) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: a line is its place; its name is being typed
            <li key={place} className="grid grid-cols-[auto_minmax(0,1fr)_7.5rem] items-center gap-2">
              <input
                type="checkbox"
                className={TICK}
                aria-label={`Add ${one.name || `kind ${place + 1}`}`}
                checked={one.wanted}
                disabled={!one.name.trim()}
                onChange={(event) => change(place, { wanted: event.target.checked })}
              />
              <Field
                quiet
                label={`Kind of work ${place + 1}`}
                placeholder="Another kind of work"
                maxLength={200}
                value={one.name}
                onChange={(event) =>
                  change(place, { name: event.target.value, wanted: event.target.value !== "" })
                }
              />
              <span className="flex items-center gap-1.5">
                <Field
                  quiet
                  label={`Minutes of ${one.name || `kind ${place + 1}`}`}
                  type="number"
                  min={5}
                  max={1440}
                  step={5}
                  required={one.wanted}
                  value={one.minutes}
                  onChange={(event) => change(place, { minutes: event.target.value })}
                />
                <span className="text-muted">min</span>
              </span>
            </li>
          ))}
        </ul>
        {windows && (
          <Checkbox
            label="Offer to arrive in the morning (8 to 12) or in the afternoon (12 to 5)"
            hint="Narrower windows can be offered later, when more people go out."
            checked={offered}
            onChange={(event) => setOffered(event.target.checked)}
          />
        )}
        <Wrong>{sending.beside}</Wrong>
      </form>
    </Dialog>
  );
}
