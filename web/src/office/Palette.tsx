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
import type { ReactNode } from "react";
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

function Line({
  value,
  icon: Icon,
  onSelect,
  detail,
  children,
}: {
  value: string;
  icon: LucideIcon;
  onSelect: () => void;
  detail?: ReactNode;
  children: ReactNode;
}) {
  return (
    <Command.Item value={value} onSelect={onSelect} className={LINE}>
      <Icon aria-hidden className="size-4 shrink-0 text-muted" />
      <span className="min-w-0 truncate">{children}</span>
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
}: {
  me: Me;
  deeds: readonly Deed[];
  onClose: () => void;
  /** Where one types: what stands in it already stays. */
  box: Box;
  onType: (typed: string) => void;
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

  function leave(what: () => void) {
    onClose();
    what();
  }

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
        {hits.length > 0 && (
          <Command.Group heading="Records">
            {hits.map((hit) => (
              <Line
                key={hit.id}
                value={hit.id}
                icon={ICONS[hit.entity] ?? Search}
                detail={hit.subtitle || words(hit.entity)}
                onSelect={() => leave(() => void go(recordPath(hit.entity, hit.id) ?? "/"))}
              >
                {hit.title}
              </Line>
            ))}
          </Command.Group>
        )}
        {actions.length + doable.length > 0 && (
          <Command.Group heading="Actions">
            {actions.map((place) => (
              <Line
                key={place.words}
                value={place.words}
                icon={place.icon}
                detail={place.keys}
                onSelect={() => leave(() => void go(place.to))}
              >
                {place.words}
              </Line>
            ))}
            {doable.map((deed) => (
              <Line
                key={deed.words}
                value={deed.words}
                icon={deed.icon}
                detail={deed.keys}
                onSelect={() => leave(deed.do)}
              >
                {deed.words}
              </Line>
            ))}
          </Command.Group>
        )}
        {pages.length + sections.length > 0 && (
          <Command.Group heading="Go to">
            {pages.map((place) => (
              <Line
                key={place.to}
                value={`page ${place.to}`}
                icon={place.icon}
                detail={place.keys}
                onSelect={() => leave(() => void go(place.to))}
              >
                {place.words}
              </Line>
            ))}
            {sections.map((one) => (
              <Line
                key={one.key}
                value={`page ${sectionPath(one.key)}`}
                icon={Settings}
                detail="Settings"
                onSelect={() => leave(() => void go(sectionPath(one.key)))}
              >
                {one.words}
              </Line>
            ))}
          </Command.Group>
        )}
      </Command.List>
      {hits.length + pages.length + sections.length + actions.length + doable.length === 0 && (
        <p role="status" className="px-4 pb-4 text-muted">
          {found.error
            ? found.error.message
            : found.isFetching || asked !== typed.trim()
              ? "Searching…"
              : `Nothing is called “${typed.trim()}”.`}
        </p>
      )}
    </Command>
  );
}
