/**
 * Traced program ─► Loop IR.
 *
 * simplify ─► choose what is realized ─► units of work (groups of fused stages, contractions, scatters, sorts, scans)
 * ─► an order in which state may be written in place ─► kernels.
 */

import type { DType } from "../core/dtype.ts";
import type { Graph } from "../core/graph.ts";
import { numel } from "../core/shape.ts";
import { denseLocation, type Location } from "./element.ts";
import { constantIndex } from "./index-expr.ts";
import type { BufferDecl, BufferRole, Program } from "./loop-ir.ts";
import { lowerRegion, type Target } from "./region.ts";
import { simplify } from "./simplify.ts";

/** What lowering needs to know of a traced program; see runtime/device.ts. */
export interface Lowerable {
  readonly graph: Graph;
  readonly args: number;
  readonly results: number;
  readonly states: readonly { readonly input: number | undefined; readonly output: number | undefined }[];
}

export interface LowerOptions {
  /** false: every node is its own kernel, to find out what fusion does */
  readonly fuse: boolean;
}

/** Buffers and messages of the program that is being built. */
export class ProgramBuilder {
  readonly buffers: BufferDecl[] = [];
  readonly messages: string[] = [];
  readonly fuse: boolean;

  constructor(fuse: boolean) {
    this.fuse = fuse;
  }

  buffer(dtype: DType, length: number, role: BufferRole, position = 0): number {
    this.buffers.push({ dtype, length, role, position });
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

export function lower(traced: Lowerable, options: LowerOptions = { fuse: true }): Program {
  const builder = new ProgramBuilder(options.fuse);
  const graph = simplify(traced.graph);
  const inputs: Location[] = new Array(graph.inputs.length);
  const targets: Target[] = [];
  const dense = (i: number, role: BufferRole, position: number): Location => {
    const { dtype, shape } = graph.inputs[i];
    return denseLocation(builder.buffer(dtype, numel(shape), role, position), shape);
  };
  for (let i = 0; i < traced.args; i++) inputs[i] = dense(i, "arg", i);
  for (let i = 0; i < traced.results; i++) {
    const value = graph.outputs[i];
    const location = denseLocation(builder.buffer(value.dtype, numel(value.shape), "result", i), value.shape);
    targets.push({ value, location, replaces: undefined, last: false });
  }
  traced.states.forEach(({ input, output }, slot) => {
    const source = input === undefined ? undefined : graph.inputs[input];
    const value = output === undefined ? undefined : graph.outputs[output];
    const like = source ?? value;
    if (like === undefined) return;
    const location = denseLocation(
      builder.buffer(like.dtype, numel(like.shape), "state", slot),
      like.shape,
      constantIndex(0),
    );
    if (input !== undefined) inputs[input] = location;
    if (value !== undefined) targets.push({ value, location, replaces: source, last: true });
  });
  const { kernels, commit } = lowerRegion(graph.inputs, inputs, targets, builder);
  return { buffers: builder.buffers, kernels, commit, messages: builder.messages };
}
