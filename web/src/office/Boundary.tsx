/** What failed while it was drawn takes nothing else with it: the frame stays, and says what to do. */

import { Component, type ReactNode } from "react";
import { Outlet, useLocation, useParams } from "react-router";
import type { Me } from "@/identity/me";
import { Button } from "@/ui/Button";
import { EmptyState } from "@/ui/EmptyState";
import { Page } from "@/ui/Page";
import { mayGo, PLACES } from "./nav";

export class Boundary extends Component<{ children: ReactNode; what?: string }, { error: Error | null }> {
  override state = { error: null as Error | null };

  static getDerivedStateFromError(error: Error) {
    return { error };
  }

  override render() {
    const { error } = this.state;
    if (!error) return this.props.children;
    // its file did not come: there is a newer version, which has another, or there is no line
    const isMissing = /dynamically imported|module script|preload/i.test(error.message);
    const { what = "This page" } = this.props;
    return (
      <div role="alert" className="m-6 max-w-prose rounded-md border border-line bg-surface p-4">
        <p className="font-medium">
          {what} could not be {isMissing ? "fetched" : "shown"}.
        </p>
        <p className="mt-1 text-muted">
          {isMissing
            ? "There is a newer version of Truckroll, or no line to it. Load the page again."
            : error.message}
        </p>
        <Button look="primary" className="mt-3" onClick={() => location.reload()}>
          Load again
        </Button>
      </div>
    );
  }
}

/** A place that one's role does not reach: an address can be typed, or sent by somebody else. */
function Closed({ words }: { words: string }) {
  return (
    <Page title={words}>
      <EmptyState title="Your role does not reach this page">
        Whoever runs your organisation decides what a role may see.
      </EmptyState>
    </Page>
  );
}

/** Around every page; a page of another record is another page, and keeps nothing of the one before. */
export function Guarded({ me }: { me: Me }) {
  const { pathname } = useLocation();
  const { id } = useParams();
  const first = `/${pathname.split("/")[1]}`;
  const place = PLACES.find((one) => one.to === first);
  if (place && !mayGo(me, place)) return <Closed words={place.words} />;
  return (
    <Boundary key={pathname}>
      <Outlet key={id ?? ""} />
    </Boundary>
  );
}
