/** A change of page, for whoever does not see it: its name is said, and the focus stands at its beginning. */

import { useEffect, useRef, useState } from "react";
import { useLocation } from "react-router";

export function Announcer() {
  const { pathname } = useLocation();
  const [said, setSaid] = useState("");
  const first = useRef(true);

  useEffect(() => {
    const title = document.querySelector("title");
    if (!title) return undefined;
    const watcher = new MutationObserver(() => setSaid(document.title.replace(/ · Truckroll$/, "")));
    watcher.observe(title, { childList: true });
    return () => watcher.disconnect();
  }, []);

  // biome-ignore lint/correctness/useExhaustiveDependencies: another address is what it is about
  useEffect(() => {
    if (first.current) {
      first.current = false;
      return;
    }
    const page = document.getElementById("content");
    // a field that the page itself has put the focus into is where one goes on
    if (page && !page.querySelector(":focus")) page.focus({ preventScroll: true });
  }, [pathname]);

  return (
    <p role="status" aria-label="Page" className="sr-only">
      {said}
    </p>
  );
}
