/** ⌘K: anything found by its name, number, phone or address; pages and actions by their words. */

import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Command } from "cmdk";
import {
  ClipboardList,
  Contact,
  FileText,
  type LucideIcon,
  MapPin,
  Search,
  Settings,
  User,
  Wrench,
} from "lucide-react";
import { useEffect } from "react";
import { useNavigate } from "react-router";
import { api, ask } from "@/api/client";
import type { Me } from "@/identity/me";
import { mayOpen, SECTIONS, sectionPath } from "@/settings/sections";
import { useSettled } from "@/ui/Combobox";
import { words } from "@/ui/Status";
import { ACTIONS, mayGo, PLACES, RECORDS, recordPath } from "./nav";
import type { Box } from "./PaletteDialog";

export interface Deed {
  words: string;
  icon: LucideIcon;
  keys?: string;
  do: () => void;
}

const ICONS: Record<string, LucideIcon> = {
  customer: User,
  contact: Contact,
  site: MapPin,
  equipment: Wrench,
  work_order: ClipboardList,
  invoice: FileText,
  technician: User,
};
const LINE =
  "flex min-h-9 cursor-pointer items-center gap-2.5 rounded px-2 data-[selected=true]:bg-accent-wash pointer-coarse:min-h-11";

/** Whether each word that was typed begins a word of it. */
const fits = (typed: string, said: string) => {
  const begins = said.toLowerCase().split(/\s+/);
  return typed
    .toLowerCase()
    .split(/\s+/)
    .every((word) => begins.some((one) => one.startsWith(word)));
};

interface Found {
  value: string;
  icon: LucideIcon;
  detail?: string | undefined;
  words: string;
  do: () => void;
}

function Line({ value, icon: Icon, detail, words: said, onSelect }: Found & { onSelect: () => void }) {
  return (
    <Command.Item value={value} onSelect={onSelect} className={LINE}>
      <Icon aria-hidden className="size-4 shrink-0 text-muted" />
      <span className="min-w-0 truncate">{said}</span>
      {detail && <span className="ml-auto min-w-0 truncate text-muted text-sm">{detail}</span>}
    </Command.Item>
  );
}

export default function Palette({
  me,
  deeds,
  onClose,
  box,
  onType,
  entered,
  onEntered,
}: {
  me: Me;
  deeds: readonly Deed[];
  onClose: () => void;
  /** Where one types: what stands in it already stays. */
  box: Box;
  onType: (typed: string) => void;
  /** Enter was pressed before this was there: the first of what is found is meant. */
  entered: boolean;
  onEntered: () => void;
}) {
  const typed = box.value;
  const asked = useSettled(typed.trim(), 60);
  const go = useNavigate();
  const kinds = Object.keys(RECORDS).filter((kind) => kind in ICONS);
  const may = me.permissions.includes("search:read") && kinds.length > 0;
  const found = useQuery({
    queryKey: ["search", asked],
    queryFn: ({ signal }) =>
      ask(api.GET("/api/v2/search", { params: { query: { q: asked, limit: 12 } }, signal })),
    enabled: may && asked !== "",
    placeholderData: keepPreviousData,
    staleTime: 30_000,
  });
  const hits = asked ? (found.data?.data ?? []).filter((hit) => recordPath(hit.entity, hit.id)) : [];
  const pages = PLACES.filter((place) => mayGo(me, place) && fits(typed.trim(), place.words));
  // sections of the settings by their own words, or all of them by "settings"
  const sections = SECTIONS.filter(
    (one) =>
      typed.trim() && mayOpen(me, one) && fits(typed.trim(), `${one.words} ${one.also ?? ""} settings`),
  );
  const actions = ACTIONS.filter((place) => mayGo(me, place) && fits(typed.trim(), place.words));
  const doable = deeds.filter((deed) => fits(typed.trim(), deed.words));
  const to = (path: string) => () => void go(path);
  const groups: { heading: string; found: Found[] }[] = [
    {
      heading: "Records",
      found: hits.map((hit) => ({
        value: hit.id,
        icon: ICONS[hit.entity] ?? Search,
        detail: hit.subtitle || words(hit.entity),
        words: hit.title,
        do: to(recordPath(hit.entity, hit.id) ?? "/"),
      })),
    },
    {
      heading: "Actions",
      found: [
        ...actions.map((place) => ({
          value: place.words,
          icon: place.icon,
          detail: place.keys,
          words: place.words,
          do: to(place.to),
        })),
        ...doable.map((deed) => ({ ...deed, value: deed.words, detail: deed.keys })),
      ],
    },
    {
      heading: "Go to",
      found: [
        ...pages.map((place) => ({
          value: `page ${place.to}`,
          icon: place.icon,
          detail: place.keys,
          words: place.words,
          do: to(place.to),
        })),
        ...sections.map((one) => ({
          value: `page ${sectionPath(one.key)}`,
          icon: Settings,
          detail: "Settings",
          words: one.words,
          do: to(sectionPath(one.key)),
        })),
      ],
    },
  ].filter((group) => group.found.length > 0);
  const first = groups[0]?.found[0];
  const searching = may && !found.error && (found.isFetching || asked !== typed.trim());

  function leave(what: () => void) {
    onClose();
    what();
  }

  useEffect(() => {
    if (!entered || searching) return;
    onEntered();
    if (first) leave(first.do);
  });

  return (
    <Command shouldFilter={false} loop label="Find or do">
      <div className="flex items-center gap-2 border-line border-b px-3">
        <Search aria-hidden className="size-4 text-muted" />
        <Command.Input {...box} onValueChange={onType} />
      </div>
      <Command.List
        label="Found"
        className="max-h-[min(26rem,70dvh)] overflow-auto p-1.5 **:[[cmdk-group-heading]]:px-2 **:[[cmdk-group-heading]]:py-1 **:[[cmdk-group-heading]]:text-muted **:[[cmdk-group-heading]]:text-sm"
      >
        {groups.map(({ heading, found: lines }) => (
          <Command.Group key={heading} heading={heading}>
            {lines.map((one) => (
              <Line key={one.value} {...one} onSelect={() => leave(one.do)} />
            ))}
          </Command.Group>
        ))}
      </Command.List>
      {groups.length === 0 && (
        <p role="status" className="px-4 pb-4 text-muted">
          {found.error
            ? found.error.message
            : searching
              ? "Searching…"
              : `Nothing is called “${typed.trim()}”.`}
        </p>
      )}
    </Command>
  );
}
