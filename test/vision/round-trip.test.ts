/** Blocks and networks in files: what is loaded has the bits, and gives the outputs, of what was saved. */

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { noGrad, rand, randn, type Shape, setDevice, type Tensor } from "../../src/index.ts";
import { loadSafetensors, saveSafetensors } from "../../src/io/index.ts";
import { VISION_MODELS } from "../golden/adapters/vision_models.ts";
import { VISION_MODERN } from "../golden/adapters/vision_modern.ts";
import { type GoldenCase, loadGroup, type Options } from "../golden/cases.ts";
import type { Recordable } from "../golden/modules.ts";

let folder = "";
beforeAll(async () => {
  setDevice("wasm");
  folder = await mkdtemp(join(tmpdir(), "round-trip-"));
});
afterAll(() => rm(folder, { recursive: true }));

const cases = ["vision_models", "vision_modern", "vision_transformer"].flatMap((group) => loadGroup(group).cases);

const bytes = (xs: readonly Tensor[]): Uint8Array[] =>
  xs.map((x) => {
    const { buffer, byteOffset, byteLength } = x.dataSync();
    return new Uint8Array(buffer, byteOffset, byteLength).slice();
  });

/** What a module is made with, and the shapes of its inputs: as in a golden case. */
function recorded(name: string): { options: Options; shapes: readonly Shape[] } {
  const { options, inputs } = cases.find(({ op, options }) => op === name && options["steps"] !== 0) as GoldenCase;
  return { options, shapes: inputs.slice(0, options["taken"] as number).map(({ shape }) => shape) };
}

// Making GoogLeNet alone takes as long as all others.
const modules = Object.entries({ ...VISION_MODELS, ...VISION_MODERN }).filter(([name]) => name !== "GoogLeNet");

test.each(modules)("%s", async (name, make) => {
  const { options, shapes } = recorded(name);
  const [saved, loaded] = [make(options as never), make(options as never)].map((module: Recordable) => module.eval());
  const averages = Object.entries(saved.stateDict()).filter(([key]) => key.includes("running_"));
  const moved = averages.map(([key, { shape }]): [string, Tensor] => [key, rand(shape).add(0.5)]);
  saved.loadStateDict(Object.fromEntries(moved), { strict: false }); // as if it had been trained
  const state = saved.stateDict();

  const path = join(folder, `${name}.safetensors`);
  await saveSafetensors(path, state);
  expect(bytes(Object.values(loaded.stateDict()))).not.toEqual(bytes(Object.values(state)));
  loaded.loadStateDict((await loadSafetensors(path)).tensors);

  expect(Object.keys(loaded.stateDict())).toEqual(Object.keys(state));
  expect(bytes(Object.values(loaded.stateDict()))).toEqual(bytes(Object.values(state)));
  const xs = shapes.map((shape) => randn(shape));
  const outputs = (module: Recordable): Uint8Array[] => {
    const given = noGrad(() => module.forward(...xs));
    return bytes("shape" in given ? [given] : given);
  };
  expect(outputs(loaded)).toEqual(outputs(saved));
});
