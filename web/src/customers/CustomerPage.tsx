/** A customer: what must not be overlooked, what they owe, whom to call, where, and all that was and will be. */

import { EllipsisVertical, Pencil, Phone } from "lucide-react";
import { useState } from "react";
import { Link, useNavigate, useParams } from "react-router";
import { api, ask, askAll } from "@/api/client";
import { queries } from "@/api/queries";
import { Banners } from "@/call/CallerCard";
import { useMay } from "@/identity/may";
import { useMe } from "@/identity/me";
import { useLiveQueries } from "@/office/live";
import { Told } from "@/stories/Told";
import { Tags } from "@/tags/Tags";
import { AskWhy } from "@/ui/AskWhy";
import { Button } from "@/ui/Button";
import { Facts } from "@/ui/Facts";
import { useKeys } from "@/ui/keys";
import { Menu, MenuItem, MenuLine } from "@/ui/Menu";
import { money } from "@/ui/Money";
import { Pane } from "@/ui/Page";
import { Opened, RecordPage } from "@/ui/RecordPage";
import { words } from "@/ui/Status";
import { toast } from "@/ui/toast";
import { Numbers, Sites } from "./Around";
import { Bills } from "./Bills";
import { Contacts } from "./Contacts";
import { type Customer, KIND, known, useCustomer } from "./customers";
import { EditCustomer } from "./EditCustomer";
import { open, type Verb, WORDS, why } from "./verbs";
import { Work } from "./Work";

export default function CustomerPage() {
  const { id = "" } = useParams();
  const asked = useCustomer(id);
  useLiveQueries(`customer:${id}`, "customers", "stories", "notes", "work-orders", "invoices");
  return (
    <Opened asked={asked} kind={KIND}>
      {(customer) => <Record customer={customer} />}
    </Opened>
  );
}

function Record({ customer }: { customer: Customer }) {
  const { me } = useMe();
  const go = useNavigate();
  const [editing, setEditing] = useState(false);
  const [verb, setVerb] = useState<Verb | null>(null);
  const may = useMay();
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
    <RecordPage
      title={customer.name}
      about={`${words(customer.kind)} · ${words(customer.stage)}`}
      actions={
        <>
          {may("customers:write") && (
            <Button aria-keyshortcuts="e" onClick={() => setEditing(true)}>
              <Pencil aria-hidden className="size-3.5" /> Edit
            </Button>
          )}
          {may("dispatch:write") && (
            <Button look="primary" asChild>
              <Link to={call}>
                <Phone aria-hidden className="size-3.5" /> Call
              </Link>
            </Button>
          )}
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
      banners={<Banners of={customer.banners} />}
      aside={
        <>
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
          {customer.contacts && <Contacts customer={customer} of={customer.contacts} />}
          {may("sites:read") && <Sites customer={customer} />}
        </>
      }
      layers={
        <>
          {editing && <EditCustomer customer={customer} onClose={() => setEditing(false)} />}
          {verb && <AskWhy why={why(verb, customer)} onClose={() => setVerb(null)} />}
        </>
      }
    >
      {may("work-orders:read") && <Work of={{ customer_id: customer.id }} open />}
      {may("work-orders:read") && <Work of={{ customer_id: customer.id }} open={false} />}
      {may("invoices:read") && <Bills customerId={customer.id} />}
      <Told of="customers" id={customer.id} notes="customer" />
    </RecordPage>
  );
}
