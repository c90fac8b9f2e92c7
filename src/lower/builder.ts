import type { DType } from "../core/dtype.ts";
import { numel } from "../core/shape.ts";
import { denseLocation, type Location } from "./element.ts";
import type { BufferDecl, BufferRole } from "./loop-ir.ts";

export interface LowerOptions {
  /** false: every node is its own kernel, to find out what fusion does */
  readonly fuse: boolean;
  /** whether contractions do what follows them element by element, for renderers that can; by default they do not */
  readonly epilogues?: boolean;
  /** whether there is a kernel for attention, or else the table of its scores is computed */
  readonly attention?: boolean;
}

/** Buffers and messages of the program that is being built. */
export class ProgramBuilder {
  readonly buffers: BufferDecl[] = [];
  readonly messages: string[] = [];
  readonly fuse: boolean;
  readonly epilogues: boolean;

  constructor({ fuse, epilogues = false }: LowerOptions) {
    this.fuse = fuse;
    this.epilogues = epilogues;
  }

  buffer(dtype: DType, length: number, role: BufferRole, position = 0, given = false): number {
    this.buffers.push({ dtype, length, role, position, given });
    return this.buffers.length - 1;
  }

  temp(dtype: DType, shape: readonly number[]): Location {
    return denseLocation(this.buffer(dtype, numel(shape), "temp"), shape);
  }

  /** The status code of a failed check. */
  code(message: string): number {
    let i = this.messages.indexOf(message);
    if (i < 0) i = this.messages.push(message) - 1;
    return i + 1;
  }
}
