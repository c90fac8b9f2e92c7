import { beforeAll, describe, expect, test } from "vitest";
import { bundleToFile, run, type Settings } from "./bundle.ts";

const STEPS = "6";

interface Outcome {
  readonly losses: readonly number[];
  readonly digest: string;
}

describe("the same seed gives the same bits", () => {
  let program: string;
  let expected: Outcome;
  const train = (how: "compiled" | "uncompiled", settings: Settings, steps = STEPS): Outcome =>
    JSON.parse(run(program, [how, steps], { DEVICE: "wasm", ...settings }));

  beforeAll(async () => {
    program = await bundleToFile("bits.ts");
    expected = train("compiled", { THREADS: "1" });
  });

  test("and it learns", () => {
    expect(expected.losses.every(Number.isFinite)).toBe(true);
    expect(expected.losses.at(-1)).toBeLessThan(expected.losses[0]);
  });

  test.each([1, 2, 3, 4])("in a new process, on %i threads", (threads) => {
    expect(train("compiled", { THREADS: `${threads}` })).toEqual(expected);
  });

  test.each([1, 2])("without compile, on %i threads", (threads) => {
    expect(train("uncompiled", { THREADS: `${threads}` })).toEqual(expected);
  });

  test("in little memory, and with every trace verified", () => {
    expect(train("uncompiled", { MEMORY_LIMIT: `${40 * 2 ** 20}` })).toEqual(expected);
    expect(train("compiled", { VERIFY: "1" })).toEqual(expected);
  });

  // From version 21 on, Node's wasm adds products with one rounding; the interpreter as a device rounds twice.
  test.skipIf(Number(process.versions.node.split(".")[0]) >= 21)("by the interpreter", () => {
    expect(train("compiled", { DEVICE: "interp" }, "1")).toEqual(train("compiled", {}, "1"));
  });

  test.each(["compiled", "uncompiled"] as const)("without fusion, %s", (how) => {
    expect(train(how, { THREADS: "2", NOFUSE: "1" })).toEqual(expected);
  });
});
