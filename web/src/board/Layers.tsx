/** The layer that is asked for (`layers.ts`). */

import { lazy, Suspense, useEffect } from "react";
import { leave, useLayer } from "./layers";

const Notes = lazy(() => import("./Notes"));
const Event = lazy(() => import("./Event"));
const Hold = lazy(() => import("./Hold"));
const NewHold = lazy(() => import("./HoldTime"));

export function Layers() {
  const layer = useLayer((one) => one.layer);
  useEffect(() => leave, []);
  if (!layer) return null;
  return (
    <Suspense>
      {layer.what === "notes" && <Notes {...layer} onClose={leave} />}
      {layer.what === "event" && <Event key={layer.id} id={layer.id} onClose={leave} />}
      {layer.what === "new event" && <Event id={null} {...layer} onClose={leave} />}
      {layer.what === "hold" && <Hold key={layer.id} {...layer} onClose={leave} />}
      {layer.what === "new hold" && <NewHold {...layer} onClose={leave} />}
    </Suspense>
  );
}
