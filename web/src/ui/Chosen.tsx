/** Who or what has been chosen, one beside the other; each can be taken out again. */

import { X } from "lucide-react";
import { Button } from "./Button";

interface Props<T> {
  label: string;
  all: readonly T[];
  onAll: (left: T[]) => void;
}

export function Chosen<T extends { id: string; text: string }>({ label, all, onAll }: Props<T>) {
  if (all.length === 0) return null;
  return (
    <ul aria-label={label} className="flex flex-wrap gap-1.5">
      {all.map((one) => (
        <li key={one.id} className="inline-flex items-center gap-1 rounded bg-sunken pl-2">
          {one.text}
          <Button
            look="plain"
            aria-label={`Without ${one.text}`}
            className="h-6! w-6 px-0! pointer-coarse:h-11! pointer-coarse:w-11"
            onClick={() => onAll(all.filter((other) => other.id !== one.id))}
          >
            <X aria-hidden className="size-3" />
          </Button>
        </li>
      ))}
    </ul>
  );
}
