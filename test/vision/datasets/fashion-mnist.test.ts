import { existsSync } from "node:fs";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { FASHION_MNIST_STATISTICS, fashionMnist } from "../../../src/vision/index.ts";

const installed = existsSync("/usr/share/datasets/fashion-mnist");

describe("fashionMnist", () => {
  it.skipIf(!installed)("reads Debian's package", async () => {
    const test = await fashionMnist({ train: false, download: false });
    expect([test.length, test.shape]).toEqual([10_000, [1, 28, 28]]);
    expect([...test.labels.subarray(0, 3)].map((label) => test.classes[label])).toEqual([
      "Ankle boot",
      "Pullover",
      "Trouser",
    ]);
  });

  it.skipIf(!installed)("has the statistics of the training pictures", async () => {
    const { images } = await fashionMnist({ train: true, download: false });
    const counts = new Float64Array(256);
    for (const byte of images) counts[byte]++;
    const moment = (power: number) =>
      counts.reduce((sum, n, byte) => sum + n * (byte / 255) ** power, 0) / images.length;
    expect(moment(1)).toBeCloseTo(FASHION_MNIST_STATISTICS.mean, 3);
    expect(Math.sqrt(moment(2) - moment(1) ** 2)).toBeCloseTo(FASHION_MNIST_STATISTICS.std, 3);
  });

  it("says what to do when it is nowhere and fetching is forbidden", async () => {
    const root = await mkdtemp(join(tmpdir(), "chainrule-fashion-"));
    await expect(fashionMnist({ train: true, root, download: false })).rejects.toThrow(
      `Fashion-MNIST is not here (no train-images-idx3-ubyte in ${root}) and download: false forbids fetching it: allow that, install Debian's or Ubuntu's package \`dataset-fashion-mnist\`, or put the files train-images-idx3-ubyte,`,
    );
  });
});
