/** What the rest of the library, and its users, see of tensors. */

export type { DType, TypedArray } from "../core/dtype.ts";
export * from "../core/errors.ts";
export { askedBy } from "../core/primitives.ts";
export type { Shape } from "../core/shape.ts";
export type { Inspection } from "../runtime/device.ts";
export {
  currentDevice,
  type DeviceInfo,
  type DeviceReport,
  describeDevices,
  devices,
  setDevice,
} from "../runtime/select.ts";
export * from "./arithmetic.ts";
export { type AttentionOptions, scaledDotProductAttention } from "./attention.ts";
export {
  type BackwardOptions,
  enableGrad,
  type GradOptions,
  grad,
  noGrad,
  valueAndGrad,
} from "./autograd.ts";
export { Cell } from "./cell.ts";
export { setCheckNan } from "./check-nan.ts";
export { type Compiled, compile } from "./compile.ts";
export {
  arange,
  type CreateOptions,
  eye,
  full,
  fullLike,
  linspace,
  logspace,
  meshgrid,
  type Nested,
  oneHot,
  ones,
  onesLike,
  tensor,
  trilIndices,
  triuIndices,
  zeros,
  zerosLike,
} from "./creation.ts";
export * from "./cumulative.ts";
export { customGrad, type TensorFunction, type Vjp } from "./custom.ts";
export * from "./distance.ts";
export * from "./elementwise.ts";
export {
  gather,
  type Index,
  indexAdd,
  indexSelect,
  maskedSelect,
  nonzero,
  scatter,
  scatterAdd,
  take,
} from "./indexing.ts";
export { bmm, einsum, matmul, mm, mv, outer, trace, vdot } from "./linalg.ts";
export {
  broadcastTensors,
  cat,
  chunk,
  diag,
  diagEmbed,
  diagflat,
  diagonal,
  expand,
  flatten,
  flip,
  movedim,
  narrow,
  type PadOptions,
  pad,
  permute,
  repeat,
  repeatInterleave,
  reshape,
  roll,
  split,
  squeeze,
  stack,
  transpose,
  tril,
  triu,
  unbind,
  unflatten,
  unfold,
  unsqueeze,
} from "./movement.ts";
export * from "./nan.ts";
export * from "./products.ts";
export {
  bernoulli,
  defaultGenerator,
  Generator,
  manualSeed,
  multinomial,
  type RandomOptions,
  rand,
  randint,
  randLike,
  randn,
  randnLike,
  randperm,
} from "./random.ts";
export {
  all,
  amax,
  amin,
  aminmax,
  any,
  argmax,
  argmin,
  countNonzero,
  cumprod,
  cumsum,
  type Dims,
  type InDType,
  type KeepDim,
  logSoftmax,
  logsumexp,
  mean,
  norm,
  prod,
  softmax,
  std,
  stdMean,
  sum,
  sumToSize,
  type ValuesIndices,
  variance,
  varMean,
} from "./reduce.ts";
export { type ScanOptions, scan } from "./scan.ts";
export * from "./search.ts";
export { Slot } from "./slot.ts";
export {
  argsort,
  kthvalue,
  median,
  msort,
  type QuantileOptions,
  quantile,
  type SortOptions,
  sort,
  topk,
} from "./sorting.ts";
export * from "./special.ts";
export * from "./stacking.ts";
export {
  allclose,
  bincount,
  type CovOptions,
  corrcoef,
  cov,
  diff,
  equal,
  histc,
  mode,
  type Unique,
  unique,
  uniqueConsecutive,
} from "./statistics.ts";
export { Tensor } from "./tensor.ts";
export { observe } from "./trace.ts";
export { Parameter, Variable } from "./variable.ts";
export * from "./writing.ts";
