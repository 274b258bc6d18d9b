/** What could not be read, in the server's words, with another try. */

import { Problem } from "@/api/client";
import { Button } from "./Button";

export function Failed({ error, again }: { error: Error; again: () => void }) {
  return (
    <div role="alert" className="m-6 max-w-prose rounded-md border border-line bg-surface p-4">
      <p className="font-medium">This could not be read.</p>
      <p className="mt-1 text-muted">{error.message}</p>
      {error instanceof Problem && error.requestId && (
        <p className="mt-1 text-muted text-sm">
          Request <span className="tabular select-all">{error.requestId}</span>
        </p>
      )}
      <Button className="mt-3" onClick={again}>
        Try again
      </Button>
    </div>
  );
}
