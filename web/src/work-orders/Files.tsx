/** Photos and papers of a work order, and new ones: chosen, or dropped here. */

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { FileText, Paperclip } from "lucide-react";
import { type DragEvent, useRef, useState } from "react";
import { api, ask, type Schemas } from "@/api/client";
import { useKeys } from "@/api/keys";
import type { Me } from "@/identity/me";
import { Button } from "@/ui/Button";
import { cx } from "@/ui/cx";
import { Failed } from "@/ui/Failed";
import { Pane } from "@/ui/Page";
import { when } from "@/ui/when";
import type { WorkOrder } from "./work";

type Attachment = Schemas["AttachmentOut"];

const TAKES = "image/jpeg,image/png,image/webp,application/pdf,text/plain,text/csv,.docx,.xlsx";

function size(bytes: number): string {
  const whole = new Intl.NumberFormat(undefined, { maximumFractionDigits: 1 });
  return bytes < 1_000_000
    ? `${whole.format(Math.ceil(bytes / 1_000))} kB`
    : `${whole.format(bytes / 1_000_000)} MB`;
}

async function send(file: File, orderId: string, key: Record<string, string>): Promise<void> {
  const sent = await ask(
    api.POST("/api/v2/files", {
      body: { file: file as unknown as string },
      bodySerializer: () => {
        const form = new FormData();
        form.append("file", file);
        return form;
      },
      headers: { "Idempotency-Key": `${key["Idempotency-Key"]}-file` },
    }),
  );
  const body = {
    entity: "work_order" as const,
    entity_id: orderId,
    file_id: sent.id,
    kind: sent.media_type.startsWith("image/") ? ("photo" as const) : ("document" as const),
  };
  await ask(api.POST("/api/v2/attachments", { body, headers: key }));
}

export function Files({ order, me }: { order: WorkOrder; me: Me }) {
  const known = useQueryClient();
  const keyOf = useKeys();
  const box = useRef<HTMLInputElement>(null);
  const [over, setOver] = useState(false);
  const [sending, setSending] = useState<{ done: number; all: number } | null>(null);
  const [wrong, setWrong] = useState<string[]>([]);
  const writes = me.permissions.includes("files:write");
  const asked = useQuery({
    queryKey: ["attachments", "work_order", order.id],
    queryFn: () =>
      ask(
        api.GET("/api/v2/attachments", {
          params: {
            query: { entity: "work_order", entity_id: order.id, limit: 100, sort: "-created_at" },
          },
        }),
      ),
  });
  const files = asked.data?.data ?? [];

  async function take(chosen: File[]) {
    const refused: string[] = [];
    setWrong([]);
    for (const [done, file] of chosen.entries()) {
      setSending({ done, all: chosen.length });
      try {
        await send(file, order.id, keyOf([order.id, file.name, file.size, file.lastModified]));
      } catch (error) {
        refused.push(`${file.name}: ${error instanceof Error ? error.message : String(error)}`);
      }
    }
    setSending(null);
    setWrong(refused);
    if (box.current) box.current.value = "";
    for (const what of ["attachments", "stories", "work-orders"]) {
      void known.invalidateQueries({ queryKey: [what] });
    }
  }

  const drop = writes && {
    onDragOver: (event: DragEvent) => {
      if (!event.dataTransfer.types.includes("Files")) return;
      event.preventDefault();
      setOver(true);
    },
    onDragLeave: () => setOver(false),
    onDrop: (event: DragEvent) => {
      event.preventDefault();
      setOver(false);
      void take([...event.dataTransfer.files]);
    },
  };

  return (
    <div {...drop} className={cx("rounded-lg", over && "outline-2 outline-accent")}>
      <Pane
        title={`Photos and files${asked.data ? ` (${files.length})` : ""}`}
        actions={
          writes && (
            <>
              <input
                ref={box}
                type="file"
                multiple
                accept={TAKES}
                aria-label="Files to add"
                className="sr-only"
                tabIndex={-1}
                onChange={(event) => void take([...(event.target.files ?? [])])}
              />
              <Button busy={sending !== null} onClick={() => box.current?.click()}>
                <Paperclip aria-hidden className="size-3.5" />
                {sending ? `Sending ${sending.done + 1} of ${sending.all}…` : "Add files"}
              </Button>
            </>
          )
        }
      >
        {asked.error && !asked.data && <Failed error={asked.error} again={() => void asked.refetch()} />}
        {wrong.map((one) => (
          <p key={one} role="alert" className="mb-2 rounded-md bg-danger-wash px-3 py-2 text-danger">
            {one}
          </p>
        ))}
        {asked.data && files.length === 0 && (
          <p className="text-muted">{writes ? "None yet. Add some, or drop them here." : "None yet."}</p>
        )}
        <ul className="grid grid-cols-[repeat(auto-fill,minmax(8rem,1fr))] gap-3">
          {files.map((one) => (
            <One key={one.id} of={one} zone={me.time_zone} />
          ))}
        </ul>
      </Pane>
    </div>
  );
}

function One({ of, zone }: { of: Attachment; zone: string }) {
  const { file } = of;
  const isPicture = file.media_type.startsWith("image/");
  const named = of.caption ?? file.name;
  return (
    <li className="min-w-0">
      <a
        href={
          isPicture ? `/api/v2/files/${file.id}/thumbnail?size=large` : `/api/v2/files/${file.id}/content`
        }
        {...(isPicture ? { target: "_blank", rel: "noreferrer" } : { download: file.name })}
        className="block"
      >
        {isPicture ? (
          <img
            src={`/api/v2/files/${file.id}/thumbnail?size=small`}
            alt={named}
            loading="lazy"
            className="h-24 w-full rounded-md border border-line object-cover"
          />
        ) : (
          <span className="flex h-24 w-full items-center justify-center rounded-md border border-line bg-sunken">
            <FileText aria-hidden className="size-6 text-muted" />
          </span>
        )}
        <span className="mt-1 block truncate">{named}</span>
      </a>
      <p className="tabular text-muted text-sm">
        {size(file.length)}, {when(of.created_at, zone, "day")}
      </p>
    </li>
  );
}
