/** A customer: what must not be overlooked, what they owe, whom to call, where, and all that was and will be. */

import { EllipsisVertical, Pencil, Phone } from "lucide-react";
import { useState } from "react";
import { Link, useNavigate, useParams, useSearchParams } from "react-router";
import { api, ask, askAll } from "@/api/client";
import { queries } from "@/api/queries";
import { Banners } from "@/call/CallerCard";
import { useMe } from "@/identity/me";
import { Notes } from "@/notes/Notes";
import { useLiveQueries } from "@/office/live";
import { History, Timeline } from "@/stories/Stories";
import { Tags } from "@/tags/Tags";
import { AskWhy } from "@/ui/AskWhy";
import { Button } from "@/ui/Button";
import { EmptyState } from "@/ui/EmptyState";
import { Facts } from "@/ui/Facts";
import { Failed } from "@/ui/Failed";
import { useKeys } from "@/ui/keys";
import { Menu, MenuItem, MenuLine } from "@/ui/Menu";
import { money } from "@/ui/Money";
import { Page, Pane } from "@/ui/Page";
import { Skeleton } from "@/ui/Skeleton";
import { words } from "@/ui/Status";
import { Tabs } from "@/ui/Tabs";
import { toast } from "@/ui/toast";
import { Contacts, Numbers, Sites } from "./Around";
import { Bills } from "./Bills";
import { type Customer, known, useCustomer } from "./customers";
import { EditCustomer } from "./EditCustomer";
import { isGone, open, type Verb, WORDS, why } from "./verbs";
import { Work } from "./Work";

export default function CustomerPage() {
  const { id = "" } = useParams();
  const asked = useCustomer(id);
  useLiveQueries(`customer:${id}`, "customers", "stories", "notes", "work-orders", "invoices");
  if (isGone(asked.error)) {
    return (
      <Page title="Customer">
        <EmptyState
          title="There is no such customer."
          action={
            <Button asChild>
              <Link to="/customers">All customers</Link>
            </Button>
          }
        >
          They were removed, or belong to somebody whom you do not see.
        </EmptyState>
      </Page>
    );
  }
  if (asked.error) return <Failed error={asked.error} again={() => void asked.refetch()} />;
  if (!asked.data) return <Skeleton rows={12} label="Reading the customer" />;
  return <Record customer={asked.data} />;
}

