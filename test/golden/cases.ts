/** Reads the golden files, once their checksums hold. README.md describes the format. */

import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";

import { BYTES, type DType, type TypedArray, view } from "../../src/core/dtype.ts";

/** Numbers as PyTorch gave them. */
export interface Numbers {
  readonly dtype: DType;
  readonly shape: readonly number[];
  readonly data: TypedArray;
}

/** What an operator takes beside tensors, in chainrule's names. */
export type Options = Readonly<Record<string, unknown>>;

export interface GoldenCase {
  readonly name: string;
  readonly op: string;
  /** what the numbers come from, where it is no library */
  readonly reference?: string;
  readonly inputs: readonly Numbers[];
  readonly options: Options;
  readonly outputs: readonly Numbers[];
  /** by output; undefined where no derivative flows */
  readonly cotangents: readonly (Numbers | undefined)[];
  /** by input; undefined where none is asked for */
  readonly grads: readonly (Numbers | undefined)[];
  /** a second derivative: the vector, by input */
  readonly directions?: readonly (Numbers | undefined)[];
  /** a second derivative of the operator's square */
  readonly squared: boolean;
  /** instead of the dtype's */
  readonly tolerance?: readonly [rtol: number, atol: number];
}

type Stored = readonly [dtype: DType, shape: readonly number[], offset: number, cotangent?: number];

interface StoredCase {
  readonly name: string;
  readonly op: string;
  readonly reference?: string;
  readonly inputs: readonly Stored[];
  readonly options?: Options;
  readonly outputs: readonly Stored[];
  readonly grads?: Readonly<Record<string, number>>;
  readonly directions?: Readonly<Record<string, number>>;
  readonly squared?: boolean;
  readonly tolerance?: readonly [rtol: number, atol: number];
}

interface Index {
  /** what the numbers were made with: package ─► version */
  readonly made: Readonly<Record<string, string>>;
  /** of the .bin */
  readonly sha256: string;
  readonly count: number;
  readonly cases: readonly StoredCase[];
}

/** The cases of a group, and what made them. */
export interface Group {
  readonly made: Readonly<Record<string, string>>;
  /** how many cases the generator wrote */
  readonly count: number;
  readonly cases: readonly GoldenCase[];
}

const read = (name: string): Buffer => readFileSync(new URL(name, import.meta.url));

/** The names of all groups. */
export const groups: readonly string[] = readdirSync(new URL(".", import.meta.url))
  .filter((name) => name.endsWith(".json"))
  .map((name) => name.replace(/\.json$/, ""));

// JSON has no infinities: the generator writes them as strings.
const NUMBERS: Readonly<Record<string, number>> = {
  Infinity: Number.POSITIVE_INFINITY,
  "-Infinity": Number.NEGATIVE_INFINITY,
  NaN: Number.NaN,
};

/** A group's cases, of its index and its numbers. Throws if these are not those that the index knows. */
export function casesOf(group: string, index: string, blob: Uint8Array): Group {
  const revive = (_: string, value: unknown) => (typeof value === "string" ? (NUMBERS[value] ?? value) : value);
  const { made, sha256, count, cases: stored }: Index = JSON.parse(index, revive);
  if (createHash("sha256").update(blob).digest("hex") !== sha256) {
    throw new Error(`${group}: the numbers do not have the SHA-256 that their index names: generate both again.`);
  }
  const bytes = Uint8Array.from(blob).buffer;
  const numbers = (dtype: DType, shape: readonly number[], offset: number): Numbers => {
    const length = shape.reduce((n, size) => n * size, 1);
    // A copy: the blob's offsets are not aligned.
    return { dtype, shape, data: view(dtype, bytes.slice(offset, offset + length * BYTES[dtype])) };
  };
  const cases = stored.map(
    ({ name, op, reference, inputs, options = {}, outputs, grads = {}, directions, squared = false, tolerance }) => {
      const byInput = (offsets: Readonly<Record<string, number>>) =>
        inputs.map(([dtype, shape], i) => (i in offsets ? numbers(dtype, shape, offsets[i]) : undefined));
      return {
        name,
        op,
        reference,
        options,
        squared,
        tolerance,
        inputs: inputs.map(([dtype, shape, offset]) => numbers(dtype, shape, offset)),
        outputs: outputs.map(([dtype, shape, offset]) => numbers(dtype, shape, offset)),
        cotangents: outputs.map(([dtype, shape, , at]) => (at === undefined ? undefined : numbers(dtype, shape, at))),
        grads: byInput(grads),
        directions: directions && byInput(directions),
      };
    },
  );
  return { made, count, cases };
}

/** A group of this folder. */
export const loadGroup = (group: string): Group =>
  casesOf(group, read(`${group}.json`).toString(), read(`${group}.bin`));
