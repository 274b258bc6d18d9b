/** What is set up so that work cannot be booked, or will go wrong; where one request mends it, one click
 * sends it. Nothing is changed by looking. */

import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { CircleAlert, CircleCheck, Info, type LucideIcon, TriangleAlert } from "lucide-react";
import { Link } from "react-router";
import { api, ask, carryOut, type Schemas } from "@/api/client";
import { Button } from "@/ui/Button";
import { cx } from "@/ui/cx";
import { EmptyState } from "@/ui/EmptyState";
import { Failed } from "@/ui/Failed";
import { Page } from "@/ui/Page";
import { Skeleton } from "@/ui/Skeleton";
import { toast } from "@/ui/toast";
import { whereOf } from "./where";

type Diagnosis = Schemas["DiagnosisOut"];
type Finding = Schemas["FindingOut"];

const SEVERITIES: Record<Diagnosis["severity"], { icon: LucideIcon; text: string; look: string }> = {
  error: { icon: CircleAlert, text: "Error", look: "text-danger" },
  warning: { icon: TriangleAlert, text: "Warning", look: "text-warn" },
  info: { icon: Info, text: "Could be better", look: "text-muted" },
};

export default function DoctorPage() {
  const known = useQueryClient();
  const examined = useQuery({
    queryKey: ["doctor"],
    staleTime: 0,
    queryFn: () => ask(api.GET("/api/v2/doctor", { params: { query: { limit: 20 } } })),
  });
  const fix = useMutation({
    mutationFn: carryOut,
    onSuccess: () => toast({ text: "Mended." }),
    // others may have read what was just changed
    onSettled: () => known.invalidateQueries(),
  });
  const found = examined.data;
  return (
    <Page
      title="Doctor"
      about={
        found &&
        `${count(found.errors, "error")}, ${count(found.warnings, "warning")}; ${found.asked} questions asked`
      }
      actions={
        <Button busy={examined.isFetching} onClick={() => void examined.refetch()}>
          Look again
        </Button>
      }
    >
      {examined.error && <Failed error={examined.error} again={() => void examined.refetch()} />}
      {examined.isPending && <Skeleton rows={10} label="Looking at how everything is set up" />}
      {found?.data.length === 0 && (
        <EmptyState icon={CircleCheck} title="Nothing is wrong">
          All {found.asked} questions were asked, and each was answered well.
        </EmptyState>
      )}
      <div className="flex max-w-5xl flex-col gap-4 p-4">
        {fix.error && (
          <p role="alert" className="rounded-md bg-danger-wash px-3 py-2 text-danger">
            {fix.error.message}
          </p>
        )}
        {found?.data.map((one) => (
          <Ill key={one.code} of={one} busy={fix.isPending} onFix={(request) => fix.mutate(request)} />
        ))}
      </div>
    </Page>
  );
}

const count = (many: number, word: string) => `${many} ${word}${many === 1 ? "" : "s"}`;

interface IllProps {
  of: Diagnosis;
  busy: boolean;
  onFix: (request: Schemas["RequestOut"]) => void;
}

function Ill({ of, busy, onFix }: IllProps) {
  const { icon: Icon, text, look } = SEVERITIES[of.severity];
  return (
    <section aria-label={of.means} className="rounded-lg border border-line bg-surface">
      <header className="flex items-baseline gap-2 border-line border-b px-4 py-2">
        <Icon aria-hidden size={16} className={cx("shrink-0 self-center", look)} />
        <h2 className="font-semibold">{of.means}</h2>
        <span className={cx("ml-auto shrink-0 text-sm", look)}>{text}</span>
      </header>
      <ul>
        {of.findings.map((finding) => (
          <Told key={finding.says} code={of.code} finding={finding} busy={busy} onFix={onFix} />
        ))}
      </ul>
      {(of.total > of.findings.length || !of.whole) && (
        <p className="border-line border-t px-4 py-2 text-muted">
          {of.total - of.findings.length} more
          {of.whole ? "" : ", and there may be others: the first 10,000 were looked at"}.
        </p>
      )}
    </section>
  );
}

interface ToldProps {
  code: string;
  finding: Finding;
  busy: boolean;
  onFix: IllProps["onFix"];
}

function Told({ code, finding, busy, onFix }: ToldProps) {
  const { request, words } = finding.fix;
  return (
    <li className="flex items-center gap-4 border-line border-t px-4 py-2 first:border-t-0">
      <div className="min-w-0 flex-1">
        <p>{finding.says}</p>
        <p className="text-muted">
          {words}
          {whereOf(code, finding).map((place) => (
            <Link key={place.to} to={place.to} className="ml-2 whitespace-nowrap text-accent underline">
              {place.words}
            </Link>
          ))}
        </p>
      </div>
      {request && (
        <Button disabled={busy} onClick={() => onFix(request)}>
          Mend
          <span className="sr-only">: {finding.says}</span>
        </Button>
      )}
    </li>
  );
}
