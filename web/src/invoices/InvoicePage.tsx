/** One invoice: its lines as they add up, what was paid, the paper it is, and what can be done with it now. */

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Download, ExternalLink, Pencil } from "lucide-react";
import { useState } from "react";
import { Link, useNavigate, useParams } from "react-router";
import { api, ask, askAll, onceKey, type Schemas, seen } from "@/api/client";
import { useKeys } from "@/api/keys";
import { useCustomerNames } from "@/api/names";
import { verb } from "@/api/verb";
import { useMe } from "@/identity/me";
import { Button } from "@/ui/Button";
import { cx } from "@/ui/cx";
import { Money, money } from "@/ui/Money";
import { Page, Pane } from "@/ui/Page";
import { Opened, type RecordKind } from "@/ui/RecordPage";
import { Badge, Status, words } from "@/ui/Status";
import { open, save } from "@/ui/save";
import { toast } from "@/ui/toast";
import { onDay } from "@/ui/when";
import { Asking } from "./Asking";
import { price } from "./amounts";
import { EditDraft } from "./EditDraft";
import { Paper } from "./Paper";
import { Paying } from "./Paying";
import { pdf } from "./pdf";

type Invoice = Schemas["InvoiceOut"];

const KIND: RecordKind = { one: "invoice", list: { to: "/invoices", words: "All invoices" } };

export default function InvoicePage() {
  const { id = "" } = useParams();
  const asked = useQuery({
    queryKey: ["invoices", id],
    queryFn: () => ask(api.GET("/api/v2/invoices/{id}", { params: { path: { id } } })),
  });
  return (
    <Opened asked={asked} kind={KIND}>
      {(invoice) => <Whole invoice={invoice} />}
    </Opened>
  );
}

function Whole({ invoice }: { invoice: Invoice }) {
  const { id } = invoice;
  const { me } = useMe();
  const go = useNavigate();
  const known = useQueryClient();
  const paid = useQuery({
    queryKey: ["payments", { invoice: id }],
    queryFn: () =>
      ask(
        api.GET("/api/v2/payments", {
          params: { query: { invoice_id: id, limit: 200, sort: "-created_at" } },
        }),
      ),
  });
  const names = useCustomerNames([invoice.customer_id]);
  const [doing, setDoing] = useState<"pay" | "issue" | "void" | "edit" | null>(null);
  const keyOf = useKeys();

  const may = (verb: string) => invoice.allowed_transitions.includes(verb);
  const at = { path: { id }, header: seen(invoice.version) };
  async function done(text: string) {
    setDoing(null);
    await known.invalidateQueries();
    toast({ text });
  }

  const drafts = invoice.status === "draft" && me?.permissions.includes("invoices:write");
  async function remove() {
    try {
      await askAll(api.DELETE("/api/v2/invoices/{id}", { params: { path: { id } } }));
      toast({
        text: "The draft is deleted.",
        undo: async () => {
          await verb("invoices", "restore", id, { key: onceKey() });
          await known.invalidateQueries({ queryKey: ["invoices"] });
          await go(`/invoices/${id}`);
        },
      });
      await go(invoice.work_order_id ? `/work-orders/${invoice.work_order_id}` : "/invoices");
      void known.invalidateQueries({ queryKey: ["invoices"], refetchType: "active" });
    } catch (error) {
      toast({ text: (error as Error).message, tone: "danger" });
    }
  }

  return (
    <Page
      title={invoice.number ?? "Draft invoice"}
      about={
        <span className="flex items-center gap-2">
          <Status status={invoice.status} />
          {invoice.overdue && <Badge tone="danger">Overdue</Badge>}
          {names.get(invoice.customer_id)}
        </span>
      }
      actions={
        <>
          <TakeAlong invoice={invoice} />
          {drafts && (
            <>
              <Button look="danger" onClick={() => void remove()}>
                Delete the draft
              </Button>
              <Button onClick={() => setDoing("edit")}>
                <Pencil aria-hidden className="size-3.5" /> Edit
              </Button>
            </>
          )}
          {may("void") && (
            <Button look="danger" onClick={() => setDoing("void")}>
              Void…
            </Button>
          )}
          {may("issue") && (
            <Button look="primary" onClick={() => setDoing("issue")}>
              Issue…
            </Button>
          )}
          {may("pay") && invoice.balance > 0 && (
            <Button look="primary" onClick={() => setDoing("pay")}>
              Record a payment…
            </Button>
          )}
        </>
      }
    >
      <div className="grid items-start gap-4 p-4 xl:grid-cols-2">
        <div className="flex min-w-0 flex-col gap-4">
          <Lines of={invoice} />
          {invoice.status !== "draft" && (
            <Payments
              of={paid.data?.data}
              error={paid.error}
              balance={
                <Money minor={invoice.balance} currency={invoice.currency} className="font-semibold" />
              }
            />
          )}
          {invoice.void_reason && (
            <p className="rounded-md bg-sunken px-3 py-2">Void because: {invoice.void_reason}</p>
          )}
          {invoice.work_order_id && (
            <p>
              <Link className="text-accent underline" to={`/work-orders/${invoice.work_order_id}`}>
                The work it is for
              </Link>
            </p>
          )}
        </div>
        <Paper id={id} version={invoice.version} />
      </div>

      {doing === "edit" && <EditDraft invoice={invoice} onClose={() => setDoing(null)} />}
      <Paying
        open={doing === "pay"}
        invoice={invoice}
        onClose={() => setDoing(null)}
        pay={async (body) => {
          await ask(
            api.POST("/api/v2/invoices/{id}/payments", {
              params: { path: { id } },
              body,
              headers: keyOf([id, body]),
            }),
          );
          await done(`${money(body.amount, invoice.currency)} recorded.`);
        }}
      />
      <Asking
        open={doing === "issue"}
        title="Issue the invoice?"
        about={`It gets its number and today's date, ${money(invoice.total, invoice.currency)} become due, and nothing in it can be changed any more.`}
        verb="Issue"
        onClose={() => setDoing(null)}
        act={async () => {
          await ask(
            api.POST("/api/v2/invoices/{id}/issue", {
              params: at,
              headers: keyOf(["issue", id, invoice.version]),
            }),
          );
          await done("Issued.");
        }}
      />
      <Asking
        open={doing === "void"}
        title="Void the invoice?"
        about="It keeps its number and stays in the books as void. Nothing is owed for it any more."
        verb="Void"
        reason
        onClose={() => setDoing(null)}
        act={async (reason) => {
          await ask(
            api.POST("/api/v2/invoices/{id}/void", {
              params: at,
              body: { reason },
              headers: keyOf(["void", id, reason]),
            }),
          );
          await done("Void.");
        }}
      />
    </Page>
  );
}

