/**
 * Traced program ─► Loop IR.
 *
 * simplify ─► choose what is realized ─► units of work (groups of fused stages, contractions, scatters, sorts, scans)
 * ─► an order in which state may be written in place ─► kernels.
 */

import { spellOutAttention } from "../core/attention.ts";
import { numel } from "../core/shape.ts";
import type { TracedProgram } from "../core/traced.ts";
import { isAttention } from "./attention.ts";
import { type LowerOptions, ProgramBuilder } from "./builder.ts";
import { denseLocation, type Location } from "./element.ts";
import type { BufferRole, Program } from "./loop-ir.ts";
import { lowerRegion, type Target } from "./region.ts";
import { simplify } from "./simplify.ts";

/** The program for a graph; equal graphs give equal programs. */
export function lower(traced: TracedProgram, options: LowerOptions = { fuse: true }): Program {
  const builder = new ProgramBuilder(options);
  const graph = simplify(spellOutAttention(traced.graph, (node) => options.attention === true && isAttention(node)));
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
    const buffer = builder.buffer(like.dtype, numel(like.shape), "state", slot, source !== undefined);
    const location = denseLocation(buffer, like.shape);
    if (input !== undefined) inputs[input] = location;
    if (value !== undefined) targets.push({ value, location, replaces: source, last: true });
  });
  const { kernels, commit } = lowerRegion(graph.inputs, inputs, targets, builder);
  return { buffers: builder.buffers, kernels, commit, messages: builder.messages };
}
