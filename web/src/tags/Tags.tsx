/** The tags of a record: seen, taken off with a click, and added by their name. */

import { X } from "lucide-react";
import { useState } from "react";
import type { Schemas } from "@/api/client";
import { queries } from "@/api/queries";
import { Combobox } from "@/ui/Combobox";
import { toast } from "@/ui/toast";
import { attach, detach, loadTags, makeTag, type TagOn } from "./tags";

type OnRecord = Schemas["TagOnRecordOut"];

export function TagChip({ tag, onRemove }: { tag: OnRecord; onRemove?: () => void }) {
  return (
    <span className="inline-flex h-5 items-center gap-1 whitespace-nowrap rounded bg-sunken px-1.5 text-ink text-sm">
      <span aria-hidden className="size-2 shrink-0 rounded-full" style={{ background: tag.color }} />
      {tag.name}
      {onRemove && (
        <button
          type="button"
          aria-label={`Remove tag ${tag.name}`}
          className="grid size-5 place-items-center rounded text-muted hover:text-ink pointer-coarse:size-11"
          onClick={onRemove}
        >
          <X aria-hidden className="size-3" />
        </button>
      )}
    </span>
  );
}

interface Props {
  entity: TagOn;
  id: string;
  tags: readonly OnRecord[];
  /** Whether one may put tags on this record. */
  may: boolean;
  /** Whether one may make new ones. */
  mayMake: boolean;
  /** Read the record again. */
  onChanged: () => Promise<unknown>;
}

export function Tags({ entity, id, tags, may, mayMake, onChanged }: Props) {
  const [adding, setAdding] = useState(false);

  async function then(what: Promise<unknown>) {
    try {
      await what;
      await Promise.all([onChanged(), queries.invalidateQueries({ queryKey: ["tags", entity] })]);
    } catch (error) {
      toast({ text: (error as Error).message, tone: "danger" });
    }
  }

  return (
    <div className="flex flex-wrap items-center gap-1.5">
      {tags.map((tag) => (
        <TagChip
          key={tag.id}
          tag={tag}
          {...(may ? { onRemove: () => void then(detach(tag.id, [id])) } : {})}
        />
      ))}
      {may &&
        (adding ? (
          <Combobox
            label="Add a tag"
            quiet
            autoFocus
            className="w-48"
            placeholder="Name of a tag"
            value={null}
            onChange={(tag) => {
              setAdding(false);
              if (tag) void then(attach(tag.id, [id]));
            }}
            queryKey={["tags", entity, "choice"]}
            load={loadTags(entity)}
            {...(mayMake
              ? {
                  make: {
                    text: (typed: string) => `New tag “${typed}”`,
                    do: (typed: string) => {
                      setAdding(false);
                      void then(makeTag(entity, typed).then((made) => attach(made.id, [id])));
                    },
                  },
                }
              : {})}
          />
        ) : (
          <button
            type="button"
            className="h-5 rounded px-1.5 text-accent text-sm first:-ml-1.5 hover:underline pointer-coarse:h-11"
            onClick={() => setAdding(true)}
          >
            Add a tag
          </button>
        ))}
    </div>
  );
}
