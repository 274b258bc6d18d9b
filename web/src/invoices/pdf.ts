import { fileOf } from "@/api/verb";

/** The paper, as the customer gets it. Raises `Problem`. */
export const pdf = (id: string): Promise<Blob> => fileOf("/api/v2/invoices/{id}/pdf", { at: { id } });
