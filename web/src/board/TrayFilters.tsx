/** To what the tray is narrowed, and in which order. Drawn anew only when that changes: the tray is read again with
 * each change of the board, and fields that are drawn anew have the whole of it laid out. */

import { memo } from "react";
import { useTerritories } from "@/sites/territories";
import { INPUT } from "@/ui/Field";

export interface Narrowed {
  q: string;
  /** An id, or "" for all. */
  territory: string;
  /** "" for any. */
  priority: string;
  sort: "when" | "age" | "priority";
}

interface Props {
  now: Narrowed;
  onChange: (changed: Partial<Narrowed>) => void;
}

export const TrayFilters = memo(function TrayFilters({ now, onChange }: Props) {
  const territories = useTerritories();
  return (
    <div className="tray-filters">
      <input
        type="search"
        aria-label="Find in the tray"
        placeholder="Find in the tray"
        className={INPUT}
        value={now.q}
        onChange={(event) => onChange({ q: event.target.value })}
      />
      <select
        aria-label="Territory"
        className={INPUT}
        value={now.territory}
        onChange={(event) => onChange({ territory: event.target.value })}
      >
        <option value="">All territories</option>
        {territories.data?.map((one) => (
          <option key={one.id} value={one.id}>
            {one.name}
          </option>
        ))}
      </select>
      <select
        aria-label="Priority"
        className={INPUT}
        value={now.priority}
        onChange={(event) => onChange({ priority: event.target.value })}
      >
        <option value="">Any priority</option>
        <option value="emergency">Emergency</option>
        <option value="high">High</option>
        <option value="normal">Normal</option>
        <option value="low">Low</option>
      </select>
      <select
        aria-label="Sort"
        className={INPUT}
        value={now.sort}
        onChange={(event) => onChange({ sort: event.target.value as Narrowed["sort"] })}
      >
        <option value="when">Soonest first</option>
        <option value="age">Waiting longest</option>
        <option value="priority">Most urgent</option>
      </select>
    </div>
  );
});
