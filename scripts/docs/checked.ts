/** What the golden cases say of each operator: how many there are, what they come from, and how far off chainrule is. */

import { setDevice } from "../../src/index.ts";
import { groups, loadGroup } from "../../test/golden/cases.ts";
import { check } from "../../test/golden/check.ts";

export interface Checked {
  cases: number;
  /** of them with gradients, and with second derivatives */
  gradients: number;
  second: number;
  /** of them with the names and shapes of a state dict, and with ten steps of training */
  states: number;
  trained: number;
  /** in parts of the larger of 1 and the right number */
  error: number;
  readonly references: Set<string>;
}

const NAMES: Readonly<Record<string, string>> = { torch: "PyTorch", torchvision: "torchvision", optax: "optax" };

const NOTHING = { cases: 0, gradients: 0, second: 0, states: 0, trained: 0, error: 0 };

/** Runs all cases on WebAssembly, whose bits are the same on every processor. Throws if one of them fails. */
export async function runGolden(): Promise<ReadonlyMap<string, Checked>> {
  setDevice("wasm");
  const found = new Map<string, Checked>();
  for (const group of groups) {
    const { made, cases } = loadGroup(group);
    const libraries = Object.entries(made).flatMap(([name, version]) =>
      NAMES[name] ? [`${NAMES[name]} ${version}`] : [],
    );
    for (const golden of cases) {
      const { wrong, error } = await check(golden);
      if (wrong) throw new Error(`${golden.name}: ${wrong}`);
      let sum = found.get(golden.op);
      if (!sum) found.set(golden.op, (sum = { ...NOTHING, references: new Set() }));
      const { state, steps } = golden.options; // of a module
      sum.cases++;
      if (state) sum.states++;
      if (state && steps === 10) sum.trained++;
      if (golden.directions) sum.second++;
      else if (golden.grads.some((grad) => grad) || (state && steps !== 0)) sum.gradients++;
      sum.error = Math.max(sum.error, error);
      for (const reference of golden.reference ? [golden.reference] : libraries) sum.references.add(reference);
    }
  }
  return found;
}
