/** What each operator of PyTorch's samples is in chainrule. scripts/golden/opinfo.py reads the names: one a line. */

import {
  add,
  addbmm,
  addr,
  allclose,
  arange,
  argsort,
  atan2,
  atleast1d,
  atleast2d,
  atleast3d,
  bitwiseAnd,
  bitwiseLeftShift,
  bitwiseOr,
  bitwiseRightShift,
  bitwiseXor,
  blockDiag,
  bmm,
  broadcastTensors,
  bucketize,
  cartesianProd,
  cat,
  cdist,
  clamp,
  columnStack,
  combinations,
  copysign,
  corrcoef,
  countNonzero,
  cov,
  cumulativeTrapezoid,
  type DType,
  diff,
  div,
  dsplit,
  dstack,
  einsum,
  entr,
  eq,
  equal,
  eye,
  floatPower,
  fmax,
  fmin,
  fmod,
  fullLike,
  gcd,
  ge,
  gradient,
  gt,
  heaviside,
  hsplit,
  hstack,
  hypot,
  type Index,
  isclose,
  isin,
  lcm,
  ldexp,
  le,
  linspace,
  logaddexp,
  logaddexp2,
  logicalAnd,
  logicalOr,
  logicalXor,
  logspace,
  lt,
  matmul,
  maximum,
  meshgrid,
  minimum,
  msort,
  mul,
  ne,
  nonzero,
  oneHot,
  ones,
  onesLike,
  outer,
  pdist,
  pow,
  remainder,
  scaledDotProductAttention,
  searchsorted,
  stack,
  stdMean,
  sub,
  Tensor,
  tensor,
  tensordot,
  trapezoid,
  trilIndices,
  triuIndices,
  type Unique,
  unique,
  uniqueConsecutive,
  type ValuesIndices,
  Variable,
  varMean,
  vdot,
  vsplit,
  vstack,
  where,
  xlog1py,
  xlogy,
  zeros,
  zerosLike,
} from "../../src/index.ts";
import {
  adaptiveAvgPool1d,
  adaptiveAvgPool2d,
  adaptiveAvgPool3d,
  adaptiveMaxPool1d,
  adaptiveMaxPool2d,
  adaptiveMaxPool3d,
  avgPool1d,
  avgPool2d,
  avgPool3d,
  batchNorm,
  binaryCrossEntropy,
  binaryCrossEntropyWithLogits,
  celu,
  conv1d,
  conv2d,
  conv3d,
  convTranspose1d,
  convTranspose2d,
  convTranspose3d,
  cosineEmbeddingLoss,
  cosineSimilarity,
  crossEntropy,
  ctcLoss,
  elu,
  embedding,
  gaussianNllLoss,
  gelu,
  glu,
  gridSample,
  groupNorm,
  hardshrink,
  hardsigmoid,
  hardswish,
  hardtanh,
  hingeEmbeddingLoss,
  huberLoss,
  instanceNorm,
  interpolate,
  klDiv,
  l1Loss,
  layerNorm,
  leakyRelu,
  linear,
  localResponseNorm,
  type MaxPooled,
  marginRankingLoss,
  maxPool1d,
  maxPool2d,
  maxPool3d,
  maxUnpool1d,
  maxUnpool2d,
  maxUnpool3d,
  mish,
  mseLoss,
  multilabelMarginLoss,
  multilabelSoftMarginLoss,
  multiMarginLoss,
  nllLoss,
  normalize,
  pairwiseDistance,
  pixelShuffle,
  pixelUnshuffle,
  poissonNllLoss,
  prelu,
  relu6,
  rmsNorm,
  selu,
  silu,
  smoothL1Loss,
  softMarginLoss,
  softmin,
  softplus,
  softshrink,
  softsign,
  tanhshrink,
  threshold,
  tripletMarginLoss,
  tripletMarginWithDistanceLoss,
  unfold,
} from "../../src/nn/index.ts";

/** What a sample gives an operator: tensors, numbers, strings, booleans, lists of them. */
export type Argument = unknown;

/** An operator's result, before it is made a list of tensors. */
export type Result = Tensor | boolean | readonly Result[];

/** An operator as PyTorch calls it: arguments by position, and by name. */
export type Operator = (
  args: readonly Argument[],
  kwargs: Readonly<Record<string, Argument>>,
) => Result | Promise<Result>;

/** Arguments by PyTorch's names in camelCase, without those that are None. A sample's arguments have the right types. */
type Given = Readonly<Record<string, never>>;

export const camelCase = (name: string): string => name.replace(/_(.)/g, (_, letter: string) => letter.toUpperCase());

/** An operator whose positional arguments after the first have these names. */
export function op<X = Tensor>(names: string, f: (x: X, given: Given) => Result | Promise<Result>): Operator {
  const order = names.split(" ");
  return ([x, ...rest], kwargs) => {
    const named = [
      ...rest.map((value, i): [string, Argument] => [order[i], value]),
      ...Object.entries(kwargs).map(([name, value]): [string, Argument] => [camelCase(name), value]),
    ];
    return f(x as X, Object.fromEntries(named.filter(([, value]) => value !== null)) as Given);
  };
}

/** The same, where PyTorch takes the last argument as a list or spread out: `x.permute(1, 0)`. */
function spread(name: string, f: (x: Tensor, list: number[]) => Result): Operator {
  return ([x, ...rest], kwargs) => f(x as Tensor, [kwargs[name] ?? rest].flat(2) as number[]);
}

