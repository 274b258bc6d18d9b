/** How something stands: a word with a sign, so that it can be read without its colour. */

import {
  Ban,
  Check,
  CircleCheck,
  CircleDashed,
  CircleDot,
  CircleX,
  Clock,
  FileText,
  Hand,
  type LucideIcon,
  MapPin,
  Pause,
  Play,
  Send,
  TriangleAlert,
  Truck,
  UserX,
} from "lucide-react";
import type { ReactNode } from "react";
import { cx } from "./cx";

export type Tone =
  | "plain"
  | "good"
  | "warn"
  | "danger"
  | "accent"
  | "scheduled"
  | "dispatched"
  | "working"
  | "paused"
  | "done"
  | "incomplete";

const TONES: Record<Tone, string> = {
  plain: "bg-sunken text-ink",
  good: "bg-good-wash text-good",
  warn: "bg-warn-wash text-warn",
  danger: "bg-danger-wash text-danger",
  accent: "bg-accent-wash text-accent-strong",
  scheduled: "bg-(--s-scheduled) text-(--on-status)",
  dispatched: "bg-(--s-dispatched) text-(--on-status)",
  working: "bg-(--s-working) text-(--on-status)",
  paused: "bg-(--s-paused) text-(--on-status)",
  done: "bg-(--s-done) text-(--on-status)",
  incomplete: "bg-(--s-incomplete) text-(--on-status)",
};

const STATUSES: Record<string, [Tone, LucideIcon]> = {
  // visits
  tentative: ["plain", CircleDashed],
  unscheduled: ["plain", CircleDashed],
  scheduled: ["scheduled", Clock],
  dispatched: ["dispatched", Send],
  en_route: ["working", Truck],
  on_site: ["working", MapPin],
  working: ["working", Play],
  paused: ["paused", Pause],
  completed: ["done", CircleCheck],
  incomplete: ["incomplete", TriangleAlert],
  no_access: ["incomplete", Hand],
  no_show: ["incomplete", UserX],
  canceled: ["plain", CircleX],
  // work orders
  draft: ["plain", FileText],
  ready: ["accent", CircleDot],
  in_progress: ["working", Play],
  on_hold: ["paused", Pause],
  approved: ["good", Check],
  closed: ["done", CircleCheck],
  // invoices and payments
  issued: ["accent", Send],
  partially_paid: ["warn", CircleDot],
  paid: ["good", CircleCheck],
  void: ["plain", Ban],
  succeeded: ["good", CircleCheck],
  // people, jobs, files
  active: ["good", CircleCheck],
  suspended: ["danger", Ban],
  retired: ["done", Ban],
  open: ["accent", CircleDot],
  requested: ["warn", Clock],
  declined: ["danger", CircleX],
  queued: ["plain", Clock],
  running: ["working", Play],
  undoing: ["paused", Play],
  undone: ["plain", CircleX],
  failed: ["danger", TriangleAlert],
  expired: ["plain", Clock],
  revoked: ["plain", Ban],
  accepted: ["good", Check],
  lead: ["accent", CircleDot],
  customer: ["plain", Check],
};

/** "partially_paid" in words: "Partially paid". */
export function words(status: string): string {
  const said = status.replaceAll("_", " ");
  return said.charAt(0).toUpperCase() + said.slice(1);
}

/** Something short with a colour of its own; `Icon` says it a second time. */
export function Badge({
  tone = "plain",
  icon: Icon,
  children,
  className,
}: {
  tone?: Tone;
  icon?: LucideIcon | undefined;
  children: ReactNode;
  className?: string;
}) {
  return (
    <span
      className={cx(
        "inline-flex h-5 items-center gap-1 whitespace-nowrap rounded px-1.5 text-sm",
        TONES[tone],
        className,
      )}
    >
      {Icon && <Icon aria-hidden className="size-3 shrink-0" />}
      {children}
    </span>
  );
}

/** Colours and sign of a status, for what is no badge. */
export function lookOf(status: string): { tone: string; icon: LucideIcon } {
  const [tone, icon] = STATUSES[status] ?? (["plain", CircleDot] as const);
  return { tone: TONES[tone], icon };
}

/** A record's status as the API spells it. */
export function Status({ status, text }: { status: string; text?: string }) {
  const [tone, icon] = STATUSES[status] ?? ["plain", CircleDot];
  return (
    <Badge
      tone={tone}
      icon={icon}
      className={status === "canceled" || status === "void" ? "line-through" : ""}
    >
      {text ?? words(status)}
    </Badge>
  );
}
