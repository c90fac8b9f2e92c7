import { existsSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { type Browser, chromium } from "playwright-core";
import { rolldown } from "rolldown";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

const CHROMIUM = process.env["CHROMIUM"] ?? "/usr/bin/chromium";

/** What page.ts reports. */
interface Report {
  readonly threads: number;
  readonly right: boolean;
}

describe.skipIf(!existsSync(CHROMIUM))("a browser", () => {
  let browser: Browser;
  let server: Server;
  let script: string;

  beforeAll(async () => {
    const bundle = await rolldown({ input: join(import.meta.dirname, "page.ts"), platform: "browser" });
    script = (await bundle.generate({ format: "esm" })).output[0].code;
    await bundle.close();
    server = createServer(({ url = "/" }, response) => {
      response.setHeader("Content-Type", url.startsWith("/page.js") ? "text/javascript" : "text/html");
      if (!url.includes("plain")) {
        response.setHeader("Cross-Origin-Opener-Policy", "same-origin");
        response.setHeader("Cross-Origin-Embedder-Policy", "require-corp");
      }
      response.end(url.startsWith("/page.js") ? script : "<!doctype html><title>chainrule</title>");
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    browser = await chromium.launch({ executablePath: CHROMIUM, args: ["--no-sandbox"] });
  });

  afterAll(async () => {
    await browser?.close();
    server?.close();
  });

  async function report(path: string, inWorker: boolean): Promise<Report> {
    const page = await browser.newPage();
    await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/${path}`);
    const file = JSON.stringify(`/page.js?${path}`);
    // As text: the test runner rewrites an `import` in a function.
    const result = await page.evaluate(
      inWorker
        ? `new Promise((resolve, reject) => {
            const thread = new Worker(${file}, { type: "module" });
            thread.onmessage = ({ data }) => resolve(data);
            thread.onerror = ({ message }) => reject(new Error(message));
            thread.postMessage("report");
          })`
        : `import(${file}).then(({ report }) => report())`,
    );
    await page.close();
    return result as Report;
  }

  test("runs on the page's own thread alone, isolated or not", async () => {
    expect(await report("plain", false)).toEqual({ threads: 1, right: true });
    expect(await report("isolated", false)).toEqual({ threads: 1, right: true });
  });

  test("shares kernels from a worker of an isolated page", async () => {
    expect(await report("isolated", true)).toEqual({ threads: 3, right: true });
    expect(await report("plain", true)).toEqual({ threads: 1, right: true });
  });
});
