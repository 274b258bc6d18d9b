/** The drawer of one record: its form, what is wrong with it, saving it and deleting it. */

import { useQuery } from "@tanstack/react-query";
import { useRef, useState } from "react";
import type { FieldValues } from "react-hook-form";
import { useKeys as useOnce } from "@/api/keys";
import { Button } from "@/ui/Button";
import { Dialog, Drawer } from "@/ui/Dialog";
import { Failed } from "@/ui/Failed";
import { isNone, NoSuch } from "@/ui/RecordPage";
import { Skeleton } from "@/ui/Skeleton";
import { toast } from "@/ui/toast";
import { useEditing } from "@/ui/useEditing";
import { useUnsaved } from "@/ui/useUnsaved";
import { Wrong } from "@/ui/Wrong";
import type { Kept } from "./resource";
import type { Kind } from "./SettingsList";

interface EditorProps<Row extends Kept, In extends FieldValues, Out extends FieldValues> {
  kind: Kind<Row, In, Out>;
  /** Null: a new one. */
  id: string | null;
  onClose: () => void;
}

export function Editor<Row extends Kept, In extends FieldValues, Out extends FieldValues>(
  props: EditorProps<Row, In, Out>,
) {
  const { kind, id, onClose } = props;
  // as it is now, and then what one types: nothing is read again beneath a form
  const asked = useQuery({
    queryKey: [kind.resource.key, "one", id],
    enabled: id !== null,
    queryFn: () => kind.resource.get(id ?? ""),
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
  });
  const first = useRef<Row | null>(null);
  first.current ??= asked.data ?? null;
  if (id === null || first.current) return <Form {...props} row={first.current} />;
  return (
    <Drawer open onClose={onClose} title={`Opening the ${kind.one}`}>
      {isNone(asked.error) ? (
        <NoSuch one={kind.one} />
      ) : asked.error ? (
        <Failed error={asked.error} again={() => void asked.refetch()} />
      ) : (
        <Skeleton rows={6} label={`Opening the ${kind.one}`} />
      )}
    </Drawer>
  );
}

function Form<Row extends Kept, In extends FieldValues, Out extends FieldValues>({
  kind,
  row,
  onClose,
}: EditorProps<Row, In, Out> & { row: Row | null }) {
  const from = useRef(row);
  const keyOf = useOnce();
  const [deleting, setDeleting] = useState(false);
  const editing = useEditing<In, Out>({
    schema: kind.schema,
    values: kind.typed(row),
    send: async (all, changed) => {
      if (from.current) {
        const body = { ...changed };
        for (const name of kind.once ?? []) delete body[name];
        if (Object.keys(body).length > 0) {
          await kind.resource.change(from.current, body);
          toast({ text: `“${kind.called(from.current)}” was saved.` });
        }
      } else {
        const made = await kind.resource.create(all, keyOf(all));
        toast({ text: `“${kind.called(made)}” was added.` });
      }
      unsaved.let();
      onClose();
    },
    reread: (current) => {
      from.current = current as unknown as Row;
      return kind.typed(from.current);
    },
  });
  const unsaved = useUnsaved(editing.form.formState.isDirty);
  const close = () => unsaved.leave(onClose);
  const fixed = (row && kind.fixed?.(row)) ?? null;
  const name = `edit-${kind.one.replaceAll(" ", "-")}`;

  return (
    <Drawer
      open
      onClose={close}
      title={row ? kind.called(row) : `New ${kind.one}`}
      wide={kind.wide ?? false}
      actions={
        <>
          {row && (
            <div className="mr-auto flex gap-2">
              {fixed === null && (
                <Button look="danger" onClick={() => setDeleting(true)}>
                  Delete…
                </Button>
              )}
              {kind.verbs?.(row, onClose)}
            </div>
          )}
          <Button onClick={close}>{fixed === null ? "Cancel" : "Close"}</Button>
          {fixed === null && (
            <Button look="primary" type="submit" form={name} busy={editing.busy}>
              {row ? "Save" : `Add ${kind.one}`}
            </Button>
          )}
        </>
      }
    >
      <form id={name} noValidate onSubmit={editing.onSubmit}>
        {fixed !== null && <p className="mb-3 rounded-md bg-sunken px-3 py-2">{fixed}</p>}
        {row && kind.above && <div className="mb-3">{kind.above(row)}</div>}
        <fieldset disabled={fixed !== null} className="flex min-w-0 flex-col gap-3">
          {kind.fields(editing, row)}
        </fieldset>
        {editing.problem && (
          <div className="mt-3">
            <Wrong>{editing.problem}</Wrong>
          </div>
        )}
      </form>
      {row && kind.below?.(row)}
      {unsaved.dialog}
      {deleting && row && (
        <Delete
          kind={kind}
          row={row}
          onClose={() => setDeleting(false)}
          onDone={() => {
            unsaved.let();
            onClose();
          }}
        />
      )}
    </Drawer>
  );
}

function Delete<Row extends Kept, In extends FieldValues, Out extends FieldValues>({
  kind,
  row,
  onClose,
  onDone,
}: {
  kind: Kind<Row, In, Out>;
  row: Row;
  onClose: () => void;
  onDone: () => void;
}) {
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const { resource, called } = kind;

  /** How it comes back, where that makes the same record again. */
  function back(): (() => Promise<unknown>) | undefined {
    if (kind.irrevocable) return undefined;
    if (kind.restores) return () => resource.restore(row.id);
    const again = kind.schema.safeParse(kind.typed(row));
    if (!again.success) return undefined;
    const key = { "Idempotency-Key": crypto.randomUUID() };
    return () => resource.create({ ...again.data, id: row.id }, key);
  }

  async function go() {
    const undo = back();
    setBusy(true);
    setProblem(null);
    try {
      await resource.remove(row.id);
    } catch (error) {
      // who uses it, in the server's words
      setProblem(error instanceof Error ? error.message : String(error));
      setBusy(false);
      return;
    }
    toast({ text: `“${called(row)}” was deleted.`, ...(undo ? { undo } : {}) });
    onDone();
  }

  return (
    <Dialog
      open
      onClose={onClose}
      title={`Delete “${called(row)}”?`}
      about={kind.deleting}
      actions={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button look="danger" busy={busy} onClick={() => void go()}>
            Delete
          </Button>
        </>
      }
    >
      <Wrong>{problem}</Wrong>
    </Dialog>
  );
}
