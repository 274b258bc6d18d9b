/**
 * The signs of the blocks as pictures, each drawn once. An `<svg>` in every block is clipped and composited by itself
 * in each frame that shows a change anywhere on the board: that was a third of what such a frame cost.
 */

import { Lock, TriangleAlert } from "lucide-react";
import { useLayoutEffect, useRef } from "react";
import { ICONS } from "./StatusIcon";

const DRAWN = { ...ICONS, locked: Lock, warned: TriangleAlert };

export const Sign = ({ of }: { of: string }) => <i aria-hidden className="v-sign" data-sign={of} />;

/** Where this stands, each `Sign` has its picture, in the colour of the theme. */
export function Signs() {
  const drawn = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    const sheet = new CSSStyleSheet();
    document.adoptedStyleSheets.push(sheet);
    const draw = () => sheet.replaceSync(rulesOf([...(drawn.current?.children ?? [])]));
    draw();
    const themes = new MutationObserver(draw);
    themes.observe(document.documentElement, { attributeFilter: ["data-theme"] });
    return () => {
      themes.disconnect();
      document.adoptedStyleSheets = document.adoptedStyleSheets.filter((one) => one !== sheet);
    };
  }, []);
  return (
    <div hidden ref={drawn}>
      {Object.entries(DRAWN).map(([name, Icon]) => (
        <Icon key={name} data-sign={name} strokeWidth={2.4} />
      ))}
    </div>
  );
}

function rulesOf(icons: readonly Element[]): string {
  const ink = getComputedStyle(document.documentElement).getPropertyValue("--on-status").trim();
  return icons
    .map((one) => {
      const picture = new XMLSerializer().serializeToString(one).replaceAll("currentColor", ink);
      const address = `data:image/svg+xml,${encodeURIComponent(picture)}`;
      return `.v-sign[data-sign="${one.getAttribute("data-sign")}"] { background-image: url("${address}"); }`;
    })
    .join("\n");
}
