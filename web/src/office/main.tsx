/** The office begins here: one query cache, one router, one frame. */

import "@/ui/tokens.css";
import "@/ui/goingBack";
import { QueryClientProvider } from "@tanstack/react-query";
import { setNonce } from "get-nonce";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { BrowserRouter } from "react-router";
import { queries } from "@/api/queries";
import { follow } from "@/ui/preferences";
import { Routes } from "./Routes";

// what locks scrolling behind a dialog adds a style element, which our policy lets in by this alone
const nonce = document.querySelector<HTMLMetaElement>("meta[property=csp-nonce]")?.nonce;
if (nonce) setNonce(nonce);

follow();

const root = document.getElementById("root");
if (!root) throw new Error("the page has no #root");
createRoot(root).render(
  <StrictMode>
    <QueryClientProvider client={queries}>
      {/* what is pressed next acts on what the address says by now: not on a page that is yet to be drawn anew */}
      <BrowserRouter useTransitions={false}>
        <Routes />
      </BrowserRouter>
    </QueryClientProvider>
  </StrictMode>,
);
