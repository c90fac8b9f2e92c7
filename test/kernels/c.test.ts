/** The widest machine here, the narrowest under sanitizers, and arm64; c.long.test.ts has the others. */

import { describe, expect, test } from "vitest";
import { arm64, here, machines, SANITIZE } from "../codegen/c-machines.ts";
import { difference, interpreted, runTwice } from "../lower/random.ts";
import { missing, native, useThreads } from "../native/device.ts";
import { checkCorpus, examples } from "./c.ts";

// Sanitizers see no masked instructions.
const narrow = machines.findLast(({ target, emulator }) => target.vectorBytes === 16 && !emulator);

describe.skipIf(here.length === 0)("the corpus as C, without a warning, has the interpreter's bits", () => {
  test("on this machine", () => checkCorpus(here[0], ["-O2"]), 120_000);
  test.skipIf(!narrow)("under sanitizers", () => checkCorpus(narrow!, SANITIZE), 120_000);
  test.skipIf(!arm64)(
    `on arm64${arm64 ? "" : " (skipped: no aarch64-linux-gnu-gcc and qemu-aarch64)"}`,
    () => checkCorpus(arm64!, ["-O2"]),
    120_000,
  );
});

test.skipIf(missing)("the native device has them too, on any number of threads", () => {
  const executables = native().load(examples().map(({ program }) => program));
  const wanted = examples().map((example) => interpreted(example, native().fma));
  for (const threads of [1, 2, 3, 4, 8]) {
    useThreads(threads);
    examples().forEach((example, i) => {
      const wrong = difference(example.traced.graph, wanted[i], runTwice(executables[i], example));
      expect(wrong, `${example.name} on ${threads} threads`).toBeUndefined();
    });
  }
});
