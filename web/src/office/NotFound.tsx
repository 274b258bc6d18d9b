/** An address that leads nowhere. */

import { Link } from "react-router";

export function NotFound() {
  return (
    <div className="m-6 max-w-prose">
      <h1 className="font-semibold text-lg">There is no such page</h1>
      <p className="mt-1 text-muted">The address may be from an older link, or has a letter too many.</p>
      <p className="mt-3">
        <Link className="text-accent underline" to="/">
          Go to the start
        </Link>
      </p>
    </div>
  );
}
