/** The widest machine here; c.long.test.ts has the others, arm64 and sanitizers. */

import { expect, test } from "vitest";
import { here } from "../codegen/c-machines.ts";
import { difference, interpreted, runTwice } from "../lower/random.ts";
import { missing, native, useThreads } from "../native/device.ts";
import { checkCorpus, examples } from "./c.ts";

test.skipIf(here.length === 0)(
  "the corpus as C, without a warning, has the interpreter's bits on this machine",
  () => checkCorpus(here[0], ["-O2"]),
  120_000,
);

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
