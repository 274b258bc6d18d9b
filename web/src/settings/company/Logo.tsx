/** The company's logo: printed on its documents from now on. */

import { useQuery } from "@tanstack/react-query";
import { ImageUp } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { api, ask, askAll } from "@/api/client";
import { queries } from "@/api/queries";
import { Button } from "@/ui/Button";
import { cx } from "@/ui/cx";
import { Pane } from "@/ui/Page";
import { toast } from "@/ui/toast";
import { Wrong } from "@/ui/Wrong";
import { known, type Organisation } from "./organisation";

/** An address of the picture in this tab, for as long as it is shown. */
function usePicture(organisation: Organisation) {
  const asked = useQuery({
    queryKey: ["organisation", "logo", organisation.version],
    enabled: organisation.logo_format !== null,
    staleTime: Number.POSITIVE_INFINITY,
    queryFn: () => ask(api.GET("/api/v2/organisation/logo", { parseAs: "blob" })) as Promise<Blob>,
  });
  const [address, setAddress] = useState<string | null>(null);
  const picture = organisation.logo_format === null ? undefined : asked.data;
  useEffect(() => {
    if (!picture) return setAddress(null);
    const made = URL.createObjectURL(picture);
    setAddress(made);
    return () => URL.revokeObjectURL(made);
  }, [picture]);
  return { address, failed: asked.isError, again: () => void asked.refetch() };
}

export function Logo({ organisation }: { organisation: Organisation }) {
  const { address, failed, again } = usePicture(organisation);
  const box = useRef<HTMLInputElement>(null);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);

  async function doing(what: () => Promise<string>) {
    setBusy(true);
    setProblem(null);
    try {
      toast({ text: await what() });
    } catch (error) {
      setProblem(error instanceof Error ? error.message : String(error));
    } finally {
      setBusy(false);
      if (box.current) box.current.value = "";
    }
  }

  const put = (file: File) =>
    doing(async () => {
      const form = new FormData();
      form.set("file", file);
      known(
        await ask(
          api.PUT("/api/v2/organisation/logo", {
            body: form as never,
            bodySerializer: (body) => body as never,
          }),
        ),
      );
      return "The logo stands on documents from now on.";
    });
  const remove = () =>
    doing(async () => {
      await askAll(api.DELETE("/api/v2/organisation/logo"));
      await queries.invalidateQueries({ queryKey: ["organisation"] });
      return "Documents have no logo any more.";
    });

  return (
    <Pane title="Logo">
      <div className="flex flex-wrap items-center gap-4">
        <div
          className={cx(
            "grid h-20 w-44 place-items-center rounded-md border border-line p-2",
            address && "bg-white",
          )}
        >
          {address ? (
            <img src={address} alt={`Logo of ${organisation.name}`} className="max-h-full max-w-full" />
          ) : (
            organisation.logo_format === null && <span className="text-muted">No logo</span>
          )}
        </div>
        <div className="flex min-w-56 flex-1 flex-col gap-2">
          <p className="text-muted">
            A PNG or SVG of at most 1 MB. It stands on invoices and other documents.
          </p>
          <div className="flex flex-wrap gap-2">
            <Button busy={busy} onClick={() => box.current?.click()}>
              <ImageUp aria-hidden className="size-3.5" />{" "}
              {organisation.logo_format ? "Another logo…" : "Choose a logo…"}
            </Button>
            {organisation.logo_format && (
              <Button look="danger" busy={busy} onClick={() => void remove()}>
                Remove
              </Button>
            )}
          </div>
          <Wrong>{problem ?? (failed && !address ? "The logo could not be read." : null)}</Wrong>
          {failed && !address && (
            <Button className="self-start" onClick={again}>
              Try again
            </Button>
          )}
        </div>
        <input
          ref={box}
          type="file"
          accept="image/png,image/svg+xml"
          aria-label="Logo"
          className="hidden"
          onChange={(event) => {
            const file = event.target.files?.[0];
            if (file) void put(file);
          }}
        />
      </div>
    </Pane>
  );
}
