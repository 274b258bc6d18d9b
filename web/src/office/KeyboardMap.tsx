/** What the keys do on the page that is open. */

import { Dialog } from "@/ui/Dialog";
import { shown, useBindings } from "@/ui/keys";

export function KeyboardMap({ open, onClose }: { open: boolean; onClose: () => void }) {
  const all = useBindings((now) => now.all);
  const groups = new Map<string, Map<string, string>>();
  for (const { keys, says, group = "Everywhere" } of [...all.values()].flat()) {
    if (!says) continue;
    const lines = groups.get(group) ?? new Map<string, string>();
    groups.set(group, lines.set(keys, says));
  }
  return (
    <Dialog open={open} onClose={onClose} title="Keyboard" about="What keys do on this page." wide>
      <div className="grid gap-6 sm:grid-cols-2">
        {[...groups].map(([group, lines]) => (
          <section key={group}>
            <h3 className="mb-1 font-semibold">{group}</h3>
            <dl>
              {[...lines].map(([keys, says]) => (
                <div
                  key={keys}
                  className="flex items-center justify-between gap-4 border-line border-b py-1.5"
                >
                  <dt>{says}</dt>
                  <dd>
                    <kbd className="rounded border border-line bg-sunken px-1.5 font-sans text-sm">
                      {shown(keys)}
                    </kbd>
                  </dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
    </Dialog>
  );
}
