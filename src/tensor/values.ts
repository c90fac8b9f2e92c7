/** Small graph-building steps that the front door's operations share. */

import { type DType, isFloat, promote, promoteScalar, weakDType } from "../core/dtype.ts";
import { ArgumentError } from "../core/errors.ts";
import type { Value } from "../core/graph.ts";
import { apply1 } from "../core/primitives.ts";
import { broadcastShapes, type Shape, sameShape, showShape } from "../core/shape.ts";
import { Tensor } from "./tensor.ts";

/** What an operation takes beside a tensor: JavaScript numbers are weak, they bend to the tensor's dtype. */
export type Operand = Tensor | number | boolean;

/** Throws an ArgumentError unless all are finite numbers: JavaScript would count on with anything. */
export function expectNumbers(op: string, numbers: Readonly<Record<string, unknown>>): void {
  for (const [name, value] of Object.entries(numbers)) {
    if (Number.isFinite(value)) continue;
    const given = value instanceof Tensor ? `a tensor ${showShape(value.shape)}: read it with await x.item()` : value;
    throw new ArgumentError(`${op}: ${name} must be a finite number, but is ${given}.`);
  }
}

/** Throws an ArgumentError unless all are tensors, where numbers would do no good. */
export function expectTensors(op: string, ...values: readonly unknown[]): void {
  for (const value of values) {
    if (value instanceof Tensor) continue;
    throw new ArgumentError(`${op} takes tensors, but got ${value}: make one of it with tensor(…).`);
  }
}

export function castTo(x: Value, dtype: DType): Value {
  return x.dtype === dtype ? x : apply1("cast", [x], { dtype });
}

export function reshapeTo(x: Value, shape: Shape): Value {
  return sameShape(x.shape, shape) ? x : apply1("reshape", [x], { shape });
}

/** The value grown to `shape`, which its own shape broadcasts to: leading ones, then expand. */
export function expandTo(x: Value, shape: Shape): Value {
  if (sameShape(x.shape, shape)) return x;
  const lead = shape.length - x.shape.length;
  const aligned = lead === 0 ? x : reshapeTo(x, [...new Array<number>(lead).fill(1), ...x.shape]);
  return sameShape(aligned.shape, shape) ? aligned : apply1("expand", [aligned], { shape });
}

export function constant(value: number, dtype: DType, shape: Shape = []): Value {
  return expandTo(apply1("constant", [], { value: dtype === "f32" ? Math.fround(value) : value, dtype }), shape);
}

/** The dtype in which operands meet: tensors with dimensions by promotion, those without weakly, numbers more so. */
export function meet(operands: readonly Operand[]): DType {
  let shaped: DType | undefined;
  let scalar: DType | undefined;
  for (const x of operands) {
    if (!(x instanceof Tensor)) continue;
    if (x.ndim > 0) shaped = shaped ? promote(shaped, x.dtype) : x.dtype;
    else scalar = scalar ? promote(scalar, x.dtype) : x.dtype;
  }
  let dtype = shaped && scalar ? promoteScalar(shaped, scalar) : (shaped ?? scalar ?? "f32");
  for (const x of operands) if (!(x instanceof Tensor)) dtype = weakDType(x, dtype);
  return dtype;
}

/** Operands brought to one shape, and to `dtype`. */
export function aligned(op: string, operands: readonly Operand[], dtype: DType): Value[] {
  const values = operands.map((x) => (x instanceof Tensor ? castTo(x.value, dtype) : constant(Number(x), dtype)));
  const [first] = values;
  if (values.every((x) => sameShape(x.shape, first.shape))) return values;
  const shape = broadcastShapes(op, ...values.map((x) => x.shape));
  return values.map((x) => expandTo(x, shape));
}

/** Functions of real numbers take integers and bools as f32. */
export const toFloat = (x: Value): Value => (isFloat(x.dtype) ? x : castTo(x, "f32"));
