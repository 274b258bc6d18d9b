/** Codes are read one by one, when somebody asks: each look is kept. */

import { useMutation } from "@tanstack/react-query";
import { api, ask } from "@/api/client";
import { Button } from "@/ui/Button";
import { Wrong } from "@/ui/Wrong";

export function Codes({ id }: { id: string }) {
  const look = useMutation({
    gcTime: 0,
    mutationFn: () => ask(api.GET("/api/v2/sites/{id}/access-codes", { params: { path: { id } } })),
  });
  return (
    <div className="mt-3 flex flex-col items-start gap-2">
      {look.data ? (
        <p>
          <span className="text-muted">Gate code</span>{" "}
          <span className="tabular select-all font-medium">{look.data.gate_code ?? "none is known"}</span>
        </p>
      ) : (
        <Button busy={look.isPending} onClick={() => look.mutate()}>
          Show the gate code
        </Button>
      )}
      <Wrong>{look.error?.message}</Wrong>
    </div>
  );
}
