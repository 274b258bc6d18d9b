/// <reference types="vitest/config" />
import { fileURLToPath } from "node:url";
import tailwind from "@tailwindcss/vite";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

// One build of all clients. The server writes a fresh nonce in place of the one named here into each page
// that it sends (app/api/public/web.py), so no style or script of somebody else's runs.
export default defineConfig({
  root: here("."),
  plugins: [react(), tailwind()],
  resolve: { alias: { "@": here("./src") } },
  html: { cspNonce: "__CSP_NONCE__" },
  worker: { format: "es" },
  build: {
    outDir: "dist",
    target: "es2022",
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    chunkSizeWarningLimit: 2000,
    manifest: "manifest.json",
    rolldownOptions: { input: { office: here("./index.html") } },
  },
  server: {
    proxy: { "/api": { target: process.env.TRUCKROLL_URL ?? "http://127.0.0.1:8000", ws: true } },
  },
  test: { include: ["src/**/*.test.ts", "src/**/*.test.tsx"], environment: "node" },
});
