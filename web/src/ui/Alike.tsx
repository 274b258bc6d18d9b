/** What may be here already, said before it is here twice. */

import { TriangleAlert } from "lucide-react";
import type { ReactNode } from "react";
import { Button } from "./Button";

export interface Like {
  id: string;
  name: string;
  /** What it has in common, or is told from others by. */
  about?: ReactNode;
}

export interface AlikeProps {
  they: readonly Like[];
  /** "They may be here already". */
  words: string;
  /** What choosing one means: "This is them". */
  choose: string;
  onChoose: (id: string) => void;
}

export function Alike({ they, words, choose, onChoose }: AlikeProps) {
  if (they.length === 0) return null;
  return (
    <div role="status" className="rounded-md border border-line bg-warn-wash p-3">
      <p className="flex items-center gap-2 font-medium text-warn">
        <TriangleAlert aria-hidden className="size-4" /> {words}
      </p>
      <ul className="mt-2 flex flex-col gap-1">
        {they.map((one) => (
          <li key={one.id} className="flex items-center justify-between gap-3">
            <span className="min-w-0 truncate">
              <span className="font-medium">{one.name}</span> {one.about}
            </span>
            <Button onClick={() => onChoose(one.id)}>{choose}</Button>
          </li>
        ))}
      </ul>
    </div>
  );
}
