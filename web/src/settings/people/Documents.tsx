/** Papers of somebody who is employed: contracts, licences, with the day on which they end. Nobody else sees them. */

import { useQuery } from "@tanstack/react-query";
import { FileText, X } from "lucide-react";
import { api, ask, askAll, type Schemas } from "@/api/client";
import { useKeys } from "@/api/keys";
import { queries } from "@/api/queries";
import { useMe } from "@/identity/me";
import { Button } from "@/ui/Button";
import { Field } from "@/ui/Field";
import { toast } from "@/ui/toast";
import { useSubmit } from "@/ui/useSubmit";
import { Wrong } from "@/ui/Wrong";
import { onDay } from "@/ui/when";

type Attachment = Schemas["AttachmentOut"];

const TAKES = "image/jpeg,image/png,image/webp,application/pdf,text/plain,.docx,.xlsx";

const again = () => void queries.invalidateQueries({ queryKey: ["attachments"] });

export function Documents({ employeeId }: { employeeId: string }) {
  const { me } = useMe();
  const asked = useQuery({
    queryKey: ["attachments", "employee", employeeId],
    queryFn: () =>
      ask(
        api.GET("/api/v2/attachments", {
          params: { query: { entity: "employee", entity_id: employeeId, limit: 100, sort: "-created_at" } },
        }),
      ).then((page) => page.data),
  });
  const writes = me?.permissions.includes("files:write") ?? false;
  return (
    <section aria-label="Documents" className="mt-6 border-line border-t pt-4">
      <h3 className="mb-2 font-medium">Documents</h3>
      {asked.error && <p className="text-danger">{asked.error.message}</p>}
      {asked.data?.length === 0 && <p className="mb-2 text-muted">None yet: contracts, licences, papers.</p>}
      <ul className="mb-3">
        {asked.data?.map((one) => (
          <Document key={one.id} of={one} writes={writes} />
        ))}
      </ul>
      {writes && <Add employeeId={employeeId} />}
    </section>
  );
}

function Document({ of, writes }: { of: Attachment; writes: boolean }) {
  async function remove() {
    try {
      await askAll(api.DELETE("/api/v2/attachments/{id}", { params: { path: { id: of.id } } }));
      toast({
        text: `“${of.file.name}” was taken off.`,
        undo: async () => {
          await ask(api.POST("/api/v2/attachments/{id}/restore", { params: { path: { id: of.id } } }));
          again();
        },
      });
    } catch (error) {
      toast({ text: error instanceof Error ? error.message : String(error), tone: "danger" });
    }
    again();
  }
  return (
    <li className="flex items-center gap-2 border-line border-b py-1 last:border-0">
      <FileText aria-hidden className="size-4 shrink-0 text-muted" />
      <a
        href={`/api/v2/files/${of.file.id}/content`}
        download={of.file.name}
        className="min-w-0 flex-1 truncate py-1 text-accent hover:underline"
      >
        {of.caption ?? of.file.name}
      </a>
      {of.expires_on && (
        <span className="tabular whitespace-nowrap text-muted">until {onDay(of.expires_on)}</span>
      )}
      {writes && (
        <Button
          look="plain"
          className="w-control px-0!"
          aria-label={`Take ${of.file.name} off`}
          onClick={() => void remove()}
        >
          <X aria-hidden className="size-4" />
        </Button>
      )}
    </li>
  );
}

function Add({ employeeId }: { employeeId: string }) {
  const keyOf = useKeys();
  const sending = useSubmit(["file", "expires_on"], async (form) => {
    const file = form.get("file");
    if (!(file instanceof File) || file.size === 0) throw new Error("Choose a file first.");
    const expires_on = String(form.get("expires_on")) || null;
    const key = keyOf([employeeId, file.name, file.size, file.lastModified, expires_on]);
    const sent = await ask(
      api.POST("/api/v2/files", {
        body: { file: file as unknown as string },
        bodySerializer: () => {
          const part = new FormData();
          part.append("file", file);
          return part;
        },
        headers: { "Idempotency-Key": `${key["Idempotency-Key"]}-file` },
      }),
    );
    const body = {
      entity: "employee" as const,
      entity_id: employeeId,
      file_id: sent.id,
      kind: "document" as const,
      expires_on,
    };
    await ask(api.POST("/api/v2/attachments", { body, headers: key }));
    sending.form.ref.current?.reset();
    again();
  });
  return (
    <form {...sending.form} className="flex flex-col gap-2">
      <div className="grid grid-cols-[minmax(0,1fr)_152px] items-end gap-2 max-sm:grid-cols-1">
        <div className="flex min-w-0 flex-col gap-1">
          <label htmlFor="document-file" className="font-medium">
            Another document
          </label>
          <input
            id="document-file"
            name="file"
            type="file"
            accept={TAKES}
            className="w-full min-w-0 file:mr-2 file:h-control file:rounded-md file:border file:border-line file:bg-surface file:px-2.5 file:font-medium file:text-ink"
          />
        </div>
        <Field label="Ends on (optional)" name="expires_on" type="date" error={sending.fault("expires_on")} />
      </div>
      <Wrong>{sending.fault("file") ?? sending.beside}</Wrong>
      <Button type="submit" busy={sending.busy} className="self-start">
        Add document
      </Button>
    </form>
  );
}
