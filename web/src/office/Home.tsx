/** Where somebody begins: what is to do today. */

import type { Me } from "@/identity/me";

export function Home({ me }: { me: Me }) {
  return (
    <div className="p-6">
      <h1 className="font-semibold text-lg">{me.org.name}</h1>
      <p className="mt-1 text-muted">
        {me.user.name}, {me.org.role}
      </p>
    </div>
  );
}