function TakeAlong({ invoice }: { invoice: Invoice }) {
  const [busy, setBusy] = useState(false);
  async function take(show: boolean) {
    setBusy(true);
    try {
      if (show) await open(() => pdf(invoice.id));
      else save(await pdf(invoice.id), `${invoice.number ?? "draft"}.pdf`);
    } catch (error) {
      toast({ text: (error as Error).message, tone: "danger" });
    } finally {
      setBusy(false);
    }
  }
  return (
    <>
      <Button busy={busy} onClick={() => void take(false)}>
        <Download aria-hidden className="size-3.5" /> PDF
      </Button>
      <Button
        look="plain"
        disabled={busy}
        aria-label="Open the PDF in a new tab"
        onClick={() => void take(true)}
      >
        <ExternalLink aria-hidden className="size-3.5" />
      </Button>
    </>
  );
}

function Lines({ of }: { of: Invoice }) {
  const amount = (minor: number) => <Money minor={minor} currency={of.currency} />;
  return (
    <Pane title="Lines">
      <table className="w-full">
        <thead className="text-left text-muted text-sm">
          <tr>
            <th className="pb-1 font-medium">What</th>
            <th className="pb-1 pl-3 text-right font-medium">Quantity</th>
            <th className="pb-1 pl-3 text-right font-medium">Price</th>
            <th className="pb-1 pl-3 text-right font-medium">Amount</th>
          </tr>
        </thead>
        <tbody>
          {of.lines.map((line) => (
            <tr key={line.id} className="border-line border-t align-top">
              <td className="py-1.5">
                {line.description}
                {line.detail && <span className="block text-muted text-sm">{line.detail}</span>}
              </td>
              <td className="tabular whitespace-nowrap py-1.5 pl-3 text-right">
                {line.quantity} {line.unit}
              </td>
              <td className="tabular py-1.5 pl-3 text-right">{price(line.unit_price, of.currency)}</td>
              <td className="py-1.5 pl-3 text-right">{amount(line.amount)}</td>
            </tr>
          ))}
        </tbody>
        <tfoot className="text-right">
          <Sum words="Subtotal">{amount(of.subtotal)}</Sum>
          {of.discount !== 0 && <Sum words={of.discount_label ?? "Discount"}>−{amount(of.discount)}</Sum>}
          <Sum words={of.tax_label}>{amount(of.tax)}</Sum>
          <Sum words="Total" strong>
            {amount(of.total)}
          </Sum>
        </tfoot>
      </table>
      {of.notes && <p className="mt-2 text-muted">{of.notes}</p>}
    </Pane>
  );
}

function Sum({ words, strong, children }: { words: string; strong?: boolean; children: React.ReactNode }) {
  return (
    <tr className={strong ? "border-line border-t font-semibold" : ""}>
      <th scope="row" colSpan={3} className={cx("py-1", strong ? "font-semibold" : "font-normal text-muted")}>
        {words}
      </th>
      <td className="py-1 pl-3">{children}</td>
    </tr>
  );
}

function Payments({
  of,
  error,
  balance,
}: {
  /** Undefined while they are being read. */
  of: Schemas["PaymentOut"][] | undefined;
  error: Error | null;
  balance: React.ReactNode;
}) {
  return (
    <Pane title="Payments" actions={<span>Owed {balance}</span>}>
      {error && (
        <p role="alert" className="text-danger">
          The payments could not be read: {error.message}
        </p>
      )}
      {of?.length === 0 && <p className="text-muted">No payment was recorded.</p>}
      <ul>
        {of?.map((one) => (
          <li key={one.id} className="flex min-h-8 items-center gap-3">
            <span className="tabular whitespace-nowrap">{onDay(one.received_on)}</span>
            <span>{words(one.method)}</span>
            <span className="truncate text-muted">{one.reference}</span>
            <Money minor={one.amount} currency={one.currency} className="ml-auto" />
          </li>
        ))}
      </ul>
    </Pane>
  );
}
