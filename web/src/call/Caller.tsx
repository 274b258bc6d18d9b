/** Who is on the phone: a number, a name or an address is typed, and whoever it may be stands below. */

import { Building2, MapPin, Search, User } from "lucide-react";
import { useEffect, useId, useRef, useState } from "react";
import { Button } from "@/ui/Button";
import { phone } from "@/ui/phone";
import { useArrows } from "@/ui/useArrows";
import { FEWEST, type Hit, MOST, useHits } from "./calling";

const ICONS = { customer: Building2, contact: User, site: MapPin } as const;
const KINDS = { customer: "Customer", contact: "Contact", site: "Site" } as const;

interface Props {
  words: string;
  /** Somebody is chosen already. */
  closed: boolean;
  onWords: (words: string) => void;
  onHit: (hit: Hit) => void;
  /** Nobody of these: with what was typed. */
  onNew: (typed: string) => void;
}

function found(many: number): string {
  if (many === 0) return "Nobody has this number, name or address.";
  if (many === 1) return "One found. Somebody else?";
  return `${many === MOST ? `The best ${many}` : `${many} found`}. None of these?`;
}

export function Caller({ words, closed, onWords, onHit, onNew }: Props) {
  const [typed, setTyped] = useState(words);
  // whoever was chosen stands below; the others are out of the way until something else is typed
  const [chosen, setChosen] = useState(closed);
  const list = useId();
  const asked = useHits(typed);
  const enough = typed.trim().length >= FEWEST;
  const settled = enough && !asked.isPending && !asked.isPlaceholderData;
  const hits = enough && !chosen ? (asked.data ?? []) : [];
  const offers = settled && !chosen;
  // Enter before the answer had come: of whom it was meant for, or "" for the best of those who will have been found
  const [hurried, setHurried] = useState<string | null>(null);
  const arrows = useArrows(
    hits.length,
    (index) => {
      const hit = hits[index];
      if (hit && settled) choose(hit);
      else setHurried((index > 0 && hit?.id) || "");
    },
    () => {
      if (offers && !asked.error) onNew(typed);
      else if (enough && !settled) setHurried("");
    },
  );

  function choose(hit: Hit) {
    setChosen(true);
    onHit(hit);
  }

  function catchUp() {
    const hit = hurried ? hits.find((one) => one.id === hurried) : hits[0];
    if (hit) choose(hit);
    else if (hurried === "" && offers && !asked.error) onNew(typed);
    setHurried(null);
  }
  const catches = useRef(catchUp);
  catches.current = catchUp;
  useEffect(() => {
    if (hurried !== null && settled) catches.current();
  }, [hurried, settled]);

  return (
    <section aria-label="Caller" className="rounded-lg border border-line bg-surface">
      <div className="flex items-center gap-2 px-3">
        <Search aria-hidden size={16} className="shrink-0 text-muted" />
        <input
          // the page is for this one field: whoever opens it is about to type
          // biome-ignore lint/a11y/noAutofocus: as above
          autoFocus
          role="combobox"
          aria-label="Phone number, name or address"
          aria-expanded={hits.length > 0}
          aria-controls={hits.length ? list : undefined}
          aria-activedescendant={hits.length ? `${list}-${arrows.at}` : undefined}
          autoComplete="off"
          className="h-11 w-full bg-transparent text-lg outline-none placeholder:text-muted"
          placeholder="Phone number, name or address"
          value={typed}
          onChange={(event) => {
            setTyped(event.target.value);
            setChosen(false);
            onWords(event.target.value);
            arrows.meant(0);
            setHurried(null);
          }}
          onKeyDown={arrows.onKeyDown}
        />
      </div>
      {hits.length > 0 && (
        <div id={list} role="listbox" aria-label="Who it may be" className="border-line border-t">
          {hits.map((hit, index) => {
            const Icon = ICONS[hit.entity as keyof typeof ICONS];
            return (
              // biome-ignore lint/a11y/useKeyWithClickEvents: the keys are those of the input above
              // biome-ignore lint/a11y/useFocusableInteractive: the focus stays in the input above
              <div
                key={hit.id}
                id={`${list}-${index}`}
                role="option"
                aria-selected={index === arrows.at}
                className="flex h-11 cursor-pointer items-center gap-3 px-3 hover:bg-sunken aria-selected:bg-accent-wash"
                onClick={() => choose(hit)}
              >
                <Icon aria-hidden size={16} className="shrink-0 text-muted" />
                <span className="truncate font-medium">{hit.title}</span>
                <span className="truncate text-muted">
                  {hit.entity === "site" ? hit.subtitle : phone(hit.subtitle)}
                </span>
                <span className="ml-auto shrink-0 text-muted text-sm">
                  {KINDS[hit.entity as keyof typeof KINDS]}
                </span>
              </div>
            );
          })}
        </div>
      )}
      {/* always there: what is said in it later is heard */}
      <div
        className={
          offers ? "flex items-center justify-between gap-3 border-line border-t px-3 py-2" : "sr-only"
        }
      >
        <p role="status" className="text-muted">
          {offers && !asked.error && found(hits.length)}
        </p>
        {offers && (
          <Button onClick={() => onNew(typed)} look={hits.length === 0 ? "primary" : "normal"}>
            New customer
            {hits.length === 0 && !asked.error && <kbd className="text-sm opacity-80">Enter</kbd>}
          </Button>
        )}
      </div>
      {typed.trim().length < FEWEST && !chosen && (
        <p className="border-line border-t px-3 py-2 text-muted">
          Type at least {FEWEST} digits of the number, or the beginning of a name or a street.
        </p>
      )}
      {asked.error && (
        <p role="alert" className="border-line border-t px-3 py-2 text-danger">
          {asked.error.message}
        </p>
      )}
    </section>
  );
}
