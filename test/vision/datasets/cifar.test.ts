import { createHash } from "node:crypto";
import { mkdir, mkdtemp, readdir, writeFile } from "node:fs/promises";
import type { RequestListener } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterEach, describe, expect, it, vi } from "vitest";
import { DataError } from "../../../src/core/errors.ts";
import type { Source } from "../../../src/io/download.ts";
import { readCifar } from "../../../src/vision/datasets/cifar.ts";
import { CIFAR10_CLASSES, CIFAR100_CLASSES, cifar10, cifar100 } from "../../../src/vision/index.ts";
import { serve } from "../../io/serve.ts";
import { tar } from "../../io/tar.ts";

afterEach(() => vi.unstubAllEnvs());

/** Records with these labels; plane c of picture i is filled with 10i + c. */
const records = (labels: number[][]) =>
  Buffer.concat(
    labels.map((bytes, i) =>
      Buffer.concat([Buffer.from(bytes), ...[0, 1, 2].map((c) => Buffer.alloc(1024, 10 * i + c))]),
    ),
  );
const sha256 = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");

const train = records([[3], [7]]);
const test = records([[1], [0], [9]]);
const archive = tar({ "small/readme.txt": Buffer.from("hello"), "small/train.bin": train, "small/test.bin": test });
const source = (...mirrors: string[]): Source => ({
  title: "Small",
  folder: "small",
  archive: { name: "small-binary", folder: "small" },
  files: { "train.bin": sha256(train), "test.bin": sha256(test) },
  mirrors,
});
const folder = () => mkdtemp(join(tmpdir(), "chainrule-cifar-"));
const good: RequestListener = (_, response) => response.end(gzipSync(archive));
const read = (from: Source, root: string, options = {}) =>
  readCifar(from, ["test.bin"], 1, { root, ...options }, { classes: CIFAR10_CLASSES });

describe("readCifar", () => {
  it("fetches the archive, keeps all of its files, and needs no mirror afterwards", async () => {
    const asked: string[] = [];
    const mirror = await serve((request, response) => {
      asked.push(request.url!);
      good(request, response);
    });
    const root = join(await folder(), "new");
    const dataset = await read(source(mirror), root);
    expect(dataset.length).toBe(3);
    expect(dataset.shape).toEqual([3, 32, 32]);
    expect([...dataset.labels]).toEqual([1, 0, 9]);
    const [image, label] = dataset.get(2);
    expect([image.shape, image.dtype, label.itemSync()]).toEqual([[3, 32, 32], "f32", 9]);
    expect(Array.from(image.amax([1, 2]).dataSync(), (value) => Math.round(value * 255))).toEqual([20, 21, 22]);
    expect([...dataset.example(1).picture.data.subarray(0, 6)]).toEqual([10, 11, 12, 10, 11, 12]);
    expect((await readdir(root)).sort()).toEqual(["test.bin", "train.bin"]);
    const both = await readCifar(source(), ["train.bin", "test.bin"], 1, { root, download: false }, {});
    expect([...both.labels]).toEqual([3, 7, 1, 0, 9]);
    expect(asked).toEqual(["/data/small-binary.tar.gz"]);
  });

  it("takes the last byte of the labels", async () => {
    const root = await folder();
    const fine = records([
      [5, 77],
      [6, 99],
    ]);
    await writeFile(join(root, "test.bin"), fine);
    const files = { "test.bin": sha256(fine) };
    expect([...(await readCifar({ ...source(), files }, ["test.bin"], 2, { root }, {})).labels]).toEqual([77, 99]);
  });

  it.each<[string, RequestListener]>([
    ["is missing it", (_, response) => response.writeHead(404).end()],
    ["serves half", (_, response) => response.end(gzipSync(archive).subarray(0, 60))],
    ["serves half an archive", (_, response) => response.end(gzipSync(archive.subarray(0, 4000)))],
    ["serves no archive", (_, response) => response.end(gzipSync("something else".repeat(99)))],
    ["serves an archive without a file", (_, response) => response.end(gzipSync(tar({ "small/test.bin": test })))],
    [
      "serves other bytes",
      (_, response) => response.end(gzipSync(tar({ "small/train.bin": train, "small/test.bin": train }))),
    ],
  ])("goes on to the next mirror when one %s, and keeps nothing of it", async (_, bad) => {
    const root = await folder();
    const error = await read(source(await serve(bad)), root).catch((e: unknown) => e);
    expect(error).toBeInstanceOf(DataError);
    expect((error as Error).message).toContain(`or unpack small-binary.tar.gz in ${root}.`);
    expect(await readdir(root)).toEqual([]);
    expect((await read(source(await serve(bad), await serve(good)), root)).length).toBe(3);
  });

  it("finds the files where the archive unpacks them", async () => {
    const root = await folder();
    await mkdir(join(root, "small"));
    await writeFile(join(root, "small", "test.bin"), test);
    expect((await read(source(), root, { download: false })).length).toBe(3);
  });

  it("refuses a file that is altered", async () => {
    const root = await folder();
    await writeFile(join(root, "test.bin"), train);
    await expect(read(source(), root)).rejects.toThrow(`${join(root, "test.bin")} is truncated or altered`);
  });
});

describe("cifar10 and cifar100", () => {
  it("say what to do when nothing is there and fetching is forbidden", async () => {
    const root = await folder();
    await expect(cifar10({ train: true, root, download: false })).rejects.toThrow(
      `CIFAR-10 is not here (no data_batch_1.bin in ${root}) and download: false forbids fetching it: allow that, or unpack cifar-10-binary.tar.gz in ${root}.`,
    );
    vi.stubEnv("CHAINRULE_OFFLINE", "1");
    vi.stubEnv("XDG_CACHE_HOME", root);
    await expect(cifar100({ train: false })).rejects.toThrow(
      `(no test.bin in ${join(root, "chainrule", "cifar100")}) and CHAINRULE_OFFLINE=1 forbids fetching it`,
    );
  });

  it("have a name for each label", () => {
    expect(CIFAR10_CLASSES).toHaveLength(10);
    expect(new Set(CIFAR100_CLASSES).size).toBe(100);
    expect([...CIFAR100_CLASSES].sort()).toEqual(CIFAR100_CLASSES);
  });
});
