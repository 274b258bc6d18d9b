/** Filters and a sort under a name, of one list: one's own, and those that others share. */

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Bookmark, ChevronDown } from "lucide-react";
import { useState } from "react";
import { api, ask, askAll, onceKey, Problem, type Schemas } from "@/api/client";
import { Button } from "./Button";
import { Checkbox } from "./Checkbox";
import { Dialog } from "./Dialog";
import { Field } from "./Field";
import { both } from "./filters";
import { Menu, MenuChoices, MenuItem, MenuLine } from "./Menu";
import { toast } from "./toast";
import type { List } from "./useList";
import { useSubmit } from "./useSubmit";
import { Wrong } from "./Wrong";

type View = Schemas["SavedViewOut"];

const ALL = "";

export function SavedViews<Row>({ list, name }: { list: List<Row>; name: string }) {
  const [saving, setSaving] = useState(false);
  const known = useQueryClient();
  const of = list.name.split("/").at(-1) ?? "";
  const key = ["saved-views", of];
  const asked = useQuery({
    queryKey: key,
    queryFn: ({ signal }) =>
      ask(api.GET("/api/v2/saved-views", { params: { query: { list: of, limit: 200 } }, signal })),
    staleTime: 60_000,
  });
  const views = asked.data?.data ?? [];
  const at = views.find((view) => view.id === list.view);
  const again = () => known.invalidateQueries({ queryKey: key });
  const changed = list.tree !== null || list.address.has("sort");

  /** What the address asked for is in the view, or is given up for it. */
  function use(id: string) {
    const none = Object.fromEntries(["sort", ...list.narrows].map((one) => [one, null]));
    list.change({ ...none, view: id || null });
  }

  async function remove(view: View) {
    const path = { params: { path: { id: view.id } } };
    try {
      await askAll(api.DELETE("/api/v2/saved-views/{id}", path));
      use(ALL);
      await again();
      toast({
        text: `The view “${view.name}” is deleted.`,
        undo: async () => {
          await ask(api.POST("/api/v2/saved-views/{id}/restore", { ...path, headers: onceKey() } as never));
          await again();
        },
      });
    } catch (error) {
      toast({ text: error instanceof Error ? error.message : String(error), tone: "danger" });
    }
  }

  if (asked.error instanceof Problem && asked.error.status === 403) return null; // a role without views
  if (asked.error && !asked.data) {
    return (
      <Button title={asked.error.message} onClick={() => void asked.refetch()}>
        <Bookmark aria-hidden className="size-3.5" /> Views could not be read: try again
      </Button>
    );
  }
  return (
    <>
      <Menu
        button={
          <Button className={at || changed ? "" : "text-muted!"}>
            <Bookmark aria-hidden className="size-3.5" />
            <span className="max-w-40 truncate">{at ? at.name : `All ${name}`}</span>
            <ChevronDown aria-hidden className="size-3.5 text-muted" />
          </Button>
        }
      >
        <MenuChoices
          label="Views"
          value={list.view ?? ALL}
          choices={[
            { value: ALL, text: `All ${name}` },
            ...views.map((view) => ({ value: view.id, text: view.name })),
          ]}
          onChange={use}
        />
        <MenuLine />
        <MenuItem disabled={!changed} onSelect={() => setSaving(true)}>
          Save what is shown…
        </MenuItem>
        {at && (
          <MenuItem danger onSelect={() => void remove(at)}>
            Delete “{at.name}”
          </MenuItem>
        )}
      </Menu>
      <Dialog
        open={saving}
        onClose={() => setSaving(false)}
        title="Save a view"
        about="The filters and the sort that the list has now."
      >
        <Save
          body={{
            list: of,
            filter: both(at?.filter ?? null, list.tree),
            sort: list.sort ?? at?.sort ?? null,
          }}
          onDone={async (view) => {
            setSaving(false);
            await again();
            use(view.id);
            toast({ text: `The view “${view.name}” is saved.` });
          }}
        />
      </Dialog>
    </>
  );
}

function Save({
  body,
  onDone,
}: {
  body: { list: string; filter: Record<string, unknown> | null; sort: string | null };
  onDone: (view: View) => Promise<void>;
}) {
  const [once] = useState(onceKey);
  const sending = useSubmit(["name", "shared"], async (form) => {
    const view = await ask(
      api.POST("/api/v2/saved-views", {
        body: {
          ...body,
          name: String(form.get("name")).trim(),
          shared: form.get("shared") ? "everyone" : "private",
        } as Schemas["SavedViewDraft"],
        headers: once,
      } as never),
    );
    await onDone(view as View);
  });
  return (
    <form {...sending.form} className="flex flex-col gap-4">
      <Field label="Name" name="name" required autoFocus maxLength={200} error={sending.fault("name")} />
      <Checkbox label="Everybody in the company sees it" name="shared" error={sending.fault("shared")} />
      <Wrong>{sending.beside}</Wrong>
      <Button look="primary" type="submit" busy={sending.busy} className="self-end">
        Save the view
      </Button>
    </form>
  );
}
