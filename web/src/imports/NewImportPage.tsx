/** A list is sent: what it is a list of, and the file. Nothing of it is taken before it was looked at. */

import { useMutation } from "@tanstack/react-query";
import { FileSpreadsheet, FileUp } from "lucide-react";
import { useRef, useState } from "react";
import { useNavigate, useSearchParams } from "react-router";
import { api, ask } from "@/api/client";
import { useKeys } from "@/api/keys";
import { Button } from "@/ui/Button";
import { cx } from "@/ui/cx";
import { Page } from "@/ui/Page";
import { Wrong } from "@/ui/Wrong";
import { importPath, KINDS, type Kind, known } from "./imports";
import { Steps } from "./Steps";

const TAKES = ".csv,.tsv,.txt,.xlsx";
const LARGEST = 100 * 1024 * 1024;
const size = new Intl.NumberFormat(undefined, { maximumFractionDigits: 1 });

function weight(bytes: number): string {
  return bytes < 1_000_000
    ? `${size.format(Math.ceil(bytes / 1_000))} kB`
    : `${size.format(bytes / 1_000_000)} MB`;
}

export default function NewImportPage() {
  const go = useNavigate();
  const keyOf = useKeys();
  const [address, setAddress] = useSearchParams();
  const box = useRef<HTMLInputElement>(null);
  const [over, setOver] = useState(false);
  const [file, setFile] = useState<File | null>(null);
  const kind = KINDS.find((one) => one.value === address.get("kind"))?.value ?? "customers";

  const sending = useMutation({
    mutationFn: async (chosen: { file: File; kind: Kind }) => {
      if (chosen.file.size > LARGEST) throw new Error("The file is larger than 100 MB. Split it.");
      return ask(
        api.POST("/api/v2/imports", {
          body: { file: chosen.file as unknown as string, kind: chosen.kind },
          bodySerializer: () => {
            const form = new FormData();
            form.append("kind", chosen.kind);
            form.append("wait", "true");
            form.append("file", chosen.file);
            return form;
          },
          headers: keyOf([chosen.kind, chosen.file.name, chosen.file.size, chosen.file.lastModified]),
        }),
      );
    },
    onSuccess: async (made) => {
      known(made);
      await go(importPath(made.id));
    },
  });

  function choose(chosen: File | undefined) {
    if (!chosen || sending.isPending) return;
    setFile(chosen);
    sending.mutate({ file: chosen, kind });
  }

  return (
    <Page title="Import a list">
      <Steps at={0} />
      <div className="flex max-w-3xl flex-col gap-4 p-4">
        <fieldset className="rounded-lg border border-line bg-surface p-4">
          <legend className="sr-only">What is it a list of?</legend>
          <p aria-hidden className="mb-2 font-semibold">
            What is it a list of?
          </p>
          <div className="grid gap-x-4 sm:grid-cols-2">
            {KINDS.map((one) => (
              <label key={one.value} className="flex min-h-11 items-start gap-2 rounded-md px-2 py-1.5">
                <input
                  type="radio"
                  name="kind"
                  value={one.value}
                  checked={kind === one.value}
                  disabled={sending.isPending}
                  className="mt-0.5 size-4 shrink-0 accent-(--accent)"
                  onChange={() => setAddress({ kind: one.value }, { replace: true })}
                />
                <span>
                  <span className="block font-medium">{one.text}</span>
                  <span className="block text-muted">{one.about}</span>
                </span>
              </label>
            ))}
          </div>
        </fieldset>
        {/* biome-ignore lint/a11y/noStaticElementInteractions: the button inside does the same */}
        <div
          onDragOver={(event) => {
            event.preventDefault();
            setOver(true);
          }}
          onDragLeave={() => setOver(false)}
          onDrop={(event) => {
            event.preventDefault();
            setOver(false);
            choose(event.dataTransfer.files[0]);
          }}
          className={cx(
            "flex flex-col items-center gap-2 rounded-lg border border-dashed px-4 py-8 text-center",
            over ? "border-accent bg-accent-wash" : "border-line-strong bg-surface",
          )}
        >
          {file && sending.isPending ? (
            <>
              <FileSpreadsheet aria-hidden className="size-6 text-muted" />
              <p role="status">
                Reading <span className="font-medium">{file.name}</span>, {weight(file.size)}…
              </p>
            </>
          ) : (
            <>
              <FileUp aria-hidden className="size-6 text-muted" />
              <p>Drop a CSV file or an Excel workbook (.xlsx) here, or</p>
              <Button look="primary" onClick={() => box.current?.click()}>
                Choose a file
              </Button>
              <p className="text-muted">
                One line of headings, then one line for each. Up to 100 MB and 250,000 rows.
              </p>
            </>
          )}
          <input
            ref={box}
            type="file"
            accept={TAKES}
            aria-label="The file"
            className="sr-only"
            tabIndex={-1}
            onChange={(event) => {
              choose(event.target.files?.[0]);
              event.target.value = "";
            }}
          />
        </div>
        {sending.error && (
          <>
            <Wrong>{sending.error.message}</Wrong>
            {file && (
              <Button className="self-start" onClick={() => choose(file)}>
                Send {file.name} again
              </Button>
            )}
          </>
        )}
        <p className="text-muted">
          Nothing is taken yet: you say what each column is, see what is wrong, mend it here, and then run it.
          Afterwards all of it can be taken back for 30 days.
        </p>
      </div>
    </Page>
  );
}
