/** What stands around every page: where one is, where one can go, who one is. */

import { Outlet } from "react-router";
import type { Me } from "@/identity/me";

export function Frame({ me }: { me: Me }) {
  return (
    <div className="flex h-full flex-col">
      <header className="flex h-11 shrink-0 items-center justify-between border-line border-b bg-surface px-3">
        <span className="font-semibold">Truckroll</span>
        <span className="text-muted">{me.user.name}</span>
      </header>
      <main className="min-h-0 flex-1 overflow-auto">
        <Outlet />
      </main>
    </div>
  );
}