const unary = (f: (x: Tensor) => Result | Promise<Result>): Operator => op("", f);
const binary = (f: (a: Tensor, b: Tensor) => Result | Promise<Result>): Operator =>
  op("other", (a, { other }) => f(a, other));
const reversed = (f: (a: Tensor, b: Tensor) => Result): Operator => op("other", (b, { other }) => f(other, b));

const loss = (f: (x: Tensor, target: Tensor, options: Given) => Tensor): Operator =>
  op("target weight", (x, { target, ...options }) => f(x, target, options));

const both = ({ values, indices }: ValuesIndices): Result => [values, indices];
const as = (x: Tensor, dtype: DType | undefined): Tensor => (dtype ? x.to(dtype) : x);
/** Positions as numbers, where PyTorch takes them as a tensor too. */
const list = (x: number | number[] | Tensor): number | number[] =>
  x instanceof Tensor ? (x.ndim === 0 ? x.itemSync() : [...x.dataSync()]) : x;
/** Of distinct elements what is asked for. */
async function distinct(found: Promise<Unique>, { returnInverse, returnCounts }: Given): Promise<Result> {
  const { values, inverse, counts } = await found;
  return [values, ...(returnInverse ? [inverse] : []), ...(returnCounts ? [counts] : [])];
}

/** The dimensions a reduction is over: none at all is all of them, in PyTorch. */
const over = (dim: number | number[] | undefined): number | number[] | undefined =>
  Array.isArray(dim) && dim.length === 0 ? undefined : dim;

/** One item of Python's index: a slice is `{slice: [start, stop, step]}`. */
function position(item: Argument): Index {
  if (Array.isArray(item)) return tensor(item, { dtype: "i32" });
  if (item instanceof Tensor || item === null || typeof item !== "object") return item as Index;
  return (item as { slice: (number | null)[] }).slice.map((bound) => bound ?? "").join(":");
}

/** What pooling takes: no stride at all is the kernel's. */
const pooling = ({ stride, ...options }: Given): Given =>
  stride === undefined || (stride as number[]).length === 0 ? options : { stride, ...options };
const MAX_POOL = "kernelSize stride padding dilation ceilMode returnIndices";
const AVG_POOL = "kernelSize stride padding ceilMode countIncludePad divisorOverride";
const CONV_TRANSPOSE = "weight bias stride padding outputPadding groups dilation";
/** A pool's result: where the elements are is a second one. */
const pooled = (found: MaxPooled<boolean>): Result => ("shape" in found ? found : both(found));
const CONV = "weight bias stride padding dilation groups";

