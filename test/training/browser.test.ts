import { existsSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { type Browser, chromium } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { bundle, bundleToFile, run } from "./bundle.ts";
import type { Trained } from "./page.ts";

const CHROMIUM = process.env["CHROMIUM"] ?? "/usr/bin/chromium";
const STEPS = 300;

const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

describe.skipIf(!existsSync(CHROMIUM))(`a browser trains as Node does (with ${CHROMIUM})`, () => {
  let browser: Browser;
  let server: Server;
  let here: Trained;

  beforeAll(async () => {
    const script = await bundle("page.ts");
    server = createServer(({ url }, response) => {
      response.setHeader("Content-Type", url === "/page.js" ? "text/javascript" : "text/html");
      response.setHeader("Cross-Origin-Opener-Policy", "same-origin");
      response.setHeader("Cross-Origin-Embedder-Policy", "require-corp");
      response.end(
        url === "/page.js" ? script : '<!doctype html><link rel="icon" href="data:,"><title>chainrule</title>',
      );
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    browser = await chromium.launch({ executablePath: CHROMIUM, args: FLAGS }); // with a profile of its own
    // Chromium has relaxed SIMD; Node has it from version 21 on, and before that behind a flag.
    const flags = Number(process.versions.node.split(".")[0]) < 21 ? ["--experimental-wasm-relaxed-simd"] : [];
    here = JSON.parse(run(await bundleToFile("node.ts"), [`${STEPS}`], { DEVICE: "wasm" }, flags));
  });

  afterAll(async () => {
    await browser?.close();
    server?.close();
  });

  /** Runs a script in a fresh page, which must not complain of anything. */
  async function inPage(script: string): Promise<Trained> {
    const page = await browser.newPage();
    const complaints: string[] = [];
    page.on("console", (message) => complaints.push(message.text()));
    page.on("pageerror", (error) => complaints.push(String(error)));
    await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
    const result = await page.evaluate(script);
    await page.close();
    expect(complaints).toEqual([]);
    return result as Trained;
  }

  const fuses = ({ device }: Trained): boolean => device.includes("fused multiply-add");

  function expectSame(there: Trained): void {
    expect(fuses(there)).toBe(fuses(here));
    expect({ ...there, device: here.device }).toEqual(here);
    expect(there.losses.at(-1)).toBeLessThan(0.02);
  }

  test("on the page's thread", async () => {
    expectSame(await inPage(`import("/page.js").then(({ train }) => train(${STEPS}))`));
  });

  test("in a worker", async () => {
    expectSame(
      await inPage(`new Promise((resolve, reject) => {
        const thread = new Worker("/page.js", { type: "module" });
        thread.onmessage = ({ data }) => resolve(data);
        thread.onerror = ({ message }) => reject(new Error(message));
        thread.postMessage(${STEPS});
      })`),
    );
  });
});
