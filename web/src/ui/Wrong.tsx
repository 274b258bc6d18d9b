/** What was refused, in a sentence; nothing when nothing was. */

import type { ReactNode } from "react";

export function Wrong({ children }: { children: ReactNode }) {
  return children ? (
    <p role="alert" className="rounded-md bg-danger-wash px-3 py-2 text-danger">
      {children}
    </p>
  ) : null;
}