function Record({ customer }: { customer: Customer }) {
  const { me } = useMe();
  const go = useNavigate();
  const [query, setQuery] = useSearchParams();
  const [editing, setEditing] = useState(false);
  const [verb, setVerb] = useState<Verb | null>(null);
  const may = (permission: string) => me?.permissions.includes(permission) ?? false;
  const params = { params: { path: { id: customer.id } } };
  const call = `/call?customer=${customer.id}`;

  async function remove() {
    try {
      await askAll(api.DELETE("/api/v2/customers/{id}", params));
      await queries.invalidateQueries({ queryKey: ["customers", "list"] });
      await go("/customers");
      toast({
        text: `${customer.name} was removed.`,
        undo: () => ask(api.POST("/api/v2/customers/{id}/restore", params)).then(known),
      });
    } catch (error) {
      toast({ text: (error as Error).message, tone: "danger" });
    }
  }

  useKeys(
    may("customers:write") ? [{ keys: "e", says: "Edit", group: "Record", do: () => setEditing(true) }] : [],
  );

  const billing = [
    customer.billing_street,
    [customer.billing_city, [customer.billing_region, customer.billing_postal_code].filter(Boolean).join(" ")]
      .filter(Boolean)
      .join(", "),
  ].filter(Boolean);
  const owed = customer.banners.find((one) => one.kind === "balance");
  const currency = owed?.currency ?? me?.currency;

  return (
    <Page
      title={customer.name}
      about={`${words(customer.kind)} · ${words(customer.stage)}`}
      actions={
        <>
          {may("customers:write") && (
            <Button aria-keyshortcuts="e" onClick={() => setEditing(true)}>
              <Pencil aria-hidden className="size-3.5" /> Edit
            </Button>
          )}
          <Button look="primary" asChild>
            <Link to={call}>
              <Phone aria-hidden className="size-3.5" /> Call
            </Link>
          </Button>
          {(may("customers:hold") || may("customers:write")) && (
            <Menu
              align="end"
              button={
                <Button look="plain" aria-label="More" className="w-control px-0!">
                  <EllipsisVertical aria-hidden className="size-4" />
                </Button>
              }
            >
              {may("customers:hold") &&
                open(customer).map((one) => (
                  <MenuItem key={one} onSelect={() => setVerb(one)}>
                    {WORDS[one]}
                  </MenuItem>
                ))}
              {may("customers:hold") && may("customers:write") && <MenuLine />}
              {may("customers:write") && (
                <MenuItem danger onSelect={() => void remove()}>
                  Remove
                </MenuItem>
              )}
            </Menu>
          )}
        </>
      }
    >
      <div className="flex flex-col gap-4 p-4 max-sm:p-3">
        {customer.banners.length > 0 && (
          <div className="flex flex-col gap-2">
            <Banners of={customer.banners} />
          </div>
        )}
        <div className="grid items-start gap-4 lg:grid-cols-[minmax(18rem,2fr)_minmax(0,4fr)]">
          <div className="flex min-w-0 flex-col gap-4">
            <Pane title="Customer">
              <Facts
                of={[
                  ["Phone", customer.phone && <Numbers of={[customer.phone, customer.second_phone]} />],
                  [
                    "E-mail",
                    customer.email && (
                      <a href={`mailto:${customer.email}`} className="text-accent hover:underline">
                        {customer.email}
                      </a>
                    ),
                  ],
                  [
                    "Owes",
                    owed?.amount && currency && (
                      <span className="tabular font-medium">{money(owed.amount, currency)}</span>
                    ),
                  ],
                  ["Billing", billing.join("\n")],
                  [
                    "Terms",
                    customer.payment_terms_days !== null && `${customer.payment_terms_days} days to pay`,
                  ],
                  ["Tax", customer.tax_exempt && "Exempt"],
                  ["Source", customer.source],
                  ["Key elsewhere", customer.external_key],
                  ["About them", customer.notes],
                ]}
              />
              {may("tags:read") && (
                <div className="mt-3">
                  <Tags
                    entity="customer"
                    id={customer.id}
                    tags={customer.tags}
                    may={may("customers:write")}
                    mayMake={may("tags:write")}
                    onChanged={() => queries.invalidateQueries({ queryKey: ["customers"] })}
                  />
                </div>
              )}
            </Pane>
            {customer.contacts && <Contacts of={customer.contacts} />}
            {may("sites:read") && <Sites customerId={customer.id} />}
          </div>
          <div className="flex min-w-0 flex-col gap-4">
            {may("work-orders:read") && <Work of={{ customer_id: customer.id }} open />}
            {may("work-orders:read") && <Work of={{ customer_id: customer.id }} open={false} />}
            {may("invoices:read") && <Bills customerId={customer.id} />}
            <section aria-label="What is said of them" className="rounded-lg border border-line bg-surface">
              <Tabs
                label="What is said of them"
                at={query.get("tab") ?? "notes"}
                onChange={(tab) => setQuery({ tab }, { replace: true })}
                tabs={[
                  ...(may("notes:read")
                    ? [
                        {
                          key: "notes",
                          text: "Notes",
                          content: (
                            <Told>
                              <Notes entity="customer" id={customer.id} />
                            </Told>
                          ),
                        },
                      ]
                    : []),
                  {
                    key: "timeline",
                    text: "Timeline",
                    content: (
                      <Told>
                        <Timeline of="customers" id={customer.id} />
                      </Told>
                    ),
                  },
                  {
                    key: "history",
                    text: "History",
                    content: (
                      <Told>
                        <History of="customers" id={customer.id} />
                      </Told>
                    ),
                  },
                ]}
              />
            </section>
          </div>
        </div>
      </div>
      {editing && <EditCustomer customer={customer} onClose={() => setEditing(false)} />}
      {verb && <AskWhy why={why(verb, customer)} onClose={() => setVerb(null)} />}
    </Page>
  );
}

function Told({ children }: { children: React.ReactNode }) {
  return <div className="p-4">{children}</div>;
}
