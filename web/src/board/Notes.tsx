/** The notes of a day, of everybody or of one technician: read, written, changed and taken away. */

import { Pencil, Trash2 } from "lucide-react";
import { useState } from "react";
import { Problem } from "@/api/client";
import { useKeys } from "@/api/keys";
import { Button } from "@/ui/Button";
import { Dialog } from "@/ui/Dialog";
import { Failed } from "@/ui/Failed";
import { Select } from "@/ui/Select";
import { Textarea } from "@/ui/Textarea";
import { toast } from "@/ui/toast";
import { faultAt } from "@/ui/useSubmit";
import { useUnsaved } from "@/ui/useUnsaved";
import { Wrong } from "@/ui/Wrong";
import * as clock from "./clock";
import { type DayNote, erase, rewrite, useDayNotes, write } from "./dayNotes";
import { stage } from "./holding";
import { refusal } from "./refusing";
import { pictured } from "./store";

const LONGEST = 2000;

interface Props {
  day: string;
  technician: string | null;
  onClose: () => void;
}

export default function Notes({ day, technician, onClose }: Props) {
  const { data: all, error, refetch } = useDayNotes();
  const { meta, lanes, order } = pictured();
  const [whom, setWhom] = useState(technician ?? "");
  const [text, setText] = useState("");
  const [changed, setChanged] = useState<string | null>(null);
  const unsaved = useUnsaved(text.trim() !== "" || changed !== null);
  const close = () => unsaved.leave(onClose);
  const shown = (all ?? []).filter(
    (one) => one.day === day && (technician === null || one.technician_id === technician),
  );
  const people = meta.by === "technicians" ? order.flatMap((id) => lanes[id] ?? []) : [];
  const name = (id: string | null) => (id === null ? "Everybody" : (lanes[id]?.name ?? "A technician"));
  const date = clock.day(Date.parse(`${day}T12:00:00Z`), "UTC");
  return (
    <Dialog
      open
      onClose={close}
      title={`Notes for ${date}`}
      about={
        technician === null
          ? "What whoever works that day should know."
          : `What ${name(technician)} should know that day.`
      }
    >
      <div className="flex flex-col gap-4">
        {error && !all && <Failed error={error} again={() => void refetch()} />}
        {all && shown.length === 0 && <p className="text-muted">Nobody has written a note.</p>}
        {shown.length > 0 && (
          <ul aria-label="Notes" className="flex flex-col divide-y divide-line">
            {shown.map((note) => (
              <li key={note.id} className="py-2 first:pt-0 last:pb-0">
                <Note
                  note={note}
                  onGone={() => shown.length === 1 && text.trim() === "" && onClose()}
                  about={technician === null ? name(note.technician_id) : null}
                  onChanging={(changing) =>
                    setChanged((was) => (changing ? note.id : was === note.id ? null : was))
                  }
                />
              </li>
            ))}
          </ul>
        )}
        {stage.moves && (
          <New
            day={day}
            whom={whom}
            onWhom={setWhom}
            people={people}
            text={text}
            onText={setText}
            first={shown.length === 0}
            onWritten={() => {
              unsaved.let();
              onClose();
            }}
          />
        )}
      </div>
      {unsaved.dialog}
    </Dialog>
  );
}

