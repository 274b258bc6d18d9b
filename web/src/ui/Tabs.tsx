/** Several views of one thing, one of them shown. Which one is the caller's: it belongs into the address. */

import { Tabs as Radix } from "radix-ui";
import type { ReactNode } from "react";

export interface Tab {
  key: string;
  text: string;
  /** How many are in it. */
  count?: number | undefined;
  content: ReactNode;
}

export function Tabs({
  label,
  tabs,
  at,
  onChange,
}: {
  label: string;
  tabs: readonly Tab[];
  at: string;
  onChange: (key: string) => void;
}) {
  return (
    <Radix.Root value={at} onValueChange={onChange} className="flex min-h-0 flex-1 flex-col">
      <Radix.List
        aria-label={label}
        className="flex shrink-0 gap-4 overflow-x-auto border-line border-b px-4"
      >
        {tabs.map(({ key, text, count }) => (
          <Radix.Trigger
            key={key}
            value={key}
            className="-mb-px flex h-9 items-center gap-1.5 whitespace-nowrap border-transparent border-b-2 text-muted hover:text-ink data-[state=active]:border-accent data-[state=active]:font-medium data-[state=active]:text-ink pointer-coarse:h-11"
          >
            {text}
            {count !== undefined && (
              <span className="tabular rounded-full bg-sunken px-1.5 text-muted text-sm">{count}</span>
            )}
          </Radix.Trigger>
        ))}
      </Radix.List>
      {tabs.map(({ key, content }) => (
        <Radix.Content key={key} value={key} className="min-h-0 flex-1 overflow-auto">
          {content}
        </Radix.Content>
      ))}
    </Radix.Root>
  );
}
