/** Reads the calls that PyTorch's own tests expect to be refused; scripts/golden/opinfo_errors.py writes them. */

import { readFileSync } from "node:fs";
import { allocate, castValue, type DType } from "../../../src/core/dtype.ts";
import { numel } from "../../../src/core/shape.ts";
import { type Tensor, tensor } from "../../../src/index.ts";
import type { Argument } from "../operators.ts";

/** Numbers are words where JSON lacks them; without numbers there are ones. */
type Stored = readonly [dtype: DType, shape: readonly number[], numbers?: readonly (number | string | boolean)[]];

export interface Refused {
  readonly op: string;
  readonly args: readonly Argument[];
  readonly kwargs: Readonly<Record<string, Argument>>;
  readonly tensors: readonly Stored[];
}

const read = (version: number): readonly Refused[] =>
  readFileSync(new URL(`torch-${version}.jsonl`, import.meta.url), "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));

export const refused: readonly Refused[] = [...read(2), ...read(1)];

const number = (value: number | string | boolean): number =>
  Number(typeof value === "string" ? value.replace("inf", "Infinity") : value);

export function tensorsOf({ tensors }: Refused): Tensor[] {
  return tensors.map(([dtype, shape, numbers]) => {
    const data = allocate(dtype, numel(shape)).fill(1);
    numbers?.forEach((value, i) => {
      data[i] = castValue(number(value), "f64", dtype);
    });
    return tensor(data, { dtype, shape });
  });
}

/** An argument with the tensors in their places. */
export function filled(argument: Argument, inputs: readonly Tensor[]): Argument {
  if (typeof argument === "string" && argument.startsWith("@")) return inputs[Number(argument.slice(1))];
  if (Array.isArray(argument)) return argument.map((item) => filled(item, inputs));
  if (argument !== null && typeof argument === "object" && "number" in argument)
    return number(argument.number as string);
  return argument;
}

/** The call as a line: `narrow f32(5, 20, 10) 2 0 11`. */
export function describeCall({ op, args, kwargs, tensors }: Refused): string {
  const show = (value: Argument): string => {
    if (typeof value === "string" && value.startsWith("@")) {
      const [dtype, shape, numbers] = tensors[Number(value.slice(1))];
      const few = dtype === "f32" || dtype === "f64" || !numbers || numbers.length > 4 ? "" : `=${numbers.join(",")}`;
      return `${dtype}[${shape.join(",")}]${few}`;
    }
    if (Array.isArray(value)) return `(${value.map(show).join(", ")})`;
    if (value !== null && typeof value === "object" && "number" in value) return String(value.number);
    return JSON.stringify(value);
  };
  const named = Object.entries(kwargs).map(([name, value]) => `${name}=${show(value)}`);
  return [op, ...args.map(show), ...named].join(" ");
}
