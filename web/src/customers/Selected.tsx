/** What can be done with many customers at once. */

import { Tag as TagIcon } from "lucide-react";
import { useState } from "react";
import { queries } from "@/api/queries";
import { doToMany } from "@/bulk/bulk";
import { attach, detach, loadTags, makeTag, type Tag } from "@/tags/tags";
import { Button } from "@/ui/Button";
import { Combobox } from "@/ui/Combobox";
import { Dialog } from "@/ui/Dialog";
import { Menu, MenuItem } from "@/ui/Menu";
import { toast } from "@/ui/toast";
import { type Customer, KINDS, STAGES } from "./customers";

interface Props {
  selected: Customer[];
  done: () => void;
  may: (permission: string) => boolean;
}

export function Selected({ selected, done, may }: Props) {
  const [busy, setBusy] = useState<string | null>(null);
  const [tagging, setTagging] = useState(false);
  const ids = selected.map((one) => one.id);
  const many = ids.length === 1 ? "1 customer" : `${ids.length} customers`;
  const worn = new Map(selected.flatMap((one) => one.tags.map((tag) => [tag.id, tag] as const)));

  const again = () =>
    Promise.all(["customers", "tags"].map((key) => queries.invalidateQueries({ queryKey: [key] })));

  async function then(what: () => Promise<unknown>) {
    try {
      await what();
      done();
    } catch (error) {
      toast({ text: (error as Error).message, tone: "danger" });
    } finally {
      setBusy(null);
    }
  }

  const changeAll = (params: { kind?: Customer["kind"]; stage?: Customer["stage"] }) =>
    then(() => {
      setBusy("Changing…");
      return doToMany(
        { list: "customers", action: "change", ids, params },
        { onProgress: (now, of) => setBusy(`${now} of ${of}`) },
      );
    });

  /** A tag put on or taken off, and how that is taken back. */
  async function tag(which: Pick<Tag, "id" | "name">, on: boolean) {
    const touched = selected
      .filter((one) => one.tags.some((has) => has.id === which.id) !== on)
      .map((one) => one.id);
    await then(async () => {
      if (touched.length) await (on ? attach : detach)(which.id, touched);
      await again();
      toast({
        text: `“${which.name}” ${on ? "put on" : "taken off"} ${touched.length}.`,
        ...(touched.length ? { undo: () => (on ? detach : attach)(which.id, touched).then(again) } : {}),
      });
    });
  }

  return (
    <>
      {may("bulk:write") && may("customers:write") && (
        <>
          <Menu button={<Button busy={busy !== null}>{busy ?? "Stage"}</Button>}>
            {STAGES.map(({ value, text }) => (
              <MenuItem key={value} onSelect={() => void changeAll({ stage: value })}>
                {text}
              </MenuItem>
            ))}
          </Menu>
          <Menu button={<Button disabled={busy !== null}>Kind</Button>}>
            {KINDS.map(({ value, text }) => (
              <MenuItem key={value} onSelect={() => void changeAll({ kind: value })}>
                {text}
              </MenuItem>
            ))}
          </Menu>
        </>
      )}
      {may("customers:write") && (
        <Button onClick={() => setTagging(true)}>
          <TagIcon aria-hidden className="size-3.5" /> Add a tag
        </Button>
      )}
      {may("customers:write") && worn.size > 0 && (
        <Menu button={<Button>Remove a tag</Button>}>
          {[...worn.values()].map((one) => (
            <MenuItem key={one.id} onSelect={() => void tag(one, false)}>
              {one.name}
            </MenuItem>
          ))}
        </Menu>
      )}
      <Dialog open={tagging} onClose={() => setTagging(false)} title={`Tag ${many}`}>
        <Combobox
          label="Tag"
          autoFocus
          value={null}
          onChange={(chosen) => {
            setTagging(false);
            if (chosen) void tag(chosen, true);
          }}
          queryKey={["tags", "customer", "choice"]}
          load={loadTags("customer")}
          {...(may("tags:write")
            ? {
                make: {
                  text: (name: string) => `New tag “${name}”`,
                  do: (name: string) => {
                    setTagging(false);
                    void then(async () => tag(await makeTag("customer", name), true));
                  },
                },
              }
            : {})}
        />
      </Dialog>
    </>
  );
}
