/**
 * Movement as index arithmetic: where an element of a moved value comes from.
 * No view is ever made; what reads through one computes the address in the source.
 */

import type { Node, Value } from "../core/graph.ts";
import type { WindowAttrs } from "../core/primitives.ts";
import { numel, rowMajor, type Shape } from "../core/shape.ts";
import { add, constantIndex, div, type Index, mod, offset, scale, sub, ZERO } from "./index-expr.ts";
import type { Guard } from "./loop-ir.ts";

/** Where element `index` of a movement node's output is read: in the input, if all guards hold; else it is `fill`. */
export interface Source {
  readonly value: Value;
  readonly index: readonly Index[];
  readonly guards: readonly Guard[];
  readonly fill: number;
}

/** The source of one element of a movement node other than concat. */
export function sourceOf(node: Node, index: readonly Index[]): Source {
  const [value] = node.inputs;
  const moved = (at: readonly Index[], guards: readonly Guard[] = [], fill = 0): Source => ({
    value,
    index: at,
    guards,
    fill,
  });
  switch (node.op) {
    case "reshape":
      return moved(reshapeIndex(index, node.outputs[0].shape, value.shape));
    case "permute": {
      const at = new Array<Index>(index.length);
      (node as Node<"permute">).attrs.perm.forEach((p, i) => {
        at[p] = index[i];
      });
      return moved(at);
    }
    case "expand":
      return moved(index.map((i, axis) => (value.shape[axis] === 1 ? ZERO : i)));
    case "slice": {
      const { start, step } = (node as Node<"slice">).attrs;
      return moved(index.map((i, axis) => offset(scale(i, step[axis]), start[axis])));
    }
    case "flip": {
      const { axes } = (node as Node<"flip">).attrs;
      return moved(index.map((i, axis) => (axes.includes(axis) ? sub(constantIndex(value.shape[axis] - 1), i) : i)));
    }
    case "pad": {
      const { low, interior, value: fill } = (node as Node<"pad">).attrs;
      const guards: Guard[] = [];
      const at = index.map((i, axis) => {
        const size = value.shape[axis];
        const position = offset(i, -low[axis]);
        const step = interior[axis] + 1;
        if (step > 1) guards.push({ index: mod(position, step), low: 0, high: 1 });
        const source = div(position, step);
        guards.push({ index: source, low: 0, high: size });
        return source;
      });
      return moved(at, guards, fill);
    }
    default: {
      const attrs = (node as Node<"windows">).attrs;
      const rank = value.shape.length;
      const at = index.slice(0, rank);
      attrs.axes.forEach((axis, i) => {
        at[axis] = add(scale(index[axis], attrs.stride[i]), scale(index[rank + i], attrs.dilation[i]));
      });
      return moved(at);
    }
  }
}

/** The tap of a window that reads element `index`, for `fold`: guards hold where there is such a window. */
export function tapSource(node: Node<"fold">, index: readonly Index[], taps: readonly Index[]): Source {
  const { attrs } = node;
  const [value] = node.inputs;
  const guards: Guard[] = [];
  const at = [...index];
  attrs.axes.forEach((axis, i) => {
    const position = sub(index[axis], scale(taps[i], attrs.dilation[i]));
    if (attrs.stride[i] > 1) guards.push({ index: mod(position, attrs.stride[i]), low: 0, high: 1 });
    at[axis] = div(position, attrs.stride[i]);
    guards.push({ index: at[axis], low: 0, high: value.shape[axis] });
  });
  return { value, index: [...at, ...taps], guards, fill: 0 };
}

/** Windows that touch without overlap: every element belongs to one tap at most. */
export const isTiling = ({ size, stride, dilation }: WindowAttrs): boolean =>
  size.every((n, i) => n === stride[i] && dilation[i] === 1);

/** An index into `from` as an index into `to`: whole runs of axes with equal products are taken apart and put together. */
export function reshapeIndex(index: readonly Index[], from: Shape, to: Shape): Index[] {
  if (numel(from) === 0) return to.map(() => ZERO); // nothing is ever read
  const out: Index[] = [];
  let i = 0;
  let j = 0;
  while (i < from.length || j < to.length) {
    const sources = [i];
    const targets = [j];
    let a = from[i++] ?? 1;
    let b = to[j++] ?? 1;
    while (a !== b) {
      if ((a < b && i < from.length) || j >= to.length) {
        sources.push(i);
        a *= from[i++];
      } else {
        targets.push(j);
        b *= to[j++];
      }
    }
    const fromSizes = sources.filter((s) => s < from.length).map((s) => from[s]);
    const toSizes = targets.filter((t) => t < to.length).map((t) => to[t]);
    const strides = rowMajor(fromSizes);
    let flat = ZERO;
    fromSizes.forEach((_, k) => {
      flat = add(flat, scale(index[sources[k]], strides[k]));
    });
    const toStrides = rowMajor(toSizes);
    toSizes.forEach((size, k) => {
      if (size <= 1) out.push(ZERO);
      else out.push(k === 0 ? div(flat, toStrides[k]) : mod(div(flat, toStrides[k]), size));
    });
  }
  return out;
}
