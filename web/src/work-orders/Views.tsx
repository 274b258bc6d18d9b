/** The ways in which work orders can be looked at, and the switch between them. Which one it is stands in
 * the address (`as=`), beside the filters that they share. */

import { CalendarDays, Columns3, List, type LucideIcon, Map as MapIcon } from "lucide-react";
import { cx } from "@/ui/cx";

const VIEWS = [
  { as: "list", text: "List", icon: List },
  { as: "board", text: "Board", icon: Columns3 },
  { as: "calendar", text: "Calendar", icon: CalendarDays },
  { as: "map", text: "Map", icon: MapIcon },
] as const satisfies readonly { as: string; text: string; icon: LucideIcon }[];
export type As = (typeof VIEWS)[number]["as"];

/** What an address asks for; the list, where it asks for nothing that there is. */
export const viewOf = (address: URLSearchParams): As =>
  VIEWS.find((one) => one.as === address.get("as"))?.as ?? "list";

export function Views({ at, onChange }: { at: As; onChange: (as: As) => void }) {
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset's look is not a toolbar's
    <div
      role="group"
      aria-label="Look at it as"
      className="flex rounded-md border border-line bg-sunken p-px"
    >
      {VIEWS.map(({ as, text, icon: Icon }) => (
        <button
          key={as}
          type="button"
          aria-pressed={as === at}
          className={cx(
            "flex h-6.5 items-center gap-1.5 rounded-[5px] px-2 pointer-coarse:h-11",
            as === at ? "bg-surface font-medium text-ink shadow-sm" : "text-muted hover:text-ink",
          )}
          onClick={() => onChange(as)}
        >
          <Icon aria-hidden className="size-3.5" />
          <span className="max-sm:sr-only">{text}</span>
        </button>
      ))}
    </div>
  );
}