export const OPERATORS: Readonly<Record<string, Operator>> = {
  // ---- elementwise, of one tensor
  abs: unary((x) => x.abs()),
  acos: unary((x) => x.acos()),
  acosh: unary((x) => x.acosh()),
  asin: unary((x) => x.asin()),
  asinh: unary((x) => x.asinh()),
  atan: unary((x) => x.atan()),
  atanh: unary((x) => x.atanh()),
  bitwise_not: unary((x) => x.bitwiseNot()),
  bool: unary((x) => x.bool()),
  byte: unary((x) => x.to("u8")),
  ceil: unary((x) => x.ceil()),
  clone: unary((x) => x.clone()),
  cos: unary((x) => x.cos()),
  cosh: unary((x) => x.cosh()),
  deg2rad: unary((x) => x.deg2rad()),
  double: unary((x) => x.double()),
  erf: unary((x) => x.erf()),
  erfc: unary((x) => x.erfc()),
  erfinv: unary((x) => x.erfinv()),
  exp: unary((x) => x.exp()),
  exp2: unary((x) => x.exp2()),
  expm1: unary((x) => x.expm1()),
  float: unary((x) => x.float()),
  floor: unary((x) => x.floor()),
  frac: unary((x) => x.frac()),
  int: unary((x) => x.int()),
  isfinite: unary((x) => x.isfinite()),
  isinf: unary((x) => x.isinf()),
  isnan: unary((x) => x.isnan()),
  isneginf: unary((x) => x.isneginf()),
  isposinf: unary((x) => x.isposinf()),
  log: unary((x) => x.log()),
  log10: unary((x) => x.log10()),
  log1p: unary((x) => x.log1p()),
  log2: unary((x) => x.log2()),
  logical_not: unary((x) => x.logicalNot()),
  logit: op("eps", (x, { eps }) => x.logit({ eps })),
  long: unary((x) => x.int()),
  nan_to_num: op("nan posinf neginf", (x, given) => x.nanToNum(given)),
  neg: unary((x) => x.neg()),
  rad2deg: unary((x) => x.rad2deg()),
  reciprocal: unary((x) => x.reciprocal()),
  round: op("decimals", (x, { decimals }) => x.round({ decimals })),
  rsqrt: unary((x) => x.rsqrt()),
  sgn: unary((x) => x.sign()),
  sigmoid: unary((x) => x.sigmoid()),
  sign: unary((x) => x.sign()),
  signbit: unary((x) => x.signbit()),
  sin: unary((x) => x.sin()),
  sinc: unary((x) => x.sinc()),
  sinh: unary((x) => x.sinh()),
  "special.entr": unary(entr),
  sqrt: unary((x) => x.sqrt()),
  square: unary((x) => x.square()),
  tan: unary((x) => x.tan()),
  tanh: unary((x) => x.tanh()),
  to: op("first second", (x, { first, second, dtype = first === "cpu" ? second : first }) =>
    x.to((dtype as Tensor | DType) instanceof Tensor ? (dtype as Tensor).dtype : dtype),
  ),
  trunc: unary((x) => x.trunc()),

  // ---- elementwise, of two or three
  __radd__: reversed(add),
  __rand__: reversed(bitwiseAnd),
  __rdiv__: reversed(div),
  __rmod__: reversed(remainder),
  __rmul__: reversed(mul),
  __ror__: reversed(bitwiseOr),
  __rpow__: reversed(pow),
  __rsub__: reversed(sub),
  __rxor__: reversed(bitwiseXor),
  add: op("other", (a, { other, alpha }) => add(a, alpha === undefined ? other : mul(other, alpha))),
  addcdiv: op("tensor1 tensor2", (x, { tensor1, tensor2, value }) => x.addcdiv(tensor1, tensor2, { value })),
  addcmul: op("tensor1 tensor2", (x, { tensor1, tensor2, value }) => x.addcmul(tensor1, tensor2, { value })),
  allclose: op("other rtol atol equalNan", (a, { other, rtol, atol, equalNan }) =>
    allclose(a, other, { rtol, atol, equalNan }),
  ),
  atan2: binary(atan2),
  bitwise_and: binary(bitwiseAnd),
  bitwise_left_shift: binary(bitwiseLeftShift),
  bitwise_or: binary(bitwiseOr),
  bitwise_right_shift: binary(bitwiseRightShift),
  bitwise_xor: binary(bitwiseXor),
  clamp: op("min max", (x, { min, max }) => x.clamp(min, max)),
  clamp_max: binary((x, max) => clamp(x, undefined, max)),
  clamp_min: binary((x, min) => clamp(x, min)),
  copysign: binary(copysign),
  div: op("other", (a, { other, roundingMode: rounding }) => div(a, other, { rounding })),
  eq: binary(eq),
  equal: binary(equal),
  float_power: binary(floatPower),
  floor_divide: binary((a, b) => div(a, b, { rounding: "floor" })),
  fmax: binary(fmax),
  fmin: binary(fmin),
  fmod: binary(fmod),
  gcd: binary(gcd),
  ge: binary(ge),
  gt: binary(gt),
  heaviside: binary(heaviside),
  hypot: binary(hypot),
  isclose: op("other rtol atol equalNan", (a, { other, rtol, atol, equalNan }) =>
    isclose(a, other, { rtol, atol, equalNan }),
  ),
  lcm: binary(lcm),
  ldexp: binary(ldexp),
  le: binary(le),
  lerp: op("end weight", (x, { end, weight }) => x.lerp(end, weight)),
  logaddexp: binary(logaddexp),
  logaddexp2: binary(logaddexp2),
  logical_and: binary(logicalAnd),
  logical_or: binary(logicalOr),
  logical_xor: binary(logicalXor),
  lt: binary(lt),
  masked_fill: op("mask value", (x, { mask, value }) => x.maskedFill(mask, value)),
  maximum: binary(maximum),
  minimum: binary(minimum),
  mul: binary(mul),
  ne: binary(ne),
  pow: binary(pow),
  remainder: binary(remainder),
  rsub: op("other alpha", (a, { other, alpha }) => sub(other, alpha === undefined ? a : mul(a, alpha))),
  "special.xlog1py": binary(xlog1py),
  sub: op("other", (a, { other, alpha }) => sub(a, alpha === undefined ? other : mul(other, alpha))),
  true_divide: binary((a, b) => div(a, b)),
  where: op("condition other", (x, { condition, other }) => where(condition, x, other)),
  xlogy: binary(xlogy),

  // ---- reductions
  all: op("dim keepdim", (x, { dim, keepdim }) => x.all(dim, { keepdim })),
  amax: op("dim keepdim", (x, { dim, keepdim }) => x.amax(over(dim), { keepdim })),
  amin: op("dim keepdim", (x, { dim, keepdim }) => x.amin(over(dim), { keepdim })),
  aminmax: op("dim keepdim", (x, { dim, keepdim }) => {
    const { min, max } = x.aminmax(dim, { keepdim });
    return [min, max];
  }),
  any: op("dim keepdim", (x, { dim, keepdim }) => x.any(dim, { keepdim })),
  argmax: op("dim keepdim", (x, { dim, keepdim }) => x.argmax(dim, { keepdim })),
  argmin: op("dim keepdim", (x, { dim, keepdim }) => x.argmin(dim, { keepdim })),
  cdist: op("x2 p computeMode", (a, { x2, p }) => cdist(a, x2, p)),
  corrcoef: unary(corrcoef),
  count_nonzero: op("dim", (x, { dim }) => countNonzero(x, over(dim))),
  cov: op("", cov),
  cummax: op("dim", (x, { dim }) => both(x.cummax(dim))),
  cummin: op("dim", (x, { dim }) => both(x.cummin(dim))),
  cumprod: op("dim", (x, { dim, dtype }) => x.cumprod(dim, { dtype })),
  cumsum: op("dim", (x, { dim, dtype }) => x.cumsum(dim, { dtype })),
  cumulative_trapezoid: op("x", (y, { x, dx = x, dim }) => cumulativeTrapezoid(y, dx, dim)),
  diff: op("n dim prepend append", (x, { dim, ...options }) => diff(x, dim, options)),
  dist: op("other p", (x, { other, p }) => x.dist(other, p)),
  gradient: op("spacing dim edgeOrder", (x, given) => gradient(x, given)),
  kthvalue: op("k dim keepdim", (x, { k, dim, keepdim }) => both(x.kthvalue(k, dim, { keepdim }))),
  "linalg.vector_norm": op("ord dim keepdim", (x, { ord, dim, keepdim, dtype }) =>
    as(x, dtype).norm(ord, over(dim), { keepdim }),
  ),
  logcumsumexp: op("dim", (x, { dim }) => x.logcumsumexp(dim)),
  logsumexp: op("dim keepdim", (x, { dim, keepdim }) => x.logsumexp(over(dim), { keepdim })),
  max: op("other keepdim", (x, { other, dim = other, keepdim }) => {
    if (dim === undefined) return x.max();
    return typeof dim === "number" ? both(x.max(dim, { keepdim })) : x.maximum(dim);
  }),
  mean: op("dim keepdim", (x, { dim, keepdim, dtype }) => x.mean(over(dim), { keepdim, dtype })),
  median: op("dim keepdim", (x, { dim, keepdim }) =>
    dim === undefined ? x.median() : both(x.median(dim, { keepdim })),
  ),
  min: op("other keepdim", (x, { other, dim = other, keepdim }) => {
    if (dim === undefined) return x.min();
    return typeof dim === "number" ? both(x.min(dim, { keepdim })) : x.minimum(dim);
  }),
  mode: op("dim keepdim", (x, { dim, keepdim }) => both(x.mode(dim, { keepdim }))),
  nanmean: op("dim keepdim", (x, { dim, keepdim, dtype }) => x.nanmean(over(dim), { keepdim, dtype })),
  nanmedian: op("dim keepdim", (x, { dim, keepdim }) =>
    dim === undefined ? x.nanmedian() : both(x.nanmedian(dim, { keepdim })),
  ),
  nanquantile: op("q dim keepdim", (x, { q, dim, keepdim, interpolation }) =>
    x.nanquantile(list(q), dim, { keepdim, interpolation }),
  ),
  nansum: op("dim keepdim", (x, { dim, keepdim, dtype }) => x.nansum(over(dim), { keepdim, dtype })),
  "nn.functional.pdist": op("p", (x, { p }) => pdist(x, p)),
  norm: op("p dim keepdim", (x, { p, dim, keepdim, dtype }) => as(x, dtype).norm(p, over(dim), { keepdim })),
  prod: op("dim keepdim", (x, { dim, keepdim, dtype }) => x.prod(dim, { keepdim, dtype })),
  quantile: op("q dim keepdim", (x, { q, dim, keepdim, interpolation }) =>
    x.quantile(list(q), dim, { keepdim, interpolation }),
  ),
  renorm: op("p dim maxnorm", (x, { p, dim, maxnorm }) => x.renorm(p, dim, maxnorm)),
  std: op("dim unbiased keepdim", (x, given) => x.std(...deviation(given))),
  std_mean: op("dim unbiased keepdim", (x, given) => stdMean(x, ...deviation(given))),
  sum: op("dim keepdim", (x, { dim, keepdim, dtype }) => x.sum(over(dim), { keepdim, dtype })),
  sum_to_size: spread("size", (x, size) => x.sumToSize(size)),
  trace: unary((x) => x.trace()),
  trapezoid: op("x", (y, { x, dx = x, dim }) => trapezoid(y, dx, dim)),
  trapz: op("x", (y, { x, dx = x, dim }) => trapezoid(y, dx, dim)),
  unique: op("", (x, given) => distinct(unique(x), given)),
  unique_consecutive: op("", (x, given) => distinct(uniqueConsecutive(x), given)),
  var: op("dim unbiased keepdim", (x, given) => x.var(...deviation(given))),
  var_mean: op("dim unbiased keepdim", (x, given) => varMean(x, ...deviation(given))),

  // ---- sorting
  argsort: op("dim descending", (x, { dim, descending }) => argsort(x, dim, { descending })),
  bucketize: op("boundaries", (x, { boundaries, right }) => bucketize(x, boundaries, { right })),
  isin: op("among", (x, { among, invert }) => (invert ? isin(x, among).logicalNot() : isin(x, among))),
  msort: unary(msort),
  searchsorted: op("values", (sorted, { values, right, side, sorter }) =>
    searchsorted(sorted, values, { right: side === undefined ? right : side === "right", sorter }),
  ),
  sort: op("dim descending", (x, { dim, descending }) => both(x.sort(dim, { descending }))),
  topk: op("k dim largest", (x, { k, dim, largest }) => both(x.topk(k, dim, { largest }))),

  // ---- products
  __rmatmul__: reversed(matmul),
  addbmm: op("a b", (x, { a, b, ...factors }) => addbmm(x, a, b, factors)),
  addmm: op("a b", (x, { a, b, ...factors }) => x.addmm(a, b, factors)),
  addmv: op("a v", (x, { a, v, ...factors }) => x.addmv(a, v, factors)),
  addr: op("a b", (x, { a, b, ...factors }) => addr(x, a, b, factors)),
  baddbmm: op("a b", (x, { a, b, ...factors }) => x.baddbmm(a, b, factors)),
  bmm: op("mat2", (a, { mat2 }) => bmm(a, mat2)),
  cross: op("other dim", (x, { other, dim }) => x.cross(other, dim)),
  dot: op("tensor", (a, { tensor: b }) => a.dot(b)),
  einsum: op<Tensor[]>("equation", (xs, { equation }) => einsum(equation, ...xs)),
  inner: binary((a, b) => a.inner(b)),
  kron: binary((a, b) => a.kron(b)),
  matmul: binary(matmul),
  mm: op("mat2", (a, { mat2 }) => a.mm(mat2)),
  mv: op("vec", (a, { vec }) => a.mv(vec)),
  outer: op("vec2", (a, { vec2 }) => outer(a, vec2)),
  tensordot: op("other dims", (x, { other, dims }) => tensordot(x, other, dims)),
  vdot: binary(vdot),

  // ---- movement
  atleast_1d: (args) => args.flat().map((x) => atleast1d(x as Tensor)),
  atleast_2d: (args) => args.flat().map((x) => atleast2d(x as Tensor)),
  atleast_3d: (args) => args.flat().map((x) => atleast3d(x as Tensor)),
  block_diag: (args) => blockDiag(...(args.flat() as Tensor[])),
  broadcast_tensors: ([...xs]) => broadcastTensors(...(xs as Tensor[])),
  broadcast_to: spread("size", (x, size) => x.expand(size)),
  cartesian_prod: (args) => cartesianProd(...(args.flat() as Tensor[])),
  cat: op<Tensor[]>("dim", (xs, { dim }) => cat(xs, dim)),
  chunk: op("chunks dim", (x, { chunks, dim }) => x.chunk(chunks, dim)),
  column_stack: op<Tensor[]>("", columnStack),
  combinations: op("r withReplacement", (x, { r, withReplacement }) => combinations(x, r, { withReplacement })),
  constant_pad_nd: op("pad value", (x, { pad, value }) => x.pad(pad, { value })),
  diag: op("diagonal", (x, { diagonal }) => x.diag(diagonal)),
  diag_embed: op("offset dim1 dim2", (x, { offset, dim1, dim2 }) => x.diagEmbed(offset, dim1, dim2)),
  diagflat: op("offset", (x, { offset }) => x.diagflat(offset)),
  diagonal: op("offset dim1 dim2", (x, { offset, dim1, dim2 }) => x.diagonal(offset, dim1, dim2)),
  dsplit: op("pieces", (x, { pieces }) => dsplit(x, pieces)),
  dstack: op<Tensor[]>("", dstack),
  expand: spread("size", (x, size) => x.expand(size)),
  expand_as: binary((x, other) => x.expandAs(other)),
  flatten: op("startDim endDim", (x, { startDim, endDim }) => x.flatten(startDim, endDim)),
  flip: spread("dims", (x, dims) => x.flip(dims)),
  fliplr: unary((x) => x.fliplr()),
  flipud: unary((x) => x.flipud()),
  hsplit: op("pieces", (x, { pieces }) => hsplit(x, pieces)),
  hstack: op<Tensor[]>("", hstack),
  meshgrid: (args, kwargs) => meshgrid(args.flat() as Tensor[], kwargs),
  movedim: op("source destination", (x, { source, destination }) => x.movedim(source, destination)),
  mT: unary((x) => x.mT),
  narrow: op("dim start length", (x, { dim, start, length }) => x.narrow(dim, start, length)),
  "nn.functional.pad": op("pad mode value", (x, { pad, mode, value }) => x.pad(pad, { mode, value })),
  permute: spread("dims", (x, dims) => x.permute(dims)),
  ravel: unary((x) => x.flatten()),
  repeat: spread("repeats", (x, repeats) => x.repeat(repeats)),
  repeat_interleave: op("repeats dim", (x, { repeats, dim }) => x.repeatInterleave(repeats, dim)),
  reshape: spread("shape", (x, shape) => x.reshape(shape)),
  reshape_as: binary((x, other) => x.reshape(other.shape)),
  roll: op("shifts dims", (x, { shifts, dims }) => x.roll(shifts, dims)),
  rot90: op("k dims", (x, { k, dims }) => x.rot90(k, dims)),
  split: op("splitSize dim", (x, { splitSize, dim }) => x.split(splitSize, dim)),
  split_with_sizes: op("splitSizes dim", (x, { splitSizes, dim }) => x.split(splitSizes, dim)),
  squeeze: op("dim", (x, { dim }) => x.squeeze(dim)),
  stack: op<Tensor[]>("dim", (xs, { dim }) => stack(xs, dim)),
  t: unary((x) => x.t()),
  tensor_split: op("pieces dim", (x, { pieces, dim }) => x.tensorSplit(list(pieces), dim)),
  tile: spread("dims", (x, dims) => x.tile(dims)),
  transpose: op("dim0 dim1", (x, { dim0, dim1 }) => x.transpose(dim0, dim1)),
  tril: op("diagonal", (x, { diagonal }) => x.tril(diagonal)),
  triu: op("diagonal", (x, { diagonal }) => x.triu(diagonal)),
  unbind: op("dim", (x, { dim }) => x.unbind(dim)),
  unflatten: op("dim sizes", (x, { dim, sizes }) => x.unflatten(dim, sizes)),
  unfold: op("dimension size step", (x, { dimension, size, step }) => x.unfold(dimension, size, step)),
  unsqueeze: op("dim", (x, { dim }) => x.unsqueeze(dim)),
  view: spread("shape", (x, shape) => x.view(shape)),
  view_as: binary((x, other) => x.view(other.shape)),
  vsplit: op("pieces", (x, { pieces }) => vsplit(x, pieces)),
  vstack: op<Tensor[]>("", vstack),

  // ---- indexing
  __getitem__: ([x, index]) => (x as Tensor).index(...(index as Argument[]).map(position)),
  argwhere: unary((x) => nonzero(x)),
  diagonal_scatter: op("src offset dim1 dim2", (x, { src, offset, dim1, dim2 }) =>
    x.diagonalScatter(src, offset, dim1, dim2),
  ),
  gather: op("dim index", (x, { dim, index }) => x.gather(dim, index)),
  index_add: op("dim index source", (x, { dim, index, source, alpha }) =>
    x.indexAdd(dim, index, alpha === undefined ? source : mul(source, alpha)),
  ),
  index_copy: op("dim index source", (x, { dim, index, source }) => x.indexCopy(dim, index, source)),
  index_fill: op("dim index value", (x, { dim, index, value }) => x.indexFill(dim, index, value)),
  index_put: op("indices values accumulate", (x, { indices, values, accumulate }) =>
    x.indexPut(indices, values, { accumulate }),
  ),
  index_select: op("dim index", (x, { dim, index }) => x.indexSelect(dim, index)),
  masked_scatter: op("mask source", (x, { mask, source }) => x.maskedScatter(mask, source)),
  masked_select: op("mask", (x, { mask }) => x.maskedSelect(mask)),
  nonzero: unary((x) => nonzero(x)),
  put: op("index source accumulate", (x, { index, source, accumulate }) => x.put(index, source, { accumulate })),
  scatter: op("dim index src", (x, { dim, index, src, value = src }) => x.scatter(dim, index, value)),
  scatter_add: op("dim index src", (x, { dim, index, src }) => x.scatterAdd(dim, index, src)),
  scatter_reduce: op("dim index src reduce", (x, { dim, index, src, reduce, includeSelf }) =>
    x.scatterReduce(dim, index, src, reduce, { includeSelf }),
  ),
  select: op("dim index", (x, { dim, index }) => x.select(dim, index)),
  select_scatter: op("src dim index", (x, { src, dim, index }) => x.selectScatter(src, dim, index)),
  slice_scatter: op("src dim start end step", (x, { src, dim, start, end, step }) =>
    x.sliceScatter(src, dim, start, end, step),
  ),
  take: op("index", (x, { index }) => x.take(index)),
  take_along_dim: op("index dim", (x, { index, dim }) => x.takeAlongDim(index, dim)),

  // ---- creation
  arange: ([...args], { end: last, dtype }) => {
    if (last !== undefined) args.push(last);
    const [start, end, step = 1] = (args.length === 1 ? [0, ...args] : args).map(Number);
    return arange(start, end, step, { dtype: dtype as DType | undefined });
  },
  eye: op<number>("m", (n, { m, dtype }) => eye(n, m, { dtype })),
  full_like: op("fillValue", (x, { fillValue, dtype }) => fullLike(x, fillValue, { dtype: dtype ?? x.dtype })),
  linspace: op<number>("end steps", (start, { end, steps, dtype }) => linspace(start, end, steps, { dtype })),
  logspace: op<number>("end steps base", (start, { end, steps, base, dtype }) =>
    logspace(start, end, steps, { base, dtype }),
  ),
  ones: op<number[]>("", (shape, { dtype }) => ones([shape].flat(), { dtype })),
  ones_like: op("", (x, { dtype }) => onesLike(x, { dtype: dtype ?? x.dtype })),
  tril_indices: op<number>("columns offset", (rows, { columns, offset }) => trilIndices(rows, columns, offset)),
  triu_indices: op<number>("columns offset", (rows, { columns, offset }) => triuIndices(rows, columns, offset)),
  zeros: op<number[]>("", (shape, { dtype }) => zeros([shape].flat(), { dtype })),
  zeros_like: op("", (x, { dtype }) => zerosLike(x, { dtype: dtype ?? x.dtype })),

  // ---- activations
  log_softmax: op("dim", (x, { dim, dtype }) => x.logSoftmax(dim, { dtype })),
  "nn.functional.celu": op("alpha", celu),
  "nn.functional.elu": op("alpha", elu),
  "nn.functional.gelu": op("", gelu),
  "nn.functional.glu": op("dim", (x, { dim }) => glu(x, dim)),
  "nn.functional.hardshrink": op("lambd", hardshrink),
  "nn.functional.hardsigmoid": unary(hardsigmoid),
  "nn.functional.hardswish": unary(hardswish),
  "nn.functional.hardtanh": op("minVal maxVal", hardtanh),
  "nn.functional.leaky_relu": op("negativeSlope", leakyRelu),
  "nn.functional.logsigmoid": unary((x) => x.logSigmoid()),
  "nn.functional.mish": unary(mish),
  "nn.functional.prelu": op("weight", (x, { weight }) => prelu(x, weight)),
  "nn.functional.relu": unary((x) => x.relu()),
  "nn.functional.relu6": unary(relu6),
  "nn.functional.selu": unary(selu),
  "nn.functional.silu": unary((x) => silu(x)),
  "nn.functional.softmin": op("dim", (x, { dim, dtype }) => softmin(dtype ? x.to(dtype) : x, dim)),
  "nn.functional.softplus": op("beta threshold", (x, { beta, threshold = 20 }) => softplus(x, { beta, threshold })),
  "nn.functional.softshrink": op("lambd", softshrink),
  "nn.functional.softsign": unary(softsign),
  "nn.functional.tanhshrink": unary(tanhshrink),
  "nn.functional.threshold": op("least value", (x, { least, threshold: bound = least, value }) =>
    threshold(x, bound, value),
  ),
  softmax: op("dim", (x, { dim, dtype }) => x.softmax(dim, { dtype })),

  // ---- layers
  "nn.functional.adaptive_avg_pool1d": op("outputSize", (x, { outputSize }) => adaptiveAvgPool1d(x, outputSize)),
  "nn.functional.adaptive_avg_pool2d": op("outputSize", (x, { outputSize }) => adaptiveAvgPool2d(x, outputSize)),
  "nn.functional.adaptive_avg_pool3d": op("outputSize", (x, { outputSize }) => adaptiveAvgPool3d(x, outputSize)),
  "nn.functional.adaptive_max_pool1d": op("outputSize returnIndices", (x, { outputSize, ...options }) =>
    pooled(adaptiveMaxPool1d(x, outputSize, options)),
  ),
  "nn.functional.adaptive_max_pool2d": op("outputSize returnIndices", (x, { outputSize, ...options }) =>
    pooled(adaptiveMaxPool2d(x, outputSize, options)),
  ),
  "nn.functional.adaptive_max_pool3d": op("outputSize returnIndices", (x, { outputSize, ...options }) =>
    pooled(adaptiveMaxPool3d(x, outputSize, options)),
  ),
  "nn.functional.avg_pool1d": op(AVG_POOL, (x, given) => avgPool1d(x, given["kernelSize"], pooling(given))),
  "nn.functional.avg_pool2d": op(AVG_POOL, (x, given) => avgPool2d(x, given["kernelSize"], pooling(given))),
  "nn.functional.avg_pool3d": op(AVG_POOL, (x, given) => avgPool3d(x, given["kernelSize"], pooling(given))),
  "nn.functional.batch_norm": op(
    "runningMean runningVar weight bias training momentum eps",
    (x, { runningMean, runningVar, ...options }) =>
      batchNorm(x, runningMean && new Variable(runningMean), runningVar && new Variable(runningVar), options),
  ),
  "nn.functional.conv1d": op(CONV, (x, { weight, bias, ...options }) => conv1d(x, weight, bias, options)),
  "nn.functional.conv2d": op(CONV, (x, { weight, bias, ...options }) => conv2d(x, weight, bias, options)),
  "nn.functional.conv3d": op(CONV, (x, { weight, bias, ...options }) => conv3d(x, weight, bias, options)),
  "nn.functional.conv_transpose1d": op(CONV_TRANSPOSE, (x, { weight, bias, ...options }) =>
    convTranspose1d(x, weight, bias, options),
  ),
  "nn.functional.conv_transpose2d": op(CONV_TRANSPOSE, (x, { weight, bias, ...options }) =>
    convTranspose2d(x, weight, bias, options),
  ),
  "nn.functional.conv_transpose3d": op(CONV_TRANSPOSE, (x, { weight, bias, ...options }) =>
    convTranspose3d(x, weight, bias, options),
  ),
  "nn.functional.embedding": op("index", (weight, { index, ...options }) => embedding(index, weight, options)),
  "nn.functional.grid_sample": op("grid mode paddingMode alignCorners", (x, { grid, ...options }) =>
    gridSample(x, grid, options),
  ),
  "nn.functional.group_norm": op("numGroups weight bias eps", (x, { numGroups, ...options }) =>
    groupNorm(x, numGroups, options),
  ),
  "nn.functional.instance_norm": op(
    "runningMean runningVar weight bias useInputStats momentum eps",
    (x, { runningMean, runningVar, ...options }) =>
      instanceNorm(x, {
        ...options,
        runningMean: runningMean && new Variable(runningMean),
        runningVar: runningVar && new Variable(runningVar),
      }),
  ),
  "nn.functional.interpolate": op("size scaleFactor mode alignCorners recomputeScaleFactor antialias", (x, options) =>
    interpolate(x, options),
  ),
  "nn.functional.layer_norm": op("normalizedShape weight bias eps", (x, { normalizedShape, ...options }) =>
    layerNorm(x, normalizedShape, options),
  ),
  "nn.functional.linear": op("weight bias", (x, { weight, bias }) => linear(x, weight, bias)),
  "nn.functional.local_response_norm": op("size alpha beta k", (x, { size, ...options }) =>
    localResponseNorm(x, size, options),
  ),
  "nn.functional.max_pool1d": op(MAX_POOL, (x, given) => pooled(maxPool1d(x, given["kernelSize"], pooling(given)))),
  "nn.functional.max_pool2d": op(MAX_POOL, (x, given) => pooled(maxPool2d(x, given["kernelSize"], pooling(given)))),
  "nn.functional.max_pool3d": op(MAX_POOL, (x, given) => pooled(maxPool3d(x, given["kernelSize"], pooling(given)))),
  "nn.functional.max_unpool1d": op(
    "indices kernelSize stride padding outputSize",
    (x, { indices, kernelSize, ...options }) => maxUnpool1d(x, indices, kernelSize, options),
  ),
  "nn.functional.max_unpool2d": op(
    "indices kernelSize stride padding outputSize",
    (x, { indices, kernelSize, ...options }) => maxUnpool2d(x, indices, kernelSize, options),
  ),
  "nn.functional.max_unpool3d": op(
    "indices kernelSize stride padding outputSize",
    (x, { indices, kernelSize, ...options }) => maxUnpool3d(x, indices, kernelSize, options),
  ),
  "nn.functional.normalize": op("p dim eps", normalize),
  "nn.functional.one_hot": op("numClasses", (x, { numClasses }) => oneHot(x, numClasses)),
  "nn.functional.pixel_shuffle": op("factor", (x, { factor, upscaleFactor = factor }) =>
    pixelShuffle(x, upscaleFactor),
  ),
  "nn.functional.pixel_unshuffle": op("factor", (x, { factor, downscaleFactor = factor }) =>
    pixelUnshuffle(x, downscaleFactor),
  ),
  "nn.functional.rms_norm": op("normalizedShape weight eps", (x, { normalizedShape, ...options }) =>
    rmsNorm(x, normalizedShape, options),
  ),
  "nn.functional.scaled_dot_product_attention": op(
    "key value attnMask dropoutP isCausal",
    (query, { key, value, ...options }) => scaledDotProductAttention(query, key, value, options),
  ),
  "nn.functional.unfold": op("kernelSize dilation padding stride", (x, { kernelSize, ...options }) =>
    unfold(x, kernelSize, options),
  ),
  "nn.functional.upsample_bilinear": op("size scaleFactor", (x, options) =>
    interpolate(x, { ...options, mode: "bilinear", alignCorners: true }),
  ),
  "nn.functional.upsample_nearest": op("size scaleFactor", (x, options) => interpolate(x, options)),

  // ---- losses
  "nn.functional.binary_cross_entropy": loss(binaryCrossEntropy),
  "nn.functional.binary_cross_entropy_with_logits": loss(binaryCrossEntropyWithLogits),
  "nn.functional.cosine_embedding_loss": op("x2 y margin", (x, { x2, y, ...options }) =>
    cosineEmbeddingLoss(x, x2, y, options),
  ),
  "nn.functional.cosine_similarity": op("x2", (x, { x2, ...options }) => cosineSimilarity(x, x2, options)),
  "nn.functional.cross_entropy": loss(crossEntropy),
  "nn.functional.ctc_loss": op("targets inputLengths targetLengths", (x, given) => {
    const { targets, inputLengths, targetLengths, ...options } = given;
    return ctcLoss(x, targets, inputLengths, targetLengths, options);
  }),
  "nn.functional.gaussian_nll_loss": op("target var", (x, { target, var: variance, ...options }) =>
    gaussianNllLoss(x, target, variance, options),
  ),
  "nn.functional.hinge_embedding_loss": loss(hingeEmbeddingLoss),
  "nn.functional.huber_loss": loss(huberLoss),
  "nn.functional.kl_div": loss(klDiv),
  "nn.functional.l1_loss": loss(l1Loss),
  "nn.functional.margin_ranking_loss": op("x2 y", (x, { x2, y, ...options }) => marginRankingLoss(x, x2, y, options)),
  "nn.functional.mse_loss": loss(mseLoss),
  "nn.functional.multi_margin_loss": loss(multiMarginLoss),
  "nn.functional.multilabel_margin_loss": loss(multilabelMarginLoss),
  "nn.functional.multilabel_soft_margin_loss": loss(multilabelSoftMarginLoss),
  "nn.functional.nll_loss": loss(nllLoss),
  "nn.functional.pairwise_distance": op("x2", (x, { x2, ...options }) => pairwiseDistance(x, x2, options)),
  "nn.functional.poisson_nll_loss": loss(poissonNllLoss),
  "nn.functional.smooth_l1_loss": loss(smoothL1Loss),
  "nn.functional.soft_margin_loss": loss(softMarginLoss),
  "nn.functional.triplet_margin_loss": op("positive negative", (x, { positive, negative, ...options }) =>
    tripletMarginLoss(x, positive, negative, options),
  ),
  "nn.functional.triplet_margin_with_distance_loss": op("positive negative", (x, { positive, negative, ...options }) =>
    tripletMarginWithDistanceLoss(x, positive, negative, options),
  ),
};

/** What a variance is over, and how it is corrected: PyTorch takes a bool `unbiased`, also in place of `dim`. */
function deviation(
  given: Given,
): [number | number[] | undefined, { correction: number | undefined; keepdim: boolean }] {
  const { dim, unbiased = typeof dim === "boolean" ? dim : undefined, keepdim } = given;
  const { correction = unbiased === undefined ? undefined : Number(unbiased) } = given;
  return [typeof dim === "boolean" ? undefined : over(dim), { correction, keepdim }];
}
