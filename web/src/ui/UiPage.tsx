/** Everything that screens are made of, on one page, in both themes: for whoever builds them. Not shown where
 * people work (`/installation` says where that is). */

import { Inbox, Plus } from "lucide-react";
import { type ReactNode, useState } from "react";
import { useInstallation } from "@/api/installation";
import { NotFound } from "@/office/NotFound";
import { Button } from "./Button";
import { Checkbox } from "./Checkbox";
import { Combobox, type Option } from "./Combobox";
import { DataTable } from "./DataTable";
import { Dialog, Drawer } from "./Dialog";
import { EmptyState } from "./EmptyState";
import { Failed } from "./Failed";
import { Field } from "./Field";
import { Menu, MenuItem, MenuLine, MenuSwitch } from "./Menu";
import { Money } from "./Money";
import { Page, Pane } from "./Page";
import { Select } from "./Select";
import { Bar } from "./Skeleton";
import { Badge, Status } from "./Status";
import { Tabs } from "./Tabs";
import { Textarea } from "./Textarea";
import { Tooltip } from "./Tooltip";
import { toast } from "./toast";
import { useList } from "./useList";
import { When } from "./When";

const STATUSES = [
  "unscheduled",
  "scheduled",
  "dispatched",
  "en_route",
  "on_site",
  "working",
  "paused",
  "completed",
  "incomplete",
  "no_access",
  "no_show",
  "canceled",
  "draft",
  "ready",
  "on_hold",
  "approved",
  "issued",
  "partially_paid",
  "paid",
  "void",
];
const FRUIT: Option[] = ["Apple", "Apricot", "Blackberry", "Cherry", "Fig"].map((text) => ({
  id: text,
  text,
}));

export default function UiPage() {
  const { data } = useInstallation();
  if (!data) return null;
  if (data.environment === "production") return <NotFound />;
  return (
    <Page title="Components" about="What screens are made of">
      <div className="grid lg:grid-cols-2">
        {["light", "dark"].map((theme) => (
          <div key={theme} data-theme={theme} className="flex flex-col gap-4 bg-canvas p-4 text-ink">
            <h2 className="font-semibold text-lg">{theme === "light" ? "Light" : "Dark"}</h2>
            <Controls theme={theme} />
            <Words theme={theme} />
            <Layers theme={theme} />
          </div>
        ))}
      </div>
      <div className="p-4">
        <Pane title="A list">
          <div className="flex h-96 flex-col">
            <Rows />
          </div>
        </Pane>
      </div>
    </Page>
  );
}

function Row({ children }: { children: ReactNode }) {
  return <div className="mb-3 flex flex-wrap items-center gap-2 last:mb-0">{children}</div>;
}

function Controls({ theme }: { theme: string }) {
  const [fruit, setFruit] = useState<Option | null>(null);
  return (
    <Pane title="Controls">
      <Row>
        <Button look="primary">
          <Plus aria-hidden className="size-4" /> Primary
        </Button>
        <Button>Normal</Button>
        <Button look="plain">Plain</Button>
        <Button look="danger">Danger</Button>
        <Button busy>Busy…</Button>
        <Button disabled>Disabled</Button>
      </Row>
      <div className="grid gap-4 sm:grid-cols-2">
        <Field label="Field" placeholder="Empty" hint="What it is for." />
        <Field label="Field with a fault" defaultValue="x" error="Use at least 8 characters." />
        <Select
          label="Select"
          choices={[
            { value: "a", text: "First" },
            { value: "b", text: "Second" },
          ]}
        />
        <Combobox
          label="Combobox"
          value={fruit}
          onChange={setFruit}
          queryKey={["ui", theme]}
          load={async (typed) => FRUIT.filter((one) => one.text.toLowerCase().includes(typed.toLowerCase()))}
        />
        <Textarea label="Textarea" defaultValue={"Several\nlines"} />
        <Checkbox label="Checkbox" hint="With a hint." defaultChecked />
      </div>
    </Pane>
  );
}

function Words({ theme }: { theme: string }) {
  return (
    <Pane title="Words and numbers">
      <Row>
        {STATUSES.map((status) => (
          <Status key={status} status={status} />
        ))}
      </Row>
      <Row>
        <Badge tone="good">good</Badge>
        <Badge tone="warn">warn</Badge>
        <Badge tone="danger">danger</Badge>
        <Badge tone="accent">accent</Badge>
      </Row>
      <Row>
        <Money minor={1234550} currency="USD" />
        <Money minor={-99} currency="EUR" />
        <Money minor={1200} currency="JPY" />
        <When at="2026-11-23T16:05:00Z" zone="America/Chicago" named />
      </Row>
      <Bar className="w-1/2" />
      <EmptyState
        icon={Inbox}
        title={`Nothing is here (${theme}).`}
        action={<Button>Do the first thing</Button>}
      >
        It says what it would be, and why there is none.
      </EmptyState>
      <Failed error={new Error("The server did not answer.")} again={() => toast({ text: "Tried again." })} />
    </Pane>
  );
}

function Layers({ theme }: { theme: string }) {
  const [open, setOpen] = useState<"dialog" | "drawer" | null>(null);
  const [on, setOn] = useState(true);
  const [tab, setTab] = useState("one");
  return (
    <Pane title="Layers">
      <Row>
        <Button onClick={() => setOpen("dialog")}>Dialog</Button>
        <Button onClick={() => setOpen("drawer")}>Drawer</Button>
        <Menu button={<Button>Menu</Button>}>
          <MenuItem keys="e">Edit</MenuItem>
          <MenuSwitch on={on} onChange={setOn}>
            A switch
          </MenuSwitch>
          <MenuLine />
          <MenuItem danger>Delete</MenuItem>
        </Menu>
        <Tooltip text="A few words">
          <Button>Tooltip</Button>
        </Tooltip>
        <Button onClick={() => toast({ text: "Visit moved.", undo: () => toast({ text: "It is back." }) })}>
          Toast
        </Button>
      </Row>
      <Tabs
        label={`Tabs in ${theme}`}
        at={tab}
        onChange={setTab}
        tabs={[
          { key: "one", text: "One", count: 3, content: <p className="p-4">The first.</p> },
          { key: "two", text: "Two", content: <p className="p-4">The second.</p> },
        ]}
      />
      <Dialog
        open={open === "dialog"}
        onClose={() => setOpen(null)}
        title="A dialog"
        about="What it asks for."
        actions={
          <Button look="primary" onClick={() => toast({ text: "It went on." })}>
            Go on
          </Button>
        }
      >
        Esc closes it, and the focus comes back.
      </Dialog>
      <Drawer
        open={open === "drawer"}
        onClose={() => setOpen(null)}
        title="A drawer"
        actions={
          <Button look="primary" onClick={() => toast({ text: "It was kept.", tone: "danger" })}>
            Save
          </Button>
        }
      >
        A record beside its list.
      </Drawer>
    </Pane>
  );
}

function Rows() {
  const list = useList("/api/v2/job-types", { find: ["name"], sort: "name" });
  return (
    <DataTable
      list={list}
      name="job types"
      called={(row) => row.name}
      columns={[
        { key: "name", heading: "Name", cell: (row) => row.name, sort: "name" },
        {
          key: "minutes",
          heading: "Minutes",
          cell: (row) => row.duration_minutes,
          number: true,
          width: "100px",
        },
      ]}
      actions={(rows, done) => <Button onClick={done}>Let {rows.length} go</Button>}
    />
  );
}
