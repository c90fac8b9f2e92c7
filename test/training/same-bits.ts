import { beforeAll, describe, expect, test } from "vitest";
import { missing } from "../native/device.ts";
import { bundleToFile, run, type Settings } from "./bundle.ts";

const STEPS = "6";

type Outcome = Readonly<Record<string, { readonly losses: readonly number[]; readonly digest: string }>>;

const DEVICES = [
  { device: "wasm", models: ["pictures"], lacks: undefined },
  { device: "native", models: ["xor", "pictures", "residual", "characters"], lacks: missing },
];

interface Ways {
  /** numbers of threads */
  readonly compiled: readonly number[];
  readonly uncompiled: readonly number[];
  readonly unfused: readonly ("compiled" | "uncompiled")[];
}

/** Declares the tests: each trains in processes of its own. */
export function testBits({ compiled, uncompiled, unfused }: Ways): void {
  let program: string;
  beforeAll(async () => {
    program = await bundleToFile("bits.ts");
  });

  describe.each(DEVICES)("the same seed gives the same bits on $device", ({ device, models, lacks }) => {
    let expected: Outcome;
    const train = (how: "compiled" | "uncompiled", settings: Settings, steps = STEPS): Outcome =>
      JSON.parse(run(program, [how, steps, ...models], { DEVICE: device, ...settings }));

    beforeAll(() => {
      if (!lacks) expected = train("compiled", { THREADS: "1" });
    }, 60_000);

    test.skipIf(lacks)("and it learns", () => {
      expect(Object.keys(expected)).toEqual(models);
      for (const { losses } of Object.values(expected)) {
        expect(losses.every(Number.isFinite)).toBe(true);
        expect(losses.at(-1)).toBeLessThan(losses[0]);
      }
    });

    test.skipIf(lacks).each(compiled)("in a new process, on %i threads", (threads) => {
      expect(train("compiled", { THREADS: `${threads}` })).toEqual(expected);
    });

    test.skipIf(lacks).each(uncompiled)("without compile, on %i threads", (threads) => {
      expect(train("uncompiled", { THREADS: `${threads}` })).toEqual(expected);
    });

    test.skipIf(lacks)("in little memory, and with every trace verified", () => {
      expect(train("uncompiled", { MEMORY_LIMIT: `${40 * 2 ** 20}` })).toEqual(expected);
      expect(train("compiled", { VERIFY: "1" })).toEqual(expected);
    });

    // From version 21 on, Node's wasm adds products with one rounding; the interpreter as a device rounds twice.
    test.skipIf(device !== "wasm" || Number(process.versions.node.split(".")[0]) >= 21)("by the interpreter", () => {
      expect(train("compiled", { DEVICE: "interp" }, "1")).toEqual(train("compiled", {}, "1"));
    });

    test.skipIf(lacks).each(unfused)("without fusion, %s", (how) => {
      expect(train(how, { THREADS: "2", NOFUSE: "1" })).toEqual(expected);
    });
  });
}
