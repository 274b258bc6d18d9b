/** People's days on paper. */

import { fileOf } from "@/api/verb";
import { open } from "@/ui/save";
import { toast } from "@/ui/toast";

/** The local day of one of them, or of all who have anything on it, in a tab of its own. */
export async function showSheets(day: string, technicianId?: string): Promise<void> {
  try {
    await open(() =>
      technicianId
        ? fileOf("/api/v2/technicians/{id}/day-sheet", { at: { id: technicianId }, query: { day } })
        : fileOf("/api/v2/day-sheets", { query: { day } }),
    );
  } catch (error) {
    toast({ text: (error as Error).message, tone: "danger" });
  }
}
