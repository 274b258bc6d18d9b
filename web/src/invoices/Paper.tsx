/** The invoice as the customer gets it, in the browser's own reader of PDFs. */

import { useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { Failed } from "@/ui/Failed";
import { Skeleton } from "@/ui/Skeleton";
import { pdf } from "./pdf";

export function Paper({ id, version }: { id: string; version: number }) {
  const asked = useQuery({ queryKey: ["invoices", id, "pdf", version], queryFn: () => pdf(id), gcTime: 0 });
  const [address, setAddress] = useState<string | null>(null);
  useEffect(() => {
    if (!asked.data) return;
    const made = URL.createObjectURL(asked.data);
    setAddress(made);
    return () => URL.revokeObjectURL(made);
  }, [asked.data]);
  if (asked.error) return <Failed error={asked.error} again={() => void asked.refetch()} />;
  if (!address) return <Skeleton label="Printing the invoice" />;
  return (
    <iframe
      title="The invoice as a PDF"
      src={`${address}#toolbar=0&navpanes=0`}
      className="aspect-[8.5/11] w-full rounded-lg border border-line bg-white"
    />
  );
}
