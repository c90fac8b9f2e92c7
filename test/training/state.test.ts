/** Random programs that read and assign state, compiled or not: every tensor keeps the value that it had. */

import { beforeAll, expect, test } from "vitest";
import { compile, noGrad, setDevice, type Tensor, tensor, Variable } from "../../src/index.ts";
import { Random } from "../graphs.ts";

beforeAll(() => setDevice("wasm"));

const SIZE = 4;
const VARIABLES = 3;

type Line =
  | {
      readonly kind: "compute";
      readonly op: "add" | "mul" | "flip" | "spread" | "same";
      readonly a: number;
      readonly b: number;
    }
  | { readonly kind: "read"; readonly variable: number }
  | { readonly kind: "assign"; readonly variable: number; readonly from: number }
  | { readonly kind: "return"; readonly from: number };

/** A function body: lines on numbered tensors, of which the first is the argument. */
function randomBody(random: Random): Line[] {
  const lines: Line[] = [];
  let tensors = 1;
  for (let i = random.int(3, 10); i > 0; i--) {
    const any = (): number => random.int(0, tensors - 1);
    const variable = random.int(0, VARIABLES - 1);
    const chosen = random.next();
    if (chosen < 0.3) lines.push({ kind: "read", variable });
    else if (chosen < 0.6) {
      lines.push({ kind: "compute", op: random.pick(["add", "mul", "flip", "spread", "same"]), a: any(), b: any() });
    } else if (chosen < 0.85) lines.push({ kind: "assign", variable, from: any() });
    else lines.push({ kind: "return", from: any() });
    if (chosen < 0.6) tensors++;
  }
  lines.push({ kind: "return", from: tensors - 1 });
  return lines;
}

function execute(lines: readonly Line[], variables: readonly Variable[], x: Tensor): Tensor[] {
  const tensors: Tensor[] = [x];
  const results: Tensor[] = [];
  for (const line of lines) {
    if (line.kind === "read") tensors.push(variables[line.variable].detach());
    else if (line.kind === "assign") variables[line.variable].assign(tensors[line.from]);
    else if (line.kind === "return") results.push(tensors[line.from]);
    else {
      const [a, b] = [tensors[line.a], tensors[line.b]];
      if (line.op === "add") tensors.push(a.add(b).mul(0.5));
      if (line.op === "mul") tensors.push(a.mul(b).add(0.25));
      if (line.op === "flip") tensors.push(a.flip(0).sub(b));
      if (line.op === "spread") tensors.push(a.sum().div(SIZE).expand([SIZE]));
      if (line.op === "same") tensors.push(a);
    }
  }
  return results;
}

/** Everything that a user kept hold of, read at the end (or at once, which must not matter). */
function history(seed: number, compiled: boolean, readAtOnce: boolean): number[][] {
  const random = new Random(seed);
  const variables = Array.from({ length: VARIABLES }, (_, i) => new Variable(tensor([i, 1, -i, 0.5])));
  const functions = Array.from({ length: 2 }, () => {
    const lines = randomBody(random);
    const f = (x: Tensor): Tensor[] => noGrad(() => execute(lines, variables, x));
    return compiled ? compile(f) : f;
  });
  const kept: Tensor[] = [tensor([1, 2, 3, 4])];
  const read: number[][] = [];
  const keep = (...tensors: Tensor[]): void => {
    kept.push(...tensors);
    if (readAtOnce) for (const each of tensors) read.push([...each.dataSync()]);
  };
  for (let i = 0; i < 12; i++) {
    const chosen = random.next();
    const variable = random.pick(variables);
    if (chosen < 0.6) keep(...random.pick(functions)(random.pick(kept)));
    else if (chosen < 0.75) keep(variable.detach());
    else if (chosen < 0.85) keep(variable.mul(0.5));
    else if (chosen < 0.95) variable.assign(random.pick(kept));
    else variable.dataSync();
  }
  keep(...variables.map((variable) => variable.detach()));
  const late = kept.slice(1).map((each) => [...each.dataSync()]);
  if (readAtOnce) expect(late).toEqual(read);
  return late;
}

test("300 histories are the same, compiled or not, read late or at once", () => {
  for (let seed = 0; seed < 300; seed++) {
    const expected = history(seed, false, true);
    expect(history(seed, false, false), `seed ${seed}, read late`).toEqual(expected);
    expect(history(seed, true, false), `seed ${seed}, compiled`).toEqual(expected);
    expect(history(seed, true, true), `seed ${seed}, compiled, read at once`).toEqual(expected);
  }
});

test("two variables that were assigned one tensor are still two", () => {
  const both = tensor([1, 2]);
  const [a, b] = [new Variable(both), new Variable(both)];
  compile(() => {
    a.assign(a.mul(2));
    b.assign(b.add(10));
  })();
  expect([...a.dataSync()]).toEqual([2, 4]);
  expect([...b.dataSync()]).toEqual([11, 12]);
  expect([...both.dataSync()]).toEqual([1, 2]);
});
