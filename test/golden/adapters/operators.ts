/** What each golden operator is in chainrule. */

import {
  cat,
  type DType,
  einsum,
  type Index,
  oneHot,
  type PadOptions,
  pow,
  stack,
  type Tensor,
  where,
} from "../../../src/index.ts";

/** What an operator takes beside tensors, in chainrule's names. Each operator's cases have the options that it reads. */
export interface Options {
  readonly base: number;
  readonly chunks: number;
  readonly correction?: number;
  readonly descending?: boolean;
  readonly destination: number;
  readonly diagonal: number;
  readonly dim?: number | number[];
  readonly dim0: number;
  readonly dim1: number;
  readonly dim2: number;
  readonly dims: number[];
  readonly dtype: DType;
  readonly endDim: number;
  readonly equation: string;
  readonly exponent?: number;
  readonly index: readonly (number | string | null)[];
  readonly k: number;
  readonly keepdim?: boolean;
  readonly largest?: boolean;
  readonly length: number;
  readonly max?: number;
  readonly min?: number;
  readonly mode?: PadOptions["mode"];
  readonly neginf?: number;
  readonly numClasses: number;
  readonly offset: number;
  readonly other?: number;
  readonly p?: number;
  readonly pad: number[];
  readonly posinf?: number;
  readonly q: number;
  readonly repeats: number | number[];
  readonly shape: number[];
  readonly shifts: number | number[];
  readonly size: number;
  readonly sizes: number[];
  readonly source: number;
  readonly splitSize: number | number[];
  readonly start: number;
  readonly startDim: number;
  readonly step: number;
  readonly value: number;
  readonly weight?: number;
}

export type Operator<O = Options> = (inputs: readonly Tensor[], options: O) => Tensor | readonly Tensor[];

type MethodOf<F> = { [K in keyof Tensor]: Tensor[K] extends F ? K : never }[keyof Tensor] & string;
type Unary = MethodOf<() => Tensor>;
type Binary = MethodOf<(other: Tensor & number) => Tensor>;

/** Methods that take nothing. */
function unary(...names: Unary[]): Record<string, Operator> {
  return Object.fromEntries(names.map((name): [string, Operator] => [name, ([x]) => (x[name] as () => Tensor)()]));
}

/** Methods that take a tensor or the option `other`, a plain number. */
function binary(...names: Binary[]): Record<string, Operator> {
  return Object.fromEntries(
    names.map((name): [string, Operator] => [
      name,
      ([a, b], { other }) => (a[name] as (operand: Tensor | number) => Tensor)(b ?? other),
    ]),
  );
}

const both = ({ values, indices }: { values: Tensor; indices: Tensor }): Tensor[] => [values, indices];

/** The option `dim` where it is a single one. */
const one = ({ dim }: Options): number => dim as number;

/** With a dimension, values and indices; without, one value. */
function extremum(name: "max" | "min" | "median"): Operator {
  return ([x], options) => (options.dim === undefined ? x[name]() : both(x[name](one(options), options)));
}

