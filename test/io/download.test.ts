import { createHash } from "node:crypto";
import { mkdtemp, readdir, readFile, writeFile } from "node:fs/promises";
import type { RequestListener } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterEach, describe, expect, it, vi } from "vitest";
import { DataError } from "../../src/core/errors.ts";
import { download, obtain, readLocal, type Source } from "../../src/io/download.ts";
import { serve } from "./serve.ts";

const content = new Uint8Array([0, 0, 8, 1, 0, 0, 0, 3, 7, 2, 1]);
const sha256 = createHash("sha256").update(content).digest("hex");
const folder = () => mkdtemp(join(tmpdir(), "chainrule-download-"));
const remote = (...mirrors: string[]): Source => ({
  title: "Labels",
  folder: "labels",
  files: { labels: sha256 },
  mirrors,
  advice: "ask for it",
});
const good: RequestListener = (_, response) => response.end(gzipSync(content));

describe("download", () => {
  it("fetches <mirror>/<name>.gz, and keeps what is inside", async () => {
    const asked: string[] = [];
    const mirror = await serve((request, response) => {
      asked.push(request.url!);
      good(request, response);
    });
    const cache = join(await folder(), "not", "there", "yet");
    expect(new Uint8Array(await download(remote(mirror), "labels", cache))).toEqual(content);
    expect(asked).toEqual(["/data/labels.gz"]);
    expect(new Uint8Array(await readFile(join(cache, "labels")))).toEqual(content);
    expect(new Uint8Array((await readLocal(remote(), "labels", [cache]))!)).toEqual(content);
  });

  it.each<[string, RequestListener]>([
    ["is missing it", (_, response) => response.writeHead(404).end()],
    [
      "breaks off",
      (_, response) => void response.writeHead(200, { "content-length": "1000" }).write("x", () => response.destroy()),
    ],
    ["serves a page", (_, response) => response.end("<html>")],
    ["serves half", (_, response) => response.end(gzipSync(content).subarray(0, 20))],
    ["serves something else", (_, response) => response.end(gzipSync("something else"))],
  ])("goes on to the next mirror when one %s", async (_, bad) => {
    const cache = await folder();
    expect(new Uint8Array(await download(remote(await serve(bad), await serve(good)), "labels", cache))).toEqual(
      content,
    );
    expect(await readdir(cache)).toEqual(["labels"]);
  });

  it("says what each mirror answered and where the file goes when none serves it", async () => {
    const cache = await folder();
    const mirrors = [await serve((_, response) => response.writeHead(503).end()), "http://127.0.0.1:1/mnist"];
    const error = await download(remote(...mirrors), "labels", cache).catch((e: unknown) => e as Error);
    expect(error).toBeInstanceOf(DataError);
    const { message } = error as Error;
    expect(message).toContain(`${mirrors[0]}/labels.gz: answered 503`);
    expect(message).toContain("http://127.0.0.1:1/mnist/labels.gz: ");
    expect(message).toContain(`ask for it, or put the files labels (plain or .gz) into ${cache}.`);
    expect(await readdir(cache)).toEqual([]);
  });
});

describe("readLocal", () => {
  it("takes the first folder that has it, plain or gzipped", async () => {
    const [empty, full] = [await folder(), await folder()];
    expect(await readLocal(remote(), "labels", [empty, full])).toBeUndefined();
    await writeFile(join(full, "labels.gz"), gzipSync(content));
    expect(new Uint8Array((await readLocal(remote(), "labels", [empty, full]))!)).toEqual(content);
  });

  it("refuses a file that is truncated or altered, by name", async () => {
    const cache = await folder();
    await writeFile(join(cache, "labels"), content.subarray(0, 10));
    await expect(readLocal(remote(), "labels", [cache])).rejects.toThrow(
      `${join(cache, "labels")} is truncated or altered: 10 bytes`,
    );
    const other = await folder();
    await writeFile(join(other, "labels.gz"), gzipSync(content).subarray(0, 15));
    await expect(readLocal(remote(), "labels", [other])).rejects.toThrow(
      `${join(other, "labels.gz")} is truncated or not a gzip file`,
    );
  });
});

describe("obtain", () => {
  afterEach(() => vi.unstubAllEnvs());

  it("takes what a package has installed, then the cache, then a mirror, which it asks once", async () => {
    vi.stubEnv("XDG_CACHE_HOME", await folder());
    let asked = 0;
    const mirror = await serve((request, response) => {
      asked++;
      good(request, response);
    });
    for (let time = 0; time < 2; time++) {
      const [bytes] = await obtain(remote(mirror), ["labels"], {});
      expect(new Uint8Array(bytes)).toEqual(content);
    }
    expect(asked).toBe(1);
    expect(await readdir(join(process.env.XDG_CACHE_HOME!, "chainrule", "labels"))).toEqual(["labels"]);
    const installed = await folder();
    await writeFile(join(installed, "labels"), "something else");
    await expect(obtain({ ...remote(), installed: [installed] }, ["labels"], {})).rejects.toThrow(
      `${join(installed, "labels")} is truncated or altered`,
    );
  });

  it("keeps nothing of a download that is broken off, and fetches it the next time", async () => {
    const root = await folder();
    const mirror = await serve((_, response) => {
      response.writeHead(200, { "content-length": "1000" }).write("x", () => response.destroy());
    });
    await expect(obtain(remote(mirror), ["labels"], { root })).rejects.toThrow("could not download labels");
    expect(await readdir(root)).toEqual([]);
    expect(await obtain(remote(await serve(good)), ["labels"], { root })).toHaveLength(1);
  });

  it("fetches nothing if it may not", async () => {
    const root = await folder();
    const mirror = await serve(() => expect.unreachable());
    const refusal = (reason: string) =>
      `Labels is not here (no labels in ${root}) and ${reason} forbids fetching it: allow that, ask for it, or put the files labels (plain or .gz) into ${root}.`;
    await expect(obtain(remote(mirror), ["labels"], { root, download: false })).rejects.toThrow(
      refusal("download: false"),
    );
    vi.stubEnv("CHAINRULE_OFFLINE", "1");
    await expect(obtain(remote(mirror), ["labels"], { root, download: true })).rejects.toThrow(
      refusal("CHAINRULE_OFFLINE=1"),
    );
  });
});
