/** A map of pins and of those who move between them. It needs nothing but our own server; WebGL where there is
 * some, plain SVG where not. A map alone can only be seen: whoever shows one shows the same as a list beside it. */

import { Maximize, Minus, Plus } from "lucide-react";
import { lazy, type ReactNode, Suspense, useEffect, useRef, useState } from "react";
import { useInstallation } from "@/api/installation";
import { Button } from "@/ui/Button";
import type { GroundProps, Handle, Pointed } from "./face";
import Plain from "./Plain";
import { useGround } from "./reading";
import { Scale } from "./Scale";
import { everywhere, type Scene, type View } from "./shapes";

const Gl = lazy(() => import("./Gl"));

/** All of the lower forty-eight. */
const FAR: View = { centre: [-96.5, 38.5], zoom: 3.4 };

/** Whether this machine can draw by WebGL; asked once. */
let can: boolean | undefined;
function draws(): boolean {
  if (can === undefined) {
    const context = document.createElement("canvas").getContext("webgl2");
    can = context !== null;
    context?.getExtension("WEBGL_lose_context")?.loseContext();
  }
  return can;
}

const shownTheme = () => (document.documentElement.dataset.theme === "dark" ? "dark" : "light");

function useTheme(): "light" | "dark" {
  const [theme, setTheme] = useState<"light" | "dark">(shownTheme);
  useEffect(() => {
    const watch = new MutationObserver(() => setTheme(shownTheme()));
    watch.observe(document.documentElement, { attributeFilter: ["data-theme"] });
    return () => watch.disconnect();
  }, []);
  return theme;
}

export interface LiveMapProps {
  /** What it shows, for those who do not see it. */
  label: string;
  scene: Scene;
  selected?: string | null;
  onSelect?: (id: string | null) => void;
  /** When this changes, all is brought into sight. */
  fits?: string;
  /** Small, in a page that scrolls. */
  small?: boolean;
  /** Above the map: what its signs mean. */
  children?: ReactNode;
}

export function LiveMap({
  label,
  scene,
  selected = null,
  onSelect,
  fits = "",
  small,
  children,
}: LiveMapProps) {
  const theme = useTheme();
  const installation = useInstallation();
  const basemap = installation.data?.basemap ?? null;
  const ground = useGround(true);
  const [unable, setUnable] = useState(false);
  const [wrong, setWrong] = useState<string | null>(null);
  const [pointed, setPointed] = useState<Pointed | null>(null);
  const [view, setView] = useState<View>(FAR);
  const [isDrawn, setDrawn] = useState(false);
  const handle = useRef<Handle>(null);
  const plain = unable || (small && !basemap) || !draws();

  const places = everywhere(scene);
  const any = places.length > 0;
  const fitted = useRef<string | null>(null);
  // a map begins with all in sight, and stays as somebody moved it
  useEffect(() => {
    if (!any || !isDrawn || fitted.current === fits) return;
    fitted.current = fits;
    handle.current?.fit(everywhere(scene));
  }, [any, isDrawn, fits, scene]);

  const chosen = [...scene.pins, ...scene.movers].find((one) => one.id === selected);
  // biome-ignore lint/correctness/useExhaustiveDependencies: brought into sight as it is chosen, not as it moves
  useEffect(() => {
    if (chosen && isDrawn) handle.current?.see(chosen.at);
  }, [chosen?.id, isDrawn]);

  const over = pointed && [...scene.pins, ...scene.movers].find((one) => one.id === pointed.id);
  const props: GroundProps = {
    handle,
    scene,
    selected,
    start: view,
    ground: ground.data,
    basemap,
    theme,
    still: small,
    onSelect: (id) => onSelect?.(id),
    onPoint: setPointed,
    onView: setView,
    drawn: () => setDrawn(true),
    wrong: (error) => setWrong(error.message),
    failed: () => {
      setUnable(true);
      setDrawn(false);
    },
  };
  if (installation.isPending) return <div className="size-full bg-(--map-sea)" />;
  return (
    <section
      aria-label={label}
      className="relative size-full overflow-hidden bg-(--map-sea)"
      data-drawn={isDrawn}
      data-pins={scene.pins.length}
      data-movers={scene.movers.length}
    >
      {plain ? (
        <Plain {...props} />
      ) : (
        <Suspense>
          <Gl {...props} />
        </Suspense>
      )}
      <div className="absolute top-2 right-2 z-2 flex flex-col gap-1">
        <Button
          aria-label="Closer"
          title="Closer"
          className="w-control px-0! shadow-float"
          onClick={() => handle.current?.zoom(1)}
        >
          <Plus size={15} aria-hidden />
        </Button>
        <Button
          aria-label="Farther"
          title="Farther"
          className="w-control px-0! shadow-float"
          onClick={() => handle.current?.zoom(-1)}
        >
          <Minus size={15} aria-hidden />
        </Button>
        {!small && (
          <Button
            aria-label="Show all"
            title="Show all"
            className="w-control px-0! shadow-float"
            disabled={!any}
            onClick={() => handle.current?.fit(places)}
          >
            <Maximize size={14} aria-hidden />
          </Button>
        )}
      </div>
      {children}
      <div className="pointer-events-none absolute right-2 bottom-2 z-2 flex flex-col items-end gap-1">
        {(wrong || ground.error) && (
          <p role="status" className="max-w-72 rounded bg-warn-wash px-1.5 text-sm text-warn">
            {ground.error && !basemap ? ground.error.message : `The basemap could not be read: ${wrong}`}
          </p>
        )}
        {!small && (
          // where the map is low, the buttons have its place
          <div className="[@media(max-height:520px)]:hidden">
            <Scale view={view} />
          </div>
        )}
        {!basemap && (
          <p className="rounded bg-surface/80 px-1 text-muted text-sm">Borders: US Census Bureau</p>
        )}
      </div>
      {over && pointed && (
        <p
          aria-hidden
          className="pointer-events-none absolute z-3 max-w-64 whitespace-pre-line rounded-md border border-line bg-raised px-2 py-1 text-sm shadow-float"
          style={{
            left: Math.max(8, pointed.x - 60),
            top: pointed.y + 22,
          }}
        >
          {over.title}
        </p>
      )}
    </section>
  );
}
