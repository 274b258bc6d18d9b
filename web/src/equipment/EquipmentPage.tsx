/** One thing that is looked after: where it stands, its warranty, all that was done to it; moved and retired. */

import { EllipsisVertical, Pencil } from "lucide-react";
import { useState } from "react";
import { Link, useNavigate, useParams } from "react-router";
import { api, ask, askAll } from "@/api/client";
import { queries } from "@/api/queries";
import { useMay } from "@/identity/may";
import { useLiveQueries } from "@/office/live";
import { useSite } from "@/sites/sites";
import { Told } from "@/stories/Told";
import { Tags } from "@/tags/Tags";
import { AskWhy, type Why } from "@/ui/AskWhy";
import { Button } from "@/ui/Button";
import { Facts } from "@/ui/Facts";
import { useKeys } from "@/ui/keys";
import { Menu, MenuItem, MenuLine } from "@/ui/Menu";
import { Pane } from "@/ui/Page";
import { Opened, RecordPage } from "@/ui/RecordPage";
import { Status } from "@/ui/Status";
import { toast } from "@/ui/toast";
import { onDay } from "@/ui/when";
import { EquipmentForm } from "./EquipmentForm";
import { again, type Equipment, equipmentPath, KIND, known, useEquipment } from "./equipment";
import { Move } from "./Move";
import { Serviced } from "./Serviced";

export default function EquipmentPage() {
  const { id = "" } = useParams();
  const asked = useEquipment(id);
  useLiveQueries(`equipment:${id}`, "equipment", "stories");
  return (
    <Opened asked={asked} kind={KIND}>
      {(one) => <Record one={one} />}
    </Opened>
  );
}

function Record({ one }: { one: Equipment }) {
  const may = useMay();
  const go = useNavigate();
  const [why, setWhy] = useState<Why | null>(null);
  const [layer, setLayer] = useState<"edit" | "move" | null>(null);
  const mayEdit = may("equipment:write");
  const params = { path: { id: one.id } };
  const retiring: Why = {
    title: "Retire",
    about: `${one.name} is not looked after any more. Its history stays.`,
    verb: "Retire",
    look: "danger",
    needed: false,
    do: (reason) => ask(api.POST("/api/v2/equipment/{id}/retire", { params, body: { reason } })).then(known),
  };
  const back: Why = {
    title: "Bring back",
    about: `${one.name} is looked after again.`,
    verb: "Bring back",
    needed: false,
    do: (reason) =>
      ask(api.POST("/api/v2/equipment/{id}/reinstate", { params, body: { reason } })).then(known),
  };

  useKeys(mayEdit ? [{ keys: "e", says: "Edit", group: "Record", do: () => setLayer("edit") }] : []);

  async function remove() {
    try {
      await askAll(api.DELETE("/api/v2/equipment/{id}", { params }));
      await go("/equipment");
      await again();
      toast({
        text: `${one.name} was removed.`,
        undo: () => ask(api.POST("/api/v2/equipment/{id}/restore", { params })).then(known),
      });
    } catch (error) {
      toast({ text: (error as Error).message, tone: "danger" });
    }
  }

  return (
    <RecordPage
      title={one.name}
      about={<Status status={one.status} />}
      actions={
        mayEdit && (
          <>
            <Button look="primary" aria-keyshortcuts="e" onClick={() => setLayer("edit")}>
              <Pencil aria-hidden className="size-3.5" /> Edit
            </Button>
            <Button onClick={() => setLayer("move")}>Move…</Button>
            <Menu
              align="end"
              button={
                <Button look="plain" aria-label="More" className="w-control px-0!">
                  <EllipsisVertical aria-hidden className="size-4" />
                </Button>
              }
            >
              {one.allowed_transitions.includes("retire") && (
                <MenuItem onSelect={() => setWhy(retiring)}>Retire…</MenuItem>
              )}
              {one.allowed_transitions.includes("reinstate") && (
                <MenuItem onSelect={() => setWhy(back)}>Bring back…</MenuItem>
              )}
              <MenuLine />
              <MenuItem danger onSelect={() => void remove()}>
                Remove
              </MenuItem>
            </Menu>
          </>
        )
      }
      aside={
        <Pane title="Equipment">
          <Known one={one} />
          {may("tags:read") && (
            <div className="mt-3">
              <Tags
                entity="equipment"
                id={one.id}
                tags={one.tags}
                may={mayEdit}
                mayMake={may("tags:write")}
                onChanged={() => queries.invalidateQueries({ queryKey: ["equipment"] })}
              />
            </div>
          )}
        </Pane>
      }
      layers={
        <>
          {layer === "edit" && <EquipmentForm one={one} onClose={() => setLayer(null)} />}
          {layer === "move" && <Move one={one} onClose={() => setLayer(null)} />}
          {why && <AskWhy why={why} onClose={() => setWhy(null)} />}
        </>
      }
    >
      {may("visits:read") && <Serviced id={one.id} />}
      <Told of="equipment" id={one.id} />
    </RecordPage>
  );
}

function Known({ one }: { one: Equipment }) {
  const may = useMay();
  const site = useSite(one.site_id, may("sites:read"));
  const whole = useEquipment(one.parent_id);
  return (
    <Facts
      of={[
        [
          "Site",
          site.data && (
            <Link to={`/sites/${one.site_id}`} className="text-accent hover:underline">
              {site.data.address}
            </Link>
          ),
        ],
        ["On the site", one.location],
        [
          "Part of",
          whole.data && (
            <Link to={equipmentPath(whole.data.id)} className="text-accent hover:underline">
              {whole.data.name}
            </Link>
          ),
        ],
        ["Type", one.type],
        ["Make", one.make],
        ["Model", one.model],
        ["Serial", one.serial],
        ["Installed", one.installed_on && onDay(one.installed_on)],
        ["Warranty until", one.warranty_until && onDay(one.warranty_until)],
        ["Why so", one.status_reason],
        ["Key elsewhere", one.external_key],
        ["About it", one.notes],
      ]}
    />
  );
}
