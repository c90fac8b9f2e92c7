/** Loader workers are JavaScript files, so these tests run the built library. */

import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import type { Dataset, Sample } from "../../src/data/index.ts";
import type { Tensor } from "../../src/tensor/index.ts";

const here = (path: string): string => new URL(path, import.meta.url).href;
const data = (await import(here("../../dist/data/index.js"))) as typeof import("../../src/data/index.ts");
const vision = (await import(here("../../dist/vision/index.js"))) as typeof import("../../src/vision/index.ts");
const { Squares } = (await import(here("./fixtures/own-dataset.mjs"))) as {
  Squares: new (length: number, trouble?: string) => Dataset<readonly [Tensor]>;
};
const { DataLoader } = data;

type Pass = (readonly (readonly number[])[])[];

/** Every value of every field of every batch of a pass. */
async function passOf(loader: AsyncIterable<Sample>): Promise<Pass> {
  const batches: Pass = [];
  for await (const batch of loader) batches.push(batch.map((field) => [...field.dataSync()]));
  return batches;
}

function pictures(count: number) {
  const bytes = Uint8Array.from({ length: count * 64 }, (_, i) => (i * 37 + (i >> 6) * 11) & 255);
  const labels = Uint8Array.from({ length: count }, (_, i) => i % 10);
  return new vision.ImageDataset(bytes, labels, 8, 8);
}

const augmented = () =>
  new vision.AugmentedDataset(
    pictures(25),
    new vision.Compose([
      new vision.RandomCrop(8, { padding: 2 }),
      new vision.RandomHorizontalFlip(),
      new vision.RandomAffine(20, { scale: [0.8, 1.2], interpolation: "bilinear" }),
      new vision.RandomApply([new vision.ColorJitter({ brightness: 0.5, contrast: 0.5 })]),
      new vision.GaussianNoise(),
    ]),
    { seed: 4, normalize: { mean: 0.5, std: 0.25 } },
  );

describe("loader workers", () => {
  it("give the same bits in the same order as none, epoch after epoch, mixed as well", async () => {
    const passes = async (numWorkers: number) => {
      const loader = new DataLoader<readonly [Tensor, Tensor]>(augmented(), {
        batchSize: 4,
        shuffle: true,
        seed: 9,
        numWorkers,
        prefetchFactor: 1,
        batchTransform: ([x, y], generator) => data.mixup(x, y, { numClasses: 10, generator }),
      });
      return [await passOf(loader), await passOf(loader)];
    };
    const none = await passes(0);
    expect(none.map((pass) => pass.length)).toEqual([7, 7]);
    expect(none[0]).not.toEqual(none[1]);
    expect(await passes(1)).toEqual(none);
    expect(await passes(3)).toEqual(none);
  });

  it("build a dataset of one's own, and go on in the middle of an epoch", async () => {
    const loader = new DataLoader(new Squares(6), { batchSize: 2, numWorkers: 2 });
    expect(await passOf(loader)).toEqual([[[0, 0, 1, 0]], [[4, 0, 9, 0]], [[16, 0, 25, 0]]]);
    for await (const _ of loader) break;
    expect(loader.epoch).toBe(2);
    loader.loadStateDict({ seed: 0, epoch: 5, position: 4 });
    expect(await passOf(loader)).toEqual([[[16, 5, 25, 5]]]);
    expect(loader.stateDict()).toEqual({ seed: 0, epoch: 6, position: 0 });

    const blueprint = { module: here("./fixtures/own-dataset.mjs"), name: "squaresOf", args: [2] };
    const byFunction: Dataset = Object.assign(new Squares(2), {});
    Object.defineProperty(byFunction, "blueprint", { value: blueprint });
    expect(await passOf(new DataLoader(byFunction, { numWorkers: 1 }))).toEqual([[[0, 0]], [[1, 0]]]);
  });

  it("pass an error on, with its class, words and stack, to the loop that reads", async () => {
    const seen: number[] = [];
    const loader = new DataLoader(new Squares(20, "throws"), { batchSize: 2, numWorkers: 2 });
    const reading = (async () => {
      for await (const [x] of loader) seen.push(x.shape[0]);
    })();
    const error = await reading.catch((error: Error) => error);
    expect(error).toMatchObject({ name: "ArgumentError", code: "E_ARG", message: "picture 5 is upside down" });
    expect((error as Error).stack).toMatch(/own-dataset\.mjs:\d+[\s\S]*in loader worker 0/);
    expect(seen).toEqual([2, 2]);
    await expect(passOf(new DataLoader(new Squares(8, "type"), { numWorkers: 1 }))).rejects.toMatchObject({
      name: "TypeError",
      message: expect.stringContaining("pixels"),
    });
  });

  it("that die give an error; the next pass has new ones", async () => {
    const loader = new DataLoader(new Squares(8, "exits"), { batchSize: 2, numWorkers: 2 });
    await expect(passOf(loader)).rejects.toMatchObject({
      name: "DataError",
      message: expect.stringMatching(/loader worker 0 has ended \(exit code 3\)/),
    });
    expect(await passOf(loader)).toHaveLength(4);
  });

  it("say what of a blueprint is wrong", async () => {
    const loaderOf = (module: string, name: string, args: unknown[] = []) =>
      new DataLoader(Object.defineProperty(new Squares(2), "blueprint", { value: { module, name, args } }), {
        numWorkers: 1,
      });
    await expect(passOf(loaderOf(here("./fixtures/own-dataset.mjs"), "Cubes"))).rejects.toThrow(
      /own-dataset\.mjs exports no function or class named Cubes/,
    );
    await expect(passOf(loaderOf(here("./fixtures/none.mjs"), "Cubes"))).rejects.toThrow(/none\.mjs/);
    await expect(passOf(loaderOf(here("./fixtures/own-dataset.mjs"), "Squares", [() => 1]))).rejects.toThrow(
      /could not be cloned/,
    );
  });

  it("are refused to a dataset that cannot be built again, and to a plain loop", () => {
    const squares: Dataset = { length: 3, get: () => [] };
    expect(() => new DataLoader(squares, { numWorkers: 1 })).toThrow(/no blueprint[\s\S]*import\.meta\.url/);
    const own = { apply: (example: object) => example } as never;
    expect(() => new DataLoader(new vision.AugmentedDataset(pictures(2), own), { numWorkers: 1 })).toThrow("blueprint");
    const inside = new vision.Compose([new vision.RandomApply([own])]);
    expect(() => new DataLoader(new vision.AugmentedDataset(pictures(2), inside), { numWorkers: 1 })).toThrow(
      "blueprint",
    );
    expect(() => [...new DataLoader(new Squares(2), { numWorkers: 1 })]).toThrow("for await");
    expect(() => new DataLoader(squares, { numWorkers: -1 })).toThrow("numWorkers");
    expect(() => new DataLoader(squares, { prefetchFactor: 0 })).toThrow("prefetchFactor");
  });

  it("do not keep the process alive", () => {
    const script = fileURLToPath(here("./fixtures/breaks.mjs"));
    const { status, stdout, stderr } = spawnSync(process.execPath, [script], { encoding: "utf8", timeout: 9000 });
    expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: "2 2\n", stderr: "" });
  });
});
