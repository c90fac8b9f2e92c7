import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { missing } from "../native/device.ts";
import { bundleToFile } from "./bundle.ts";
import { expectFlat } from "./flat.ts";

// V8 is still warming up: a step that leaves its graph behind would be 10 MB, and one that leaves a buffer is seen exactly.
const bounds = { heap: 2 ** 19, rss: 2 ** 24 };

const DEVICES = [
  { device: "wasm", lacks: undefined, uncompiled: ["sync", "await", "unread"] },
  { device: "native", lacks: missing, uncompiled: ["unread"] }, // which runs on wasm there
];

describe.each(DEVICES)("memory is flat on $device", ({ device, lacks, uncompiled }) => {
  let program: string;
  beforeAll(async () => {
    program = await bundleToFile("soak.ts");
  });

  test.skipIf(lacks).each(["sync", "await"])("over 20,000 compiled steps, %s", (pace) => {
    expectFlat(program, device, "compiled", pace, 20_000, bounds);
  });

  test.skipIf(lacks).each(uncompiled)("over 6,000 steps without compile, %s", (pace) => {
    expectFlat(program, device, "uncompiled", pace, 6000, bounds);
  });
});

test("the first result of a fresh process takes at most 50 ms", () => {
  const library = join(import.meta.dirname, "../../dist/index.js");
  const script = `
    const { tensor } = await import(${JSON.stringify(library)});
    const begin = performance.now();
    tensor([1, 2, 3]).mul(2).sum().itemSync();
    console.log(performance.now() - begin);`;
  const env = { ...process.env, CHAINRULE_DEVICE: "wasm" };
  const measure = (): number =>
    Number(execFileSync(process.execPath, ["--input-type=module", "-e", script], { encoding: "utf8", env }));
  const best = Math.min(measure(), measure(), measure(), measure()); // others may be using the machine
  console.log(`first result: ${best.toFixed(1)} ms`);
  expect(best).toBeLessThanOrEqual(50);
});