export const OPERATORS: Readonly<Record<string, Operator>> = {
  ...unary("neg", "abs", "sign", "square", "exp", "expm1", "log", "log1p", "log2", "log10", "tanh", "sigmoid", "erf"),
  ...unary(
    "sqrt",
    "rsqrt",
    "reciprocal",
    "sin",
    "cos",
    "tan",
    "sinh",
    "cosh",
    "floor",
    "ceil",
    "round",
    "trunc",
    "frac",
  ),
  ...unary("asin", "acos", "atan", "asinh", "acosh", "atanh", "erfinv", "exp2"),
  ...unary(
    "relu",
    "softplus",
    "logSigmoid",
    "logit",
    "isnan",
    "isinf",
    "isfinite",
    "logicalNot",
    "bitwiseNot",
    "t",
    "trace",
  ),
  ...binary("add", "sub", "mul", "div", "maximum", "minimum", "remainder", "fmod", "eq", "ne", "lt", "le", "gt", "ge"),
  ...binary("logicalAnd", "logicalOr", "logicalXor", "bitwiseAnd", "bitwiseOr", "bitwiseXor"),
  ...binary("atan2", "hypot"),
  ...binary("matmul", "mm", "bmm", "mv", "dot", "outer"),
  shl: ([a, b], { other }) => a.bitwiseLeftShift(b ?? other),
  shr: ([a, b], { other }) => a.bitwiseRightShift(b ?? other),
  pow: ([a, b], { exponent }) => a.pow(b ?? exponent),
  scalarPow: ([x], { base }) => pow(base, x),
  floorDivide: ([a, b]) => a.div(b, { rounding: "floor" }),
  clamp: ([x], { min, max }) => x.clamp(min, max),
  lerp: ([start, end, weight], options) => start.lerp(end, weight ?? options.weight),
  nanToNum: ([x], options) => x.nanToNum(options as { nan?: number }),
  where: ([condition, a, b]) => where(condition, a, b),
  maskedFill: ([x, mask], { value }) => x.maskedFill(mask, value),
  to: ([x], { dtype }) => x.to(dtype),

  sum: ([x], options) => x.sum(options.dim, options),
  prod: ([x], options) => x.prod(options.dim, options),
  mean: ([x], options) => x.mean(options.dim, options),
  amax: ([x], options) => x.amax(options.dim, options),
  amin: ([x], options) => x.amin(options.dim, options),
  var: ([x], options) => x.var(options.dim, options),
  std: ([x], options) => x.std(options.dim, options),
  any: ([x], options) => x.any(options.dim, options),
  all: ([x], options) => x.all(options.dim, options),
  logsumexp: ([x], options) => x.logsumexp(options.dim, options),
  norm: ([x], options) => x.norm(options.p, options.dim, options),
  max: extremum("max"),
  min: extremum("min"),
  median: extremum("median"),
  argmax: ([x], options) => x.argmax(options.dim as number | undefined, options),
  argmin: ([x], options) => x.argmin(options.dim as number | undefined, options),
  cumsum: ([x], options) => x.cumsum(one(options)),
  cumprod: ([x], options) => x.cumprod(one(options)),
  softmax: ([x], options) => x.softmax(one(options)),
  logSoftmax: ([x], options) => x.logSoftmax(one(options)),

  reshape: ([x], { shape }) => x.reshape(shape),
  view: ([x], { shape }) => x.view(shape),
  flatten: ([x], { startDim, endDim }) => x.flatten(startDim, endDim),
  unflatten: ([x], options) => x.unflatten(one(options), options.sizes),
  permute: ([x], { dims }) => x.permute(dims),
  transpose: ([x], { dim0, dim1 }) => x.transpose(dim0, dim1),
  movedim: ([x], { source, destination }) => x.movedim(source, destination),
  expand: ([x], { shape }) => x.expand(shape),
  // "@1" stands for the second input, a tensor of positions
  index: ([x, ...positions], { index }) =>
    x.index(
      ...index.map(
        (item): Index => (typeof item === "string" && item.startsWith("@") ? positions[Number(item[1]) - 1] : item),
      ),
    ),
  flip: ([x], { dims }) => x.flip(dims),
  // several dimensions are rolled one after the other
  roll: ([x], { shifts, dims }) =>
    typeof shifts === "number"
      ? x.roll(shifts, dims as unknown as number | undefined)
      : shifts.reduce((y, shift, i) => y.roll(shift, dims[i]), x),
  cat: (inputs, options) => cat(inputs, one(options)),
  stack: (inputs, options) => stack(inputs, one(options)),
  split: ([x], options) => x.split(options.splitSize, one(options)),
  chunk: ([x], options) => x.chunk(options.chunks, one(options)),
  unbind: ([x], options) => x.unbind(one(options)),
  narrow: ([x], options) => x.narrow(one(options), options.start, options.length),
  pad: ([x], { pad, mode, value }) => x.pad(pad, { mode, value }),
  repeat: ([x], { repeats }) => x.repeat(repeats as number[]),
  tile: ([x], { repeats }) => x.tile(repeats as number[]),
  repeatInterleave: ([x], { repeats, dim }) => x.repeatInterleave(repeats as number, dim as number | undefined),
  squeeze: ([x], { dim }) => x.squeeze(dim),
  unsqueeze: ([x], options) => x.unsqueeze(one(options)),
  unfold: ([x], options) => x.unfold(one(options), options.size, options.step),
  diag: ([x], { diagonal }) => x.diag(diagonal),
  diagonal: ([x], { offset, dim1, dim2 }) => x.diagonal(offset, dim1, dim2),
  tril: ([x], { diagonal }) => x.tril(diagonal),
  triu: ([x], { diagonal }) => x.triu(diagonal),

  einsum: (inputs, { equation }) => einsum(equation, ...inputs),

  gather: ([x, index], options) => x.gather(one(options), index),
  scatter: ([x, index, source], options) => x.scatter(one(options), index, source),
  scatterAdd: ([x, index, source], options) => x.scatterAdd(one(options), index, source),
  indexSelect: ([x, index], options) => x.indexSelect(one(options), index),
  indexAdd: ([x, index, source], options) => x.indexAdd(one(options), index, source),
  take: ([x, index]) => x.take(index),
  sort: ([x], options) => both(x.sort(one(options), options)),
  argsort: ([x], options) => x.argsort(one(options), options),
  topk: ([x], options) => both(x.topk(options.k, one(options), options)),
  kthvalue: ([x], options) => both(x.kthvalue(options.k, one(options), options)),
  quantile: ([x], options) => x.quantile(options.q, options.dim as number | undefined, options),
  oneHot: ([index], { numClasses }) => oneHot(index, numClasses),
};
