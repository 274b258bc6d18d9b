/** Everything the company has, as one file to take along. Only whoever owns it may. */

import { PackageOpen } from "lucide-react";
import { useState } from "react";
import { api, ask, type Schemas } from "@/api/client";
import { queries } from "@/api/queries";
import { useMe } from "@/identity/me";
import { proved } from "@/identity/StepUp";
import { Button } from "@/ui/Button";
import { type Column, DataTable } from "@/ui/DataTable";
import { EmptyState } from "@/ui/EmptyState";
import { Page } from "@/ui/Page";
import { Badge } from "@/ui/Status";
import { save } from "@/ui/save";
import { toast } from "@/ui/toast";
import { useList } from "@/ui/useList";
import { When } from "@/ui/When";
import { bytes, useUntilDone } from "./running";

type Archive = Schemas["ArchiveOut"];

const SAID: Record<Archive["status"], [string, "plain" | "good" | "danger" | "working"]> = {
  queued: ["Waiting", "plain"],
  running: ["Being written", "working"],
  ready: ["Ready", "good"],
  failed: ["Failed", "danger"],
  removed: ["Gone", "plain"],
};

const said = (error: unknown) =>
  toast({ text: error instanceof Error ? error.message : String(error), tone: "danger" });

export default function Archives() {
  const { me } = useMe();
  const zone = me?.time_zone ?? "UTC";
  const [busy, setBusy] = useState<string | null>(null);
  const list = useList("/api/v2/organisation/archives", { sort: "-created_at" });
  const again = () => void queries.invalidateQueries({ queryKey: ["organisation", "list"] });
  useUntilDone(
    list.rows.some((one) => one.status === "queued" || one.status === "running"),
    again,
  );

  async function write() {
    setBusy("new");
    try {
      await proved(() => ask(api.POST("/api/v2/organisation/archives")));
      toast({ text: "The archive is being written. You can go on meanwhile." });
    } catch (error) {
      said(error);
    }
    setBusy(null);
    again();
  }

  async function take(one: Archive) {
    setBusy(one.id);
    try {
      const blob = (await proved(() =>
        ask(
          api.GET("/api/v2/organisation/archives/{id}/content", {
            params: { path: { id: one.id } },
            parseAs: "blob",
          }),
        ),
      )) as unknown as Blob;
      save(blob, `${me?.org.slug ?? "archive"}-${one.created_at.slice(0, 10)}.tar`);
    } catch (error) {
      said(error);
    }
    setBusy(null);
  }

  const columns: Column<Archive>[] = [
    {
      key: "made",
      heading: "Asked for",
      cell: (one) => <When at={one.created_at} zone={zone} className="max-sm:whitespace-normal" />,
    },
    {
      key: "status",
      heading: "State",
      width: "34%",
      cell: (one) => (
        <span className="flex items-center gap-2">
          <Badge tone={SAID[one.status][1]}>{SAID[one.status][0]}</Badge>
          {one.status === "running" && one.steps > 0 && (
            <span className="tabular text-muted">
              {one.steps_done.toLocaleString()} of {one.steps.toLocaleString()}
            </span>
          )}
          {one.failure && <span className="truncate text-danger">{one.failure}</span>}
        </span>
      ),
    },
    {
      key: "size",
      heading: "Size",
      width: "96px",
      number: true,
      from: 560,
      cell: (one) => one.length !== null && bytes(one.length),
    },
    {
      key: "until",
      heading: "Kept until",
      width: "190px",
      from: 820,
      cell: (one) => one.expires_at && <When at={one.expires_at} zone={zone} />,
    },
    {
      key: "verbs",
      heading: "Take it",
      width: "112px",
      cell: (one) =>
        one.status === "ready" && (
          <Button busy={busy === one.id} onClick={() => void take(one)}>
            Download
          </Button>
        ),
    },
  ];

  return (
    <Page
      title="Everything as a file"
      about={
        <span className="max-lg:hidden">
          All records, files and the history, to keep or to take elsewhere.
        </span>
      }
      scrolls={false}
      actions={
        <Button look="primary" busy={busy === "new"} onClick={() => void write()}>
          <PackageOpen aria-hidden className="size-3.5" /> Write an archive
        </Button>
      }
    >
      <DataTable
        list={list}
        name="archives"
        one="archive"
        columns={columns}
        views={false}
        called={(one) => one.created_at}
        empty={
          <EmptyState
            title="No archive was written yet."
            action={
              <Button busy={busy === "new"} onClick={() => void write()}>
                Write an archive
              </Button>
            }
          >
            It holds all records, files and the history of the company in one file. You are asked for your
            password first, and can go on working meanwhile.
          </EmptyState>
        }
      />
    </Page>
  );
}
