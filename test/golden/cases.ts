/** Reads the golden files, once their checksums hold. README.md describes the format. */

import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";

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
}

type Stored = readonly [dtype: DType, shape: readonly number[], offset: number, cotangent?: number];

interface StoredCase {
  readonly name: string;
  readonly op: string;
  readonly inputs: readonly Stored[];
  readonly options?: Options;
  readonly outputs: readonly Stored[];
  readonly grads?: Readonly<Record<string, number>>;
  readonly directions?: Readonly<Record<string, number>>;
  readonly squared?: boolean;
}

interface Manifest {
  readonly torch: string;
  readonly groups: Readonly<
    Record<string, { readonly cases: number; readonly sha256: Readonly<Record<string, string>> }>
  >;
}

const read = (name: string): Buffer => readFileSync(new URL(name, import.meta.url));

export const manifest: Manifest = JSON.parse(read("manifest.json").toString());

/** The bytes of a golden file. Throws if they are not those that the manifest knows. */
function verified(group: string, extension: string): Buffer {
  const name = `${group}.${extension}`;
  const bytes = read(name);
  const digest = createHash("sha256").update(bytes).digest("hex");
  if (digest !== manifest.groups[group].sha256[name]) {
    throw new Error(
      `test/golden/${name} does not have the SHA-256 in manifest.json: regenerate both with scripts/golden/generate.py.`,
    );
  }
  return bytes;
}

// JSON has no infinities: the generator writes them as strings.
const NUMBERS: Readonly<Record<string, number>> = {
  Infinity: Number.POSITIVE_INFINITY,
  "-Infinity": Number.NEGATIVE_INFINITY,
  NaN: Number.NaN,
};

/** All cases of a group. */
export function loadGroup(group: string): GoldenCase[] {
  const blob = verified(group, "bin");
  const bytes = blob.buffer.slice(blob.byteOffset, blob.byteOffset + blob.byteLength);
  const numbers = (dtype: DType, shape: readonly number[], offset: number): Numbers => {
    const length = shape.reduce((n, size) => n * size, 1);
    // A copy: the blob's offsets are not aligned.
    return { dtype, shape, data: view(dtype, bytes.slice(offset, offset + length * BYTES[dtype])) };
  };
  const revive = (_: string, value: unknown) => (typeof value === "string" ? (NUMBERS[value] ?? value) : value);
  const stored: readonly StoredCase[] = JSON.parse(verified(group, "json").toString(), revive);
  return stored.map(({ name, op, inputs, options = {}, outputs, grads = {}, directions, squared = false }) => {
    const byInput = (offsets: Readonly<Record<string, number>>) =>
      inputs.map(([dtype, shape], i) => (i in offsets ? numbers(dtype, shape, offsets[i]) : undefined));
    return {
      name,
      op,
      options,
      squared,
      inputs: inputs.map(([dtype, shape, offset]) => numbers(dtype, shape, offset)),
      outputs: outputs.map(([dtype, shape, offset]) => numbers(dtype, shape, offset)),
      cotangents: outputs.map(([dtype, shape, , at]) => (at === undefined ? undefined : numbers(dtype, shape, at))),
      grads: byInput(grads),
      directions: directions && byInput(directions),
    };
  });
}
