/** Nothing is here: what it would be, why there is none, and one thing to do about it. */

import type { LucideIcon } from "lucide-react";
import type { ReactNode } from "react";

export function EmptyState({
  icon: Icon,
  title,
  children,
  action,
}: {
  icon?: LucideIcon;
  title: string;
  children?: ReactNode;
  action?: ReactNode;
}) {
  return (
    <div className="mx-auto flex max-w-md flex-col items-center gap-1 px-6 py-12 text-center">
      {Icon && <Icon aria-hidden className="mb-2 size-6 text-muted" />}
      <p className="font-medium">{title}</p>
      {children && <p className="text-balance text-muted">{children}</p>}
      {action && <div className="mt-3">{action}</div>}
    </div>
  );
}
