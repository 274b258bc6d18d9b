/** What was noted of a day: beneath the head of the board what everybody should know, at a name what concerns them. */

import { StickyNote } from "lucide-react";
import { useNotesOf } from "./dayNotes";
import { open } from "./layers";
import { useBoard } from "./store";

/** A sign that something is noted, which opens it. */
export function NoteMark({
  day,
  technician,
  whose,
}: {
  day: string;
  technician: string | null;
  whose: string;
}) {
  const notes = useNotesOf(day, technician);
  if (notes.length === 0) return null;
  const said = notes.map((one) => one.body).join(" · ");
  return (
    <button
      type="button"
      className="note-mark"
      title={said}
      aria-label={`Notes for ${whose}: ${said}`}
      onClick={() => open({ what: "notes", day, technician })}
    >
      <StickyNote size={14} aria-hidden />
      {notes.length > 1 && <span aria-hidden>{notes.length}</span>}
    </button>
  );
}

/** What everybody should know on the day that is shown. */
export function NotesOfDay() {
  const day = useBoard((shown) => shown.picture?.meta.date) ?? "";
  const notes = useNotesOf(day, null);
  if (notes.length === 0) return null;
  return (
    <button
      type="button"
      className="day-notes"
      onClick={() => open({ what: "notes", day, technician: null })}
    >
      <StickyNote size={14} aria-hidden className="mt-0.5 shrink-0" />
      <span className="sr-only">Notes for everybody: </span>
      <span className="line-clamp-2 min-w-0">{notes.map((one) => one.body).join(" · ")}</span>
    </button>
  );
}
