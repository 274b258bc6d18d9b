/** A time that is held for whoever is on the phone: how long still, and what becomes of it. */

import { Hourglass } from "lucide-react";
import { useState } from "react";
import { useKeys } from "@/api/keys";
import { extend, type Hold, LONG, release, useHold, useMinutesLeft } from "@/holds/holds";
import { leftWords } from "@/holds/left";
import { Button } from "@/ui/Button";
import { Failed } from "@/ui/Failed";
import { Menu, MenuItem } from "@/ui/Menu";
import { Wrong } from "@/ui/Wrong";
import { told } from "./windows";

interface Props {
  id: string;
  /** The organisation's time zone. */
  ours: string;
  busy: boolean;
  /** Why it was not promised. */
  refused: string | null;
  onBook: (hold: Hold) => void;
  /** It is held no more, or somebody looks for another time. */
  onOver: () => void;
}

export function Held({ id, ours, busy, refused, onBook, onOver }: Props) {
  const asked = useHold(id);
  if (asked.error) return <Failed error={asked.error} again={() => void asked.refetch()} />;
  if (!asked.data) return null;
  return <Card hold={asked.data} {...{ ours, busy, refused, onBook, onOver }} />;
}

function Card({ hold, ours, busy, refused, onBook, onOver }: Omit<Props, "id"> & { hold: Hold }) {
  const left = useMinutesLeft(hold.expires_at);
  const [waits, setWaits] = useState(false);
  const [wrong, setWrong] = useState<string | null>(null);
  const keyOf = useKeys();
  const open = hold.status === "open" && left > 0;

  async function does(what: () => Promise<unknown>, then?: () => void) {
    setWaits(true);
    setWrong(null);
    try {
      await what();
      then?.();
    } catch (error) {
      setWrong((error as Error).message);
    } finally {
      setWaits(false);
    }
  }

  return (
    <section aria-label="Held" className="rounded-lg border border-line bg-surface p-4">
      <p className="flex items-center gap-2 font-medium text-warn">
        <Hourglass aria-hidden size={16} />
        {open ? (
          <span role="timer" className="tabular">
            Held, {leftWords(left)}
          </span>
        ) : (
          <span role="status">
            {hold.status === "booked" ? "It was booked." : "It is held no more. Look for a time again."}
          </span>
        )}
      </p>
      <h2 className="mt-1 font-semibold text-lg">
        {told(hold.window_start, hold.window_end, hold.time_zone, ours)}
      </h2>
      <p className="mt-1 text-muted">
        {hold.job_type.name}, {hold.technicians.map((one) => one.name).join(" and ")}
        {hold.note ? ` · ${hold.note}` : ""}
      </p>
      <Wrong>{wrong ?? refused}</Wrong>
      <div className="mt-3 flex flex-wrap gap-2">
        {open ? (
          <>
            <Button look="primary" autoFocus busy={busy} disabled={waits} onClick={() => onBook(hold)}>
              Promise it
            </Button>
            <Menu button={<Button disabled={busy || waits}>Longer</Button>}>
              {LONG.map((minutes) => (
                <MenuItem
                  key={minutes}
                  onSelect={() =>
                    void does(() => extend(hold.id, minutes, keyOf([hold.id, hold.version, minutes])))
                  }
                >
                  {`${minutes} minutes from now on`}
                </MenuItem>
              ))}
            </Menu>
            <Button busy={waits} disabled={busy} onClick={() => void does(() => release(hold.id), onOver)}>
              Release
            </Button>
          </>
        ) : (
          <Button look="primary" autoFocus onClick={onOver}>
            Look for a time again
          </Button>
        )}
      </div>
    </section>
  );
}
