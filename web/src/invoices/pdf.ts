import { api, ask } from "@/api/client";

/** The paper, as the customer gets it. Raises `Problem`. */
export const pdf = (id: string): Promise<Blob> =>
  ask(
    api.GET("/api/v2/invoices/{id}/pdf", { params: { path: { id } }, parseAs: "blob" } as never),
  ) as Promise<Blob>;
