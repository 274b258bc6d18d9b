/** A work order as a card: what it is, whose, and when somebody comes. Dragged by its face, or moved by the
 * menu on it, which offers what the server allows. */

import { draggable } from "@atlaskit/pragmatic-drag-and-drop/adapter/element-adapter";
import { MoreHorizontal } from "lucide-react";
import { memo, useEffect, useRef, useState } from "react";
import { Link } from "react-router";
import { Button } from "@/ui/Button";
import { cx } from "@/ui/cx";
import { Menu, MenuItem } from "@/ui/Menu";
import { age } from "./ahead";
import { NextVisit, PriorityMark } from "./columns";
import { type Verb, verbsOf, WORDS } from "./moving";
import { pathOf, type WorkOrder } from "./work";

interface Props {
  order: WorkOrder;
  /** The column it stands in: another than its own while the server is asked. */
  status: WorkOrder["status"];
  writes: boolean;
  begin: (order: WorkOrder, verb: Verb) => void;
}

const same = (one: Props, other: Props) =>
  one.order === other.order && one.status === other.status && one.writes === other.writes;

export const KanbanCard = memo(function KanbanCard({ order, status, writes, begin }: Props) {
  const element = useRef<HTMLLIElement>(null);
  const [held, setHeld] = useState(false);
  const verbs = verbsOf(order);
  const moving = order.status !== status;
  const movable = writes && verbs.length > 0 && !moving;

  useEffect(() => {
    if (!element.current || !movable) return undefined;
    return draggable({
      element: element.current,
      getInitialData: () => ({ order }),
      onDragStart: () => setHeld(true),
      onDrop: () => setHeld(false),
    });
  }, [order, movable]);

  return (
    <li
      ref={element}
      aria-busy={moving}
      className={cx(
        "relative flex flex-col gap-0.5 rounded-md border border-line bg-surface p-2 [contain-intrinsic-size:auto_92px] [content-visibility:auto]",
        "hover:border-line-strong has-[a:focus-visible]:border-accent",
        movable && "cursor-grab",
        (held || moving) && "opacity-60",
      )}
    >
      <div className="flex min-h-6 items-start gap-2 leading-6">
        {/* where both do not fit beside each other, the mark stands beneath the number */}
        <div className="flex min-w-0 flex-1 flex-wrap items-center gap-x-2">
          <Link
            to={pathOf(order.id)}
            data-card
            draggable={false}
            // the whole card is what is pressed
            className="tabular whitespace-nowrap font-medium outline-offset-2 after:absolute after:inset-0"
          >
            {order.number}
          </Link>
          {order.priority !== "normal" && <PriorityMark of={order.priority} />}
        </div>
        <span className="tabular shrink-0 whitespace-nowrap text-muted">{age(order.created_at)}</span>
        {movable && (
          <span className="relative z-1 shrink-0">
            <Menu
              align="end"
              button={
                <Button
                  look="plain"
                  aria-label={`Move ${order.number}`}
                  className="w-6 px-0! pointer-coarse:w-11"
                >
                  <MoreHorizontal aria-hidden className="size-4 text-muted" />
                </Button>
              }
            >
              {verbs.map((one) => (
                <MenuItem key={one} danger={one === "cancel"} onSelect={() => begin(order, one)}>
                  {WORDS[one].text}
                </MenuItem>
              ))}
            </Menu>
          </span>
        )}
      </div>
      <p className="truncate">{order.customer.name}</p>
      <p className="truncate text-muted">{order.summary}</p>
      <p>
        <NextVisit order={order} />
      </p>
    </li>
  );
}, same);
