/** Whether the form that adds one is open: it stands in the address (`?new`), so that the palette leads there. */

import { useSearchParams } from "react-router";

export function useNew() {
  const [query, setQuery] = useSearchParams();
  const put = (open: boolean) =>
    setQuery(
      (before) => {
        const next = new URLSearchParams(before);
        if (open) next.set("new", "");
        else next.delete("new");
        return next;
      },
      { replace: true },
    );
  return { isOpen: query.has("new"), open: () => put(true), close: () => put(false) };
}
