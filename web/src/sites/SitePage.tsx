/** A site: what to beware of, how to get in, whose it is, what stands there, and what was and will be done. */

import { EllipsisVertical, Pencil, TriangleAlert } from "lucide-react";
import { useState } from "react";
import { Link, useNavigate, useParams } from "react-router";
import { api, ask, askAll } from "@/api/client";
import { queries } from "@/api/queries";
import { Work } from "@/customers/Work";
import { useMay } from "@/identity/may";
import { Where } from "@/map/Where";
import { useLiveQueries } from "@/office/live";
import { Told } from "@/stories/Told";
import { Tags } from "@/tags/Tags";
import { Button } from "@/ui/Button";
import { useKeys } from "@/ui/keys";
import { Menu, MenuItem } from "@/ui/Menu";
import { Pane } from "@/ui/Page";
import { Opened, RecordPage } from "@/ui/RecordPage";
import { toast } from "@/ui/toast";
import { Codes } from "./Codes";
import { Known } from "./Known";
import { Parties } from "./Parties";
import { EditSite } from "./SiteForm";
import { Standing } from "./Standing";
import { again, KIND, known, present, type Site, useSite } from "./sites";

export default function SitePage() {
  const { id = "" } = useParams();
  const asked = useSite(id);
  useLiveQueries(`site:${id}`, "sites", "stories", "notes", "work-orders", "equipment");
  return (
    <Opened asked={asked} kind={KIND}>
      {(site) => <Record site={site} />}
    </Opened>
  );
}

function Record({ site }: { site: Site }) {
  const may = useMay();
  const go = useNavigate();
  const [editing, setEditing] = useState(false);
  const payer = present(site)[0];
  const params = { params: { path: { id: site.id } } };

  useKeys(
    may("sites:write") ? [{ keys: "e", says: "Edit", group: "Record", do: () => setEditing(true) }] : [],
  );

  async function remove() {
    try {
      await askAll(api.DELETE("/api/v2/sites/{id}", params));
      await go("/sites");
      await again();
      toast({
        text: `${site.address} was removed.`,
        undo: () => ask(api.POST("/api/v2/sites/{id}/restore", params)).then(known),
      });
    } catch (error) {
      toast({ text: (error as Error).message, tone: "danger" });
    }
  }

  return (
    <RecordPage
      title={site.address}
      about={site.name}
      actions={
        <>
          {may("sites:write") && (
            <Button aria-keyshortcuts="e" onClick={() => setEditing(true)}>
              <Pencil aria-hidden className="size-3.5" /> Edit
            </Button>
          )}
          {payer && may("dispatch:write") && (
            <Button look="primary" asChild>
              <Link to={`/call?customer=${payer.customer.id}&site=${site.id}`}>Book work here</Link>
            </Button>
          )}
          {may("sites:write") && (
            <Menu
              align="end"
              button={
                <Button look="plain" aria-label="More" className="w-control px-0!">
                  <EllipsisVertical aria-hidden className="size-4" />
                </Button>
              }
            >
              <MenuItem danger onSelect={() => void remove()}>
                Remove
              </MenuItem>
            </Menu>
          )}
        </>
      }
      banners={site.hazards.map((one) => (
        <p
          key={one.text}
          className="flex items-center gap-2 rounded-md bg-danger-wash px-3 py-2 font-medium text-danger"
        >
          <TriangleAlert aria-hidden className="size-4 shrink-0" /> {one.text}
        </p>
      ))}
      aside={
        <>
          <Pane title="Site">
            <Known site={site} />
            {may("sites:access-codes") && <Codes id={site.id} />}
            {may("tags:read") && (
              <div className="mt-3">
                <Tags
                  entity="site"
                  id={site.id}
                  tags={site.tags}
                  may={may("sites:write")}
                  mayMake={may("tags:write")}
                  onChanged={() => queries.invalidateQueries({ queryKey: ["sites"] })}
                />
              </div>
            )}
          </Pane>
          <Where sites={[site]} />
          <Parties site={site} />
          {may("equipment:read") && <Standing site={site} />}
        </>
      }
      layers={editing && <EditSite site={site} onClose={() => setEditing(false)} />}
    >
      {may("work-orders:read") && <Work of={{ site_id: site.id }} open />}
      {may("work-orders:read") && <Work of={{ site_id: site.id }} open={false} />}
      <Told of="sites" id={site.id} notes="site" />
    </RecordPage>
  );
}
