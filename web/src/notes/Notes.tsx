/** Notes on a record: written, and taken away again, by those who may. */

import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { api, ask, askAll, Problem, type Schemas } from "@/api/client";
import { useKeys } from "@/api/keys";
import { queries } from "@/api/queries";
import { useMe } from "@/identity/me";
import { Button } from "@/ui/Button";
import { Failed } from "@/ui/Failed";
import { Select } from "@/ui/Select";
import { Textarea } from "@/ui/Textarea";
import { toast } from "@/ui/toast";
import { When } from "@/ui/When";
import { Wrong } from "@/ui/Wrong";

type Note = Schemas["NoteOut"];
type Audience = Schemas["Audience"];

const AUDIENCES: { value: Audience; text: string }[] = [
  { value: "everyone", text: "For everybody" },
  { value: "office", text: "For the office" },
  { value: "author", text: "Only for me" },
];

export function Notes({ entity, id }: { entity: Schemas["NoteOn"]; id: string }) {
  const { me } = useMe();
  const key = ["notes", entity, id];
  const asked = useQuery({
    queryKey: key,
    queryFn: () =>
      ask(
        api.GET("/api/v2/notes", {
          params: { query: { entity, entity_id: id, sort: "-created_at", limit: 100 } },
        }),
      ).then((page) => page.data),
  });
  const again = () => queries.invalidateQueries({ queryKey: key });
  const may = me?.permissions.includes("notes:write") ?? false;

  async function remove(note: Note) {
    const params = { params: { path: { id: note.id } } };
    try {
      await askAll(api.DELETE("/api/v2/notes/{id}", params));
      await again();
      toast({
        text: "The note was removed.",
        undo: () => ask(api.POST("/api/v2/notes/{id}/restore", params)).then(again),
      });
    } catch (error) {
      toast({ text: (error as Error).message, tone: "danger" });
    }
  }

  if (asked.error) return <Failed error={asked.error} again={() => void asked.refetch()} />;
  return (
    <div className="flex flex-col gap-3">
      {may && <Write entity={entity} id={id} onWritten={again} />}
      {asked.data?.length === 0 && <p className="text-muted">Nobody has written a note.</p>}
      <ul className="flex flex-col gap-3">
        {asked.data?.map((note) => (
          <li key={note.id}>
            <p className="whitespace-pre-line break-words">{note.body}</p>
            <p className="flex flex-wrap items-center gap-x-2 text-muted text-sm">
              {note.author?.name}
              {me && <When at={note.created_at} zone={me.time_zone} shape="full" />}
              {note.audience !== "everyone" && (
                <span>{AUDIENCES.find((one) => one.value === note.audience)?.text}</span>
              )}
              {may && note.author?.id === me?.user.id && (
                <button
                  type="button"
                  className="min-h-6 text-danger hover:underline pointer-coarse:min-h-11"
                  onClick={() => void remove(note)}
                >
                  Remove
                </button>
              )}
            </p>
          </li>
        ))}
      </ul>
    </div>
  );
}

function Write({
  entity,
  id,
  onWritten,
}: {
  entity: Schemas["NoteOn"];
  id: string;
  onWritten: () => Promise<void>;
}) {
  const [body, setBody] = useState("");
  const [audience, setAudience] = useState<Audience>("everyone");
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const keyOf = useKeys();
  const fault =
    error instanceof Problem ? error.faults.find((one) => one.pointer === "/body")?.detail : undefined;

  async function write() {
    setBusy(true);
    setError(null);
    try {
      const note = { entity, entity_id: id, body, audience };
      await ask(api.POST("/api/v2/notes", { body: note, headers: keyOf(note) }));
      setBody("");
      await onWritten();
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
      />
      {body.trim() && (
        <div className="flex items-end gap-2">
          <Select
            label="Who sees it"
            quiet
            className="w-40"
            choices={AUDIENCES}
            value={audience}
            onChange={(event) => setAudience(event.target.value as Audience)}
          />
          <Button type="submit" busy={busy}>
            Add note
          </Button>
        </div>
      )}
      {!fault && error ? <Wrong>{(error as Error).message}</Wrong> : null}
    </form>
  );
}
