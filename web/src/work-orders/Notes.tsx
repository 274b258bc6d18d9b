/** What people wrote about it, newest first, and for whom. */

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Trash2 } from "lucide-react";
import { useState } from "react";
import { api, ask, onceKey, type Schemas } from "@/api/client";
import { useKeys } from "@/api/keys";
import type { Me } from "@/identity/me";
import { Button } from "@/ui/Button";
import { Failed } from "@/ui/Failed";
import { Pane } from "@/ui/Page";
import { Select } from "@/ui/Select";
import { Badge } from "@/ui/Status";
import { Textarea } from "@/ui/Textarea";
import { toast } from "@/ui/toast";
import { When } from "@/ui/When";
import type { WorkOrder } from "./work";

type Audience = Schemas["Audience"];
type Note = Schemas["NoteOut"];

const AUDIENCES: readonly { value: Audience; text: string }[] = [
  { value: "everyone", text: "For everybody" },
  { value: "office", text: "For the office" },
  { value: "author", text: "For me" },
];

export function Notes({ order, me }: { order: WorkOrder; me: Me }) {
  const known = useQueryClient();
  const keyOf = useKeys();
  const [typed, setTyped] = useState("");
  const [audience, setAudience] = useState<Audience>("everyone");
  const [busy, setBusy] = useState(false);
  const [wrong, setWrong] = useState<string | undefined>();
  const writes = me.permissions.includes("notes:write");
  const asked = useQuery({
    queryKey: ["notes", "work_order", order.id],
    queryFn: () =>
      ask(
        api.GET("/api/v2/notes", {
          params: {
            query: { entity: "work_order", entity_id: order.id, limit: 100, sort: "-created_at" },
          },
        }),
      ),
  });
  const again = () =>
    Promise.all(
      ["notes", "timeline"].map((what) =>
        known.invalidateQueries({ queryKey: [what, "work_order", order.id] }),
      ),
    );

  async function add() {
    const body = { entity: "work_order" as const, entity_id: order.id, body: typed.trim(), audience };
    setBusy(true);
    setWrong(undefined);
    try {
      await ask(api.POST("/api/v2/notes", { body, headers: keyOf([body, asked.data?.data.length]) }));
      setTyped("");
      await again();
    } catch (error) {
      setWrong(error instanceof Error ? error.message : String(error));
    } finally {
      setBusy(false);
    }
  }

  async function remove(note: Note) {
    const params = { path: { id: note.id } };
    try {
      await ask(api.DELETE("/api/v2/notes/{id}", { params }));
      await again();
      toast({
        text: "The note is deleted.",
        undo: async () => {
          await ask(api.POST("/api/v2/notes/{id}/restore", { params, headers: onceKey() }));
          await again();
        },
      });
    } catch (error) {
      toast({ text: error instanceof Error ? error.message : String(error), tone: "danger" });
    }
  }

  const notes = asked.data?.data ?? [];
  return (
    <Pane title={`Notes${asked.data ? ` (${notes.length})` : ""}`}>
      {writes && (
        <form
          className="flex flex-col gap-2"
          onSubmit={(event) => {
            event.preventDefault();
            if (typed.trim()) void add();
          }}
        >
          <Textarea
            label="New note"
            quiet
            placeholder="Write a note"
            rows={2}
            maxLength={10_000}
            value={typed}
            error={wrong}
            onChange={(event) => setTyped(event.target.value)}
            onKeyDown={(event) => {
              if (event.key === "Enter" && (event.metaKey || event.ctrlKey) && typed.trim()) {
                event.preventDefault();
                void add();
              }
            }}
          />
          <div className="flex flex-wrap gap-2">
            <Select
              label="Who reads it"
              quiet
              className="w-36"
              value={audience}
              choices={AUDIENCES}
              onChange={(event) => setAudience(event.target.value as Audience)}
            />
            <Button type="submit" busy={busy} disabled={typed.trim() === ""}>
              Add note
            </Button>
          </div>
        </form>
      )}
      {asked.error && !asked.data && <Failed error={asked.error} again={() => void asked.refetch()} />}
      {notes.length === 0 && asked.data && !writes && <p className="text-muted">Nobody wrote any.</p>}
      {notes.length > 0 && (
        <ul className="mt-3 flex flex-col divide-y divide-line">
          {notes.map((note) => (
            <li key={note.id} className="py-2 first:pt-0 last:pb-0">
              <p className="whitespace-pre-wrap break-words">{note.body}</p>
              <p className="flex items-center gap-2 text-muted">
                <span>
                  {note.author?.name ?? "Truckroll"},{" "}
                  <When at={note.created_at} zone={me.time_zone} shape="full" />
                </span>
                {note.audience !== "everyone" && (
                  <Badge>{AUDIENCES.find((one) => one.value === note.audience)?.text}</Badge>
                )}
                {writes && (note.author?.id === me.user.id || me.record_scope === "all") && (
                  <Button
                    look="plain"
                    aria-label="Delete this note"
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
    </Pane>
  );
}
