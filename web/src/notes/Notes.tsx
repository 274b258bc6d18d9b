/** What people wrote about a record, newest first, and for whom; written, and taken away again, by those who
 * may. */

import { useQuery } from "@tanstack/react-query";
import { Trash2 } from "lucide-react";
import { useState } from "react";
import { api, ask, askAll, onceKey, Problem, type Schemas } from "@/api/client";
import { useKeys } from "@/api/keys";
import { queries } from "@/api/queries";
import { useMe } from "@/identity/me";
import { Button } from "@/ui/Button";
import { Failed } from "@/ui/Failed";
import { Select } from "@/ui/Select";
import { Badge } from "@/ui/Status";
import { Textarea } from "@/ui/Textarea";
import { toast } from "@/ui/toast";
import { When } from "@/ui/When";
import { Wrong } from "@/ui/Wrong";

type Note = Schemas["NoteOut"];
type NoteOn = Schemas["NoteOn"];
type Audience = Schemas["Audience"];

const AUDIENCES: { value: Audience; text: string }[] = [
  { value: "everyone", text: "For everybody" },
  { value: "office", text: "For the office" },
  { value: "author", text: "Only for me" },
];

export function useNotes(entity: NoteOn, id: string) {
  return useQuery({
    queryKey: ["notes", entity, id],
    queryFn: () =>
      ask(
        api.GET("/api/v2/notes", {
          params: { query: { entity, entity_id: id, sort: "-created_at", limit: 100 } },
        }),
      ).then((page) => page.data),
  });
}

/** What was written stands in the record's timeline, too. */
const again = (entity: NoteOn, id: string) =>
  Promise.all(
    [["notes", entity, id], ["stories"]].map((queryKey) => queries.invalidateQueries({ queryKey })),
  );

export function Notes({ entity, id }: { entity: NoteOn; id: string }) {
  const { me } = useMe();
  const asked = useNotes(entity, id);
  const may = me?.permissions.includes("notes:write") ?? false;

  async function remove(note: Note) {
    const params = { path: { id: note.id } };
    try {
      await askAll(api.DELETE("/api/v2/notes/{id}", { params }));
      await again(entity, id);
      toast({
        text: "The note was removed.",
        undo: async () => {
          await ask(api.POST("/api/v2/notes/{id}/restore", { params, headers: onceKey() }));
          await again(entity, id);
        },
      });
    } catch (error) {
      toast({ text: (error as Error).message, tone: "danger" });
    }
  }

  if (asked.error && !asked.data) {
    return <Failed error={asked.error} again={() => void asked.refetch()} />;
  }
  return (
    <div className="flex flex-col gap-3">
      {may && <Write entity={entity} id={id} />}
      {asked.data?.length === 0 && <p className="text-muted">Nobody has written a note.</p>}
      {asked.data && asked.data.length > 0 && (
        <ul className="flex flex-col divide-y divide-line">
          {asked.data.map((note) => (
            <li key={note.id} className="py-2 first:pt-0 last:pb-0">
              <p className="whitespace-pre-wrap break-words">{note.body}</p>
              <p className="flex flex-wrap items-center gap-x-2 text-muted text-sm">
                <span>{note.author?.name ?? "Truckroll"}</span>
                {me && <When at={note.created_at} zone={me.time_zone} shape="full" />}
                {note.audience !== "everyone" && (
                  <Badge>{AUDIENCES.find((one) => one.value === note.audience)?.text}</Badge>
                )}
                {may && me && (note.author?.id === me.user.id || me.record_scope === "all") && (
                  <Button
                    look="plain"
                    aria-label="Remove this note"
                    className="ml-auto w-control px-0!"
                    onClick={() => void remove(note)}
                  >
                    <Trash2 aria-hidden className="size-3.5 text-muted" />
                  </Button>
                )}
              </p>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

function Write({ entity, id }: { entity: NoteOn; id: string }) {
  const [body, setBody] = useState("");
  const [audience, setAudience] = useState<Audience>("everyone");
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const keyOf = useKeys();
  const fault =
    error instanceof Problem ? error.faults.find((one) => one.pointer === "/body")?.detail : undefined;
  const empty = body.trim() === "";

  async function write() {
    if (busy || empty) return;
    setBusy(true);
    setError(null);
    try {
      const note = { entity, entity_id: id, body: body.trim(), audience };
      await ask(api.POST("/api/v2/notes", { body: note, headers: keyOf(note) }));
      // what was typed meanwhile is the next note
      setBody((now) => (now.trim() === note.body ? "" : now));
      await again(entity, id);
    } catch (failed) {
      setError(failed);
    } finally {
      setBusy(false);
    }
  }

  return (
    <form
      className="flex flex-col gap-2"
      onSubmit={(event) => {
        event.preventDefault();
        void write();
      }}
    >
      <Textarea
        label="New note"
        quiet
        rows={2}
        placeholder="Write a note"
        maxLength={10_000}
        value={body}
        error={fault}
        onChange={(event) => setBody(event.target.value)}
        onKeyDown={(event) => {
          if (event.key !== "Enter" || !(event.metaKey || event.ctrlKey)) return;
          event.preventDefault();
          void write();
        }}
      />
      <div className="flex flex-wrap gap-2">
        <Select
          label="Who reads it"
          quiet
          className="w-36"
          choices={AUDIENCES}
          value={audience}
          onChange={(event) => setAudience(event.target.value as Audience)}
        />
        <Button type="submit" busy={busy} disabled={empty}>
          Add note
        </Button>
      </div>
      {!fault && error ? <Wrong>{(error as Error).message}</Wrong> : null}
    </form>
  );
}
