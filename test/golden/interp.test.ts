/** A share of the cases on the interpreter. */

import { expect, test } from "vitest";
import { setDevice } from "../../src/index.ts";
import { groups, loadGroup } from "./cases.ts";
import { check } from "./check.ts";

setDevice("interp");

for (const group of groups) {
  test(group, async () => {
    const { cases } = loadGroup(group);
    const firsts = [...new Set(cases.map(({ op }) => op))].map((op) => cases.find((golden) => golden.op === op)!);
    for (const golden of firsts) {
      const { wrong } = await check(golden);
      expect.soft(wrong, `${golden.name}: ${wrong}`).toBeUndefined();
    }
  });
}