function Note({
  note,
  about,
  onGone,
  onChanging,
}: {
  note: DayNote;
  about: string | null;
  onGone: () => void;
  onChanging: (changing: boolean) => void;
}) {
  const [text, setText] = useState<string | null>(null);
  /** As it was when one began to change it, or was told that it is another one. */
  const [seen, setSeen] = useState(note);
  const [busy, setBusy] = useState(false);
  const [wrong, setWrong] = useState<unknown>(null);
  const type = (to: string | null) => {
    setText(to);
    onChanging(to !== null && to.trim() !== note.body);
  };

  async function save() {
    if (busy || text === null) return;
    const body = text.trim();
    if (body === note.body) return type(null);
    setBusy(true);
    setWrong(null);
    try {
      await rewrite(seen, body);
      type(null);
    } catch (error) {
      if (error instanceof Problem && error.status === 412)
        setSeen((error.body.current as DayNote | undefined) ?? note);
      setWrong(error);
    } finally {
      setBusy(false);
    }
  }

  async function remove() {
    setBusy(true);
    try {
      await erase(note);
      onGone();
    } catch (error) {
      toast({ text: refusal(error), tone: "danger" });
      setBusy(false);
    }
  }

  if (text !== null) {
    const fault = faultAt(wrong, "body");
    const other = wrong instanceof Problem && wrong.status === 412;
    return (
      <form
        className="flex flex-col gap-2"
        onSubmit={(event) => {
          event.preventDefault();
          void save();
        }}
      >
        <Textarea
          label={about ? `Note for ${about}` : "Note"}
          autoFocus
          required
          maxLength={LONGEST}
          value={text}
          error={fault}
          onChange={(event) => type(event.target.value)}
        />
        {!fault && wrong ? (
          <Wrong>
            {other
              ? `Somebody has changed it meanwhile: “${seen.body}”. Save once more to replace that.`
              : refusal(wrong)}
          </Wrong>
        ) : null}
        <div className="flex justify-end gap-2">
          <Button onClick={() => type(null)}>Cancel</Button>
          <Button type="submit" look="primary" busy={busy} disabled={text.trim() === ""}>
            Save
          </Button>
        </div>
      </form>
    );
  }
  return (
    <div className="flex items-start gap-2">
      <div className="min-w-0 flex-1">
        {about && <p className="text-muted text-sm">{about}</p>}
        <p className="whitespace-pre-wrap break-words">{note.body}</p>
      </div>
      {stage.moves && (
        <>
          <Button
            look="plain"
            aria-label={`Change the note: ${note.body.slice(0, 40)}`}
            title="Change"
            className="w-control px-0!"
            onClick={() => {
              setSeen(note);
              type(note.body);
            }}
          >
            <Pencil aria-hidden className="size-3.5" />
          </Button>
          <Button
            look="plain"
            aria-label={`Delete the note: ${note.body.slice(0, 40)}`}
            title="Delete"
            className="w-control px-0!"
            busy={busy}
            onClick={() => void remove()}
          >
            <Trash2 aria-hidden className="size-3.5" />
          </Button>
        </>
      )}
    </div>
  );
}

interface NewProps {
  day: string;
  whom: string;
  onWhom: (id: string) => void;
  people: readonly { id: string; name: string }[];
  text: string;
  onText: (text: string) => void;
  first: boolean;
  onWritten: () => void;
}

function New({ day, whom, onWhom, people, text, onText, first, onWritten }: NewProps) {
  const [busy, setBusy] = useState(false);
  const [wrong, setWrong] = useState<unknown>(null);
  const keyOf = useKeys();

  async function add() {
    const body = text.trim();
    if (busy || body === "") return;
    setBusy(true);
    setWrong(null);
    try {
      const note = { day, body, ...(whom ? { technician_id: whom } : {}) };
      await write(note, keyOf(note));
      onWritten();
    } catch (error) {
      setWrong(error);
    } finally {
      setBusy(false);
    }
  }

  const atText = faultAt(wrong, "body");
  const atWhom = faultAt(wrong, "technician_id");
  return (
    <form
      className="flex flex-col gap-2"
      onSubmit={(event) => {
        event.preventDefault();
        void add();
      }}
    >
      <Textarea
        label="New note"
        rows={3}
        autoFocus={first || !matchMedia("(pointer: coarse)").matches}
        maxLength={LONGEST}
        value={text}
        error={atText}
        onChange={(event) => onText(event.target.value)}
        onKeyDown={(event) => {
          if (event.key !== "Enter" || !(event.metaKey || event.ctrlKey)) return;
          event.preventDefault();
          void add();
        }}
      />
      <div className="flex items-end justify-between gap-2">
        {people.length > 0 ? (
          <Select
            label="For"
            className="min-w-0 flex-1"
            choices={people.map((one) => ({ value: one.id, text: one.name }))}
            none="Everybody"
            value={whom}
            error={atWhom}
            onChange={(event) => onWhom(event.target.value)}
          />
        ) : (
          <span />
        )}
        <Button type="submit" look="primary" busy={busy} disabled={text.trim() === ""}>
          Add note
        </Button>
      </div>
      {!atText && !atWhom && wrong ? <Wrong>{refusal(wrong)}</Wrong> : null}
    </form>
  );
}
