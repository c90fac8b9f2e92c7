import { checkDType, type DType, isFloat, type TypedArray } from "../core/dtype.ts";
import { ArgumentError, GradError, ShapeError, TraceError } from "../core/errors.ts";
import type { Value } from "../core/graph.ts";
import { logAsText } from "../core/inspect.ts";
import { aliasOf } from "../core/primitives.ts";
import { normalizeDim, numel, type Shape, showShape } from "../core/shape.ts";
import * as arithmetic from "./arithmetic.ts";
import * as autograd from "./autograd.ts";
import { copyBytes, type Nested, requireDifferentiable } from "./creation.ts";
import * as cumulative from "./cumulative.ts";
import * as distance from "./distance.ts";
import * as elementwise from "./elementwise.ts";
import { evaluate } from "./evaluate.ts";
import { formatTensor, formatUnknown } from "./format.ts";
import * as indexing from "./indexing.ts";
import * as linalg from "./linalg.ts";
import * as movement from "./movement.ts";
import * as nan from "./nan.ts";
import * as products from "./products.ts";
import * as reduce from "./reduce.ts";
import { Slot } from "./slot.ts";
import * as sorting from "./sorting.ts";
import * as special from "./special.ts";
import * as stacking from "./stacking.ts";
import * as statistics from "./statistics.ts";
import { activeTrace } from "./trace.ts";
import { castTo, type Operand } from "./values.ts";
import * as writing from "./writing.ts";

/**
 * An array of numbers of one dtype, computed when it is read.
 *
 * Operations build a graph; `await x.data()`, `x.item()`, `x.array()` and printing compute it. A tensor never changes
 * and needs no disposing. Methods are PyTorch's in camelCase; the functions of the same names say more about each.
 *
 * ```ts
 * const x = tensor([[1, 2], [3, 4]]);
 * x.matmul(x).add(1); // tensor([[ 8., 11.], [16., 23.]])
 * await x.sum().item(); // 10
 * ```
 */
export class Tensor {
  readonly shape: Shape;
  readonly dtype: DType;
  #value: Value;
  #gradSlot: Slot | undefined;

  static {
    logAsText(Tensor.prototype);
  }

  /** Wraps a value of the graph. Users make tensors with `tensor`, `zeros`, `rand`, … */
  constructor(value: Value) {
    this.shape = value.shape;
    this.dtype = value.dtype;
    this.#value = value;
  }

  /** The value of the graph that this tensor stands for. */
  get value(): Value {
    return this.#value;
  }

  /** Number of dimensions. */
  get ndim(): number {
    return this.shape.length;
  }

  /** The size of one dimension, or of each. */
  size(): Shape;
  size(dim: number): number;
  size(dim?: number): Shape | number {
    return dim === undefined ? this.shape : this.shape[normalizeDim("size", dim, this.ndim)];
  }

  /** Number of elements. */
  numel(): number {
    return numel(this.shape);
  }

  // ---- reading

  /** The elements in row-major order, as a fresh typed array. Throws a TraceError inside `compile`. */
  async data(): Promise<TypedArray> {
    return this.dataSync();
  }

  /** The single element. Throws an ArgumentError if there are more, a TraceError inside `compile`. */
  async item(): Promise<number> {
    return this.itemSync();
  }

  /** The elements as nested arrays; bools as true and false. Throws a TraceError inside `compile`. */
  async array(): Promise<Nested> {
    return this.arraySync();
  }

  /** As `data`, at once: on CPU devices. */
  dataSync(): TypedArray {
    if (activeTrace()) {
      throw new TraceError(
        `The numbers of a tensor ${showShape(this.shape)} were read inside a compiled function, where there are none yet: return the tensor and read it outside, or use where() instead of if.`,
      );
    }
    evaluate([this.value]);
    return copyBytes(this.value.storage!, this.dtype);
  }

  /** As `item`, at once: on CPU devices. */
  itemSync(): number {
    if (this.numel() !== 1) {
      throw new ArgumentError(
        `item reads a single element, but this tensor is ${showShape(this.shape)}: use array() or data().`,
      );
    }
    return this.dataSync()[0];
  }

  /** As `array`, at once: on CPU devices. */
  arraySync(): Nested {
    const data = this.dataSync();
    let position = 0;
    const nest = (depth: number): Nested => {
      if (depth < this.ndim) return Array.from({ length: this.shape[depth] }, () => nest(depth + 1));
      const element = data[position++];
      return this.dtype === "bool" ? element !== 0 : element;
    };
    return nest(0);
  }

  /** As PyTorch prints it. Inside `compile`, where there are no numbers, shape and dtype only. */
  toString(): string {
    if (activeTrace()) return formatUnknown(this.shape, this.dtype, "traced");
    return formatTensor(this.dataSync(), this.shape, this.dtype, this.requiresGrad);
  }

  /** `if (x)`, `x > 1` and `x + 1` see an object, never its numbers: they throw instead of being wrong. */
  [Symbol.toPrimitive](hint: string): string {
    if (hint === "string") return this.toString();
    throw new ArgumentError(
      `A tensor ${showShape(this.shape)} is no number to JavaScript's operators: write x.add(y), x.gt(y) or where(c, a, b), or read it first with await x.item().`,
    );
  }

  // ---- gradients

  /** Whether a derivative flows through this tensor. Assign true to make it a variable whose `grad` `backward` sets. */
  get requiresGrad(): boolean {
    return this.value.requiresGrad;
  }

  set requiresGrad(wanted: boolean) {
    if (wanted === this.requiresGrad) return;
    if (!wanted && !this.isLeaf)
      throw new GradError("A tensor that was computed from others keeps requiring gradients: use detach().");
    if (wanted) requireDifferentiable(this);
    this.#value = this.#alias(wanted);
    if (wanted) autograd.collectGradient(this.#value, this);
  }

  /** Whether it was not computed from anything that requires a gradient. */
  get isLeaf(): boolean {
    const { op, inputs } = this.value.node;
    return !this.requiresGrad || op === "input" || (op === "alias" && inputs[0]?.requiresGrad === false);
  }

  /** The gradient that `backward` has added up; undefined before, and after `zeroGrad`. */
  get grad(): Tensor | undefined {
    return this.#gradSlot?.get();
  }

  set grad(gradient: Tensor | undefined) {
    if (gradient || this.#gradSlot) this.gradSlot.set(gradient);
  }

  /** The state in which the gradient is kept. */
  get gradSlot(): Slot {
    this.#gradSlot ??= new Slot();
    return this.#gradSlot;
  }

  /** Keeps the gradient of a tensor that was computed from others, too. */
  retainGrad(): this {
    if (!this.requiresGrad) throw new GradError("retainGrad: this tensor does not require a gradient.");
    autograd.collectGradient(this.value, this);
    return this;
  }

  /**
   * Adds ∂this/∂p to `p.grad` for every variable p that this was computed from.
   *
   * `gradient` (∂loss/∂this) may be left out for a single number. What was recorded is dropped afterwards, unless
   * `retainGraph`. Throws a GradError if nothing requires a gradient.
   *
   * ```ts
   * const x = tensor([1, 2, 3], { requiresGrad: true });
   * x.pow(2).sum().backward();
   * x.grad; // tensor([2., 4., 6.])
   * ```
   */
  backward(gradient?: Tensor, options: autograd.BackwardOptions = {}): void {
    autograd.backwardFrom(this, gradient, options);
  }

  /** The same numbers, through which no derivative flows. */
  detach(): Tensor {
    return new Tensor(this.#alias(false));
  }

  /** The same numbers as another tensor; derivatives flow. */
  clone(): Tensor {
    return new Tensor(aliasOf(this.value, this.requiresGrad));
  }

  #alias(requiresGrad: boolean): Value {
    const alias = aliasOf(this.value, requiresGrad);
    alias.storage = this.value.storage;
    return alias;
  }

  // ---- dtypes

  /** Cast to another dtype: floats truncate towards zero and saturate, integers wrap, bool is `!= 0`. */
  to(dtype: DType): Tensor {
    checkDType("to", dtype);
    return dtype === this.dtype ? this : new Tensor(castTo(this.value, dtype));
  }

  /** As f32. */
  float(): Tensor {
    return this.to("f32");
  }

  /** As f64. */
  double(): Tensor {
    return this.to("f64");
  }

  /** As i32. */
  int(): Tensor {
    return this.to("i32");
  }

  /** Whether each element is not zero. */
  bool(): Tensor {
    return this.to("bool");
  }

  /** Whether the dtype is f32 or f64. */
  isFloatingPoint(): boolean {
    return isFloat(this.dtype);
  }

  // ---- elementwise: elementwise.ts

  /** this + other. */
  add(other: Operand): Tensor {
    return elementwise.add(this, other);
  }

  /** this − other. */
  sub(other: Operand): Tensor {
    return elementwise.sub(this, other);
  }

  /** this · other. */
  mul(other: Operand): Tensor {
    return elementwise.mul(this, other);
  }

  /** this / other; integers divide as f32 unless rounded. */
  div(other: Operand, options?: { rounding?: "floor" | "trunc" }): Tensor {
    return elementwise.div(this, other, options);
  }

  /** The remainder with the sign of the divisor, as PyTorch's `%`. */
  mod(other: Operand): Tensor {
    return elementwise.remainder(this, other);
  }

  /** The remainder with the sign of the divisor, as PyTorch's `%`. */
  remainder(other: Operand): Tensor {
    return elementwise.remainder(this, other);
  }

  /** The remainder with the sign of the dividend, as JavaScript's `%`. */
  fmod(other: Operand): Tensor {
    return elementwise.fmod(this, other);
  }

  /** this to the power `exponent`. */
  pow(exponent: Operand): Tensor {
    return elementwise.pow(this, exponent);
  }

  /** The larger of both; NaN where either is. */
  maximum(other: Operand): Tensor {
    return elementwise.maximum(this, other);
  }

  /** The smaller of both; NaN where either is. */
  minimum(other: Operand): Tensor {
    return elementwise.minimum(this, other);
  }

  /** this = other, as bool. */
  eq(other: Operand): Tensor {
    return elementwise.eq(this, other);
  }

  /** this ≠ other, as bool. */
  ne(other: Operand): Tensor {
    return elementwise.ne(this, other);
  }

  /** this < other, as bool. */
  lt(other: Operand): Tensor {
    return elementwise.lt(this, other);
  }

  /** this ≤ other, as bool. */
  le(other: Operand): Tensor {
    return elementwise.le(this, other);
  }

  /** this > other, as bool. */
  gt(other: Operand): Tensor {
    return elementwise.gt(this, other);
  }

  /** this ≥ other, as bool. */
  ge(other: Operand): Tensor {
    return elementwise.ge(this, other);
  }

  /** Both not zero. */
  logicalAnd(other: Tensor): Tensor {
    return elementwise.logicalAnd(this, other);
  }

  /** Either not zero. */
  logicalOr(other: Tensor): Tensor {
    return elementwise.logicalOr(this, other);
  }

  /** One of both not zero. */
  logicalXor(other: Tensor): Tensor {
    return elementwise.logicalXor(this, other);
  }

  /** Zero. */
  logicalNot(): Tensor {
    return elementwise.logicalNot(this);
  }

  /** Bitwise and. */
  bitwiseAnd(other: Operand): Tensor {
    return elementwise.bitwiseAnd(this, other);
  }

  /** Bitwise or. */
  bitwiseOr(other: Operand): Tensor {
    return elementwise.bitwiseOr(this, other);
  }

  /** Bitwise exclusive or. */
  bitwiseXor(other: Operand): Tensor {
    return elementwise.bitwiseXor(this, other);
  }

  /** Bits shifted left. */
  bitwiseLeftShift(other: Operand): Tensor {
    return elementwise.bitwiseLeftShift(this, other);
  }

  /** Bits shifted right. */
  bitwiseRightShift(other: Operand): Tensor {
    return elementwise.bitwiseRightShift(this, other);
  }

  /** Bitwise not. */
  bitwiseNot(): Tensor {
    return elementwise.bitwiseNot(this);
  }

  /** This tensor where the condition holds, `other` elsewhere. */
  where(condition: Tensor, other: Operand): Tensor {
    return elementwise.where(condition, this, other);
  }

  /** −x. */
  neg(): Tensor {
    return elementwise.neg(this);
  }

  /** |x|. */
  abs(): Tensor {
    return elementwise.abs(this);
  }

  /** −1, 0 or 1. */
  sign(): Tensor {
    return elementwise.sign(this);
  }

  /** eˣ. */
  exp(): Tensor {
    return elementwise.exp(this);
  }

  /** eˣ − 1. */
  expm1(): Tensor {
    return elementwise.expm1(this);
  }

  /** The natural logarithm. */
  log(): Tensor {
    return elementwise.log(this);
  }

  /** log(1 + x). */
  log1p(): Tensor {
    return elementwise.log1p(this);
  }

  /** The logarithm to base 2. */
  log2(): Tensor {
    return elementwise.log2(this);
  }

  /** The logarithm to base 10. */
  log10(): Tensor {
    return elementwise.log10(this);
  }

  /** √x. */
  sqrt(): Tensor {
    return elementwise.sqrt(this);
  }

  /** 1 / √x. */
  rsqrt(): Tensor {
    return elementwise.rsqrt(this);
  }

  /** x². */
  square(): Tensor {
    return elementwise.square(this);
  }

  /** 1 / x. */
  reciprocal(): Tensor {
    return elementwise.reciprocal(this);
  }

  /** The sine. */
  sin(): Tensor {
    return elementwise.sin(this);
  }

  /** The cosine. */
  cos(): Tensor {
    return elementwise.cos(this);
  }

  /** The tangent. */
  tan(): Tensor {
    return special.tan(this);
  }

  /** The hyperbolic sine. */
  sinh(): Tensor {
    return special.sinh(this);
  }

  /** The hyperbolic cosine. */
  cosh(): Tensor {
    return special.cosh(this);
  }

  /** The angle whose sine this is. */
  asin(): Tensor {
    return special.asin(this);
  }

  /** The angle whose cosine this is. */
  acos(): Tensor {
    return special.acos(this);
  }

  /** The angle whose tangent this is. */
  atan(): Tensor {
    return special.atan(this);
  }

  /** The inverse of sinh. */
  asinh(): Tensor {
    return special.asinh(this);
  }

  /** The inverse of cosh. */
  acosh(): Tensor {
    return special.acosh(this);
  }

  /** The inverse of tanh. */
  atanh(): Tensor {
    return special.atanh(this);
  }

  /** The inverse of erf. */
  erfinv(): Tensor {
    return special.erfinv(this);
  }

  /** 2 to the power of this. */
  exp2(): Tensor {
    return special.exp2(this);
  }

  /** The angle of the point (x, this). */
  atan2(x: Operand): Tensor {
    return special.atan2(this, x);
  }

  /** √(this² + other²). */
  hypot(other: Operand): Tensor {
    return special.hypot(this, other);
  }

  /** The hyperbolic tangent. */
  tanh(): Tensor {
    return elementwise.tanh(this);
  }

  /** 1 / (1 + e⁻ˣ). */
  sigmoid(): Tensor {
    return elementwise.sigmoid(this);
  }

  /** The error function. */
  erf(): Tensor {
    return elementwise.erf(this);
  }

  /** max(x, 0). */
  relu(): Tensor {
    return elementwise.relu(this);
  }

  /** log(1 + eˣ). */
  softplus(): Tensor {
    return elementwise.softplus(this);
  }

  /** log(sigmoid(x)). */
  logSigmoid(): Tensor {
    return elementwise.logSigmoid(this);
  }

  /** Rounded down. */
  floor(): Tensor {
    return elementwise.floor(this);
  }

  /** Rounded up. */
  ceil(): Tensor {
    return elementwise.ceil(this);
  }

  /** Rounded to the nearest whole number, or to some decimals; halves to even. */
  round(options?: { decimals?: number }): Tensor {
    return elementwise.round(this, options);
  }

  /** Rounded towards zero. */
  trunc(): Tensor {
    return elementwise.trunc(this);
  }

  /** x − trunc(x). */
  frac(): Tensor {
    return elementwise.frac(this);
  }

  /** Whether each element is NaN. */
  isnan(): Tensor {
    return elementwise.isnan(this);
  }

  /** Whether each element is infinite. */
  isinf(): Tensor {
    return elementwise.isinf(this);
  }

  /** Whether each element is neither NaN nor infinite. */
  isfinite(): Tensor {
    return elementwise.isfinite(this);
  }

  /** sigmoid's inverse, log(x / (1 − x)). */
  logit(options?: { eps?: number }): Tensor {
    return elementwise.logit(this, options);
  }

  /** Limited to [min, max]. */
  clamp(min?: Operand, max?: Operand): Tensor {
    return elementwise.clamp(this, min, max);
  }

  /** this + weight · (end − this). */
  lerp(end: Tensor, weight: Operand): Tensor {
    return elementwise.lerp(this, end, weight);
  }

  /** NaN and infinities replaced by numbers. */
  nanToNum(options?: { nan?: number; posinf?: number; neginf?: number }): Tensor {
    return elementwise.nanToNum(this, options);
  }

  /** `value` where the mask holds. */
  maskedFill(mask: Tensor, value: Operand): Tensor {
    return elementwise.maskedFill(this, mask, value);
  }

  // ---- short formulas: arithmetic.ts, special.ts

  /** this + value · a · b. */
  addcmul(a: Tensor, b: Tensor, options?: arithmetic.AddedOptions): Tensor {
    return arithmetic.addcmul(this, a, b, options);
  }

  /** this + value · a / b. */
  addcdiv(a: Tensor, b: Tensor, options?: arithmetic.AddedOptions): Tensor {
    return arithmetic.addcdiv(this, a, b, options);
  }

  /** The larger of both, or the one that is no NaN. */
  fmax(other: Tensor): Tensor {
    return arithmetic.fmax(this, other);
  }

  /** The smaller of both, or the one that is no NaN. */
  fmin(other: Tensor): Tensor {
    return arithmetic.fmin(this, other);
  }

  /** Degrees as radians. */
  deg2rad(): Tensor {
    return arithmetic.deg2rad(this);
  }

  /** Radians as degrees. */
  rad2deg(): Tensor {
    return arithmetic.rad2deg(this);
  }

  /** Whether each element is +∞. */
  isposinf(): Tensor {
    return arithmetic.isposinf(this);
  }

  /** Whether each element is −∞. */
  isneginf(): Tensor {
    return arithmetic.isneginf(this);
  }

  /** Whether each element's sign bit is set. */
  signbit(): Tensor {
    return special.signbit(this);
  }

  /** |this| with the sign of another. */
  copysign(sign: Operand): Tensor {
    return special.copysign(this, sign);
  }

  /** log(eˣ + eʸ). */
  logaddexp(other: Operand): Tensor {
    return special.logaddexp(this, other);
  }

  /** this · log(y), and 0 where this is 0. */
  xlogy(y: Operand): Tensor {
    return special.xlogy(this, y);
  }

  /** sin(πx) / (πx). */
  sinc(): Tensor {
    return special.sinc(this);
  }

  /** 1 − erf(x). */
  erfc(): Tensor {
    return special.erfc(this);
  }

  // ---- reductions: reduce.ts

  /** Σ x. */
  sum(dim?: reduce.Dims, options?: reduce.KeepDim & reduce.InDType): Tensor {
    return reduce.sum(this, dim, options);
  }

  /** ∏ x. */
  prod(dim?: reduce.Dims, options?: reduce.KeepDim & reduce.InDType): Tensor {
    return reduce.prod(this, dim, options);
  }

  /** Σ x / n. */
  mean(dim?: reduce.Dims, options?: reduce.KeepDim & reduce.InDType): Tensor {
    return reduce.mean(this, dim, options);
  }

  /** The largest element; ties share the gradient. */
  amax(dim?: reduce.Dims, options?: reduce.KeepDim): Tensor {
    return reduce.amax(this, dim, options);
  }

  /** The smallest element; ties share the gradient. */
  amin(dim?: reduce.Dims, options?: reduce.KeepDim): Tensor {
    return reduce.amin(this, dim, options);
  }

  /** Whether some element is not zero. */
  any(dim?: reduce.Dims, options?: reduce.KeepDim): Tensor {
    return reduce.any(this, dim, options);
  }

  /** Whether no element is zero. */
  all(dim?: reduce.Dims, options?: reduce.KeepDim): Tensor {
    return reduce.all(this, dim, options);
  }

  /** The variance, with Bessel's correction unless `correction` is 0. */
  var(dim?: reduce.Dims, options?: reduce.KeepDim & { correction?: number }): Tensor {
    return reduce.variance(this, dim, options);
  }

  /** The standard deviation: √var. */
  std(dim?: reduce.Dims, options?: reduce.KeepDim & { correction?: number }): Tensor {
    return reduce.std(this, dim, options);
  }

  /** The largest element; with `dim`, the largest elements along it and their indices. */
  max(): Tensor;
  max(dim: number, options?: reduce.KeepDim): reduce.ValuesIndices;
  max(dim?: number, options?: reduce.KeepDim): Tensor | reduce.ValuesIndices {
    return dim === undefined ? reduce.amax(this) : reduce.maxAlong(this, dim, options);
  }

  /** The smallest element; with `dim`, the smallest elements along it and their indices. */
  min(): Tensor;
  min(dim: number, options?: reduce.KeepDim): reduce.ValuesIndices;
  min(dim?: number, options?: reduce.KeepDim): Tensor | reduce.ValuesIndices {
    return dim === undefined ? reduce.amin(this) : reduce.minAlong(this, dim, options);
  }

  /** The median (the lower of the middle two); with `dim`, the medians along it and their indices. */
  median(): Tensor;
  median(dim: number, options?: reduce.KeepDim): reduce.ValuesIndices;
  median(dim?: number, options?: reduce.KeepDim): Tensor | reduce.ValuesIndices {
    return dim === undefined ? sorting.median(this) : sorting.medianAlong(this, dim, options);
  }

  /** Where the largest element is: the first one. i32. */
  argmax(dim?: number, options?: reduce.KeepDim): Tensor {
    return reduce.argmax(this, dim, options);
  }

  /** Where the smallest element is: the first one. i32. */
  argmin(dim?: number, options?: reduce.KeepDim): Tensor {
    return reduce.argmin(this, dim, options);
  }

  /** Running sums along `dim`. */
  cumsum(dim: number, options?: reduce.InDType): Tensor {
    return reduce.cumsum(this, dim, options);
  }

  /** Running products along `dim`. */
  cumprod(dim: number, options?: reduce.InDType): Tensor {
    return reduce.cumprod(this, dim, options);
  }

  /** eˣ / Σ eˣ along `dim`. */
  softmax(dim: number, options?: reduce.InDType): Tensor {
    return reduce.softmax(this, dim, options);
  }

  /** log(softmax(x)) along `dim`. */
  logSoftmax(dim: number, options?: reduce.InDType): Tensor {
    return reduce.logSoftmax(this, dim, options);
  }

  /** log Σ eˣ over `dim`. */
  logsumexp(dim: reduce.Dims, options?: reduce.KeepDim): Tensor {
    return reduce.logsumexp(this, dim, options);
  }

  /** The p-norm. */
  norm(p?: number, dim?: reduce.Dims, options?: reduce.KeepDim): Tensor {
    return reduce.norm(this, p, dim, options);
  }

  /** Σ x without NaN. */
  nansum(dim?: reduce.Dims, options?: reduce.KeepDim & reduce.InDType): Tensor {
    return nan.nansum(this, dim, options);
  }

  /** Σ x / n without NaN. */
  nanmean(dim?: reduce.Dims, options?: reduce.KeepDim & reduce.InDType): Tensor {
    return nan.nanmean(this, dim, options);
  }

  /** The q-quantile without NaN. */
  nanquantile(q: number | readonly number[], dim?: number, options?: sorting.QuantileOptions): Tensor {
    return nan.nanquantile(this, q, dim, options);
  }

  /** The median without NaN; with `dim`, the medians along it and their indices. */
  nanmedian(): Tensor;
  nanmedian(dim: number, options?: reduce.KeepDim): reduce.ValuesIndices;
  nanmedian(dim?: number, options?: reduce.KeepDim): Tensor | reduce.ValuesIndices {
    return dim === undefined ? nan.nanmedian(this) : nan.nanmedian(this, dim, options);
  }

  /** The smallest and the largest elements. */
  aminmax(dim?: reduce.Dims, options?: reduce.KeepDim): { readonly min: Tensor; readonly max: Tensor } {
    return reduce.aminmax(this, dim, options);
  }

  /** The most frequent element along `dim`, and where it is last. */
  mode(dim?: number, options?: reduce.KeepDim): reduce.ValuesIndices {
    return statistics.mode(this, dim, options);
  }

  /** Summed over what was grown from `shape`. */
  sumToSize(shape: Shape): Tensor {
    return reduce.sumToSize(this, shape);
  }

  /** The largest elements so far along `dim` and their indices. */
  cummax(dim: number): reduce.ValuesIndices {
    return cumulative.cummax(this, dim);
  }

  /** The smallest elements so far along `dim` and their indices. */
  cummin(dim: number): reduce.ValuesIndices {
    return cumulative.cummin(this, dim);
  }

  /** Running log-sums along `dim`. */
  logcumsumexp(dim: number): Tensor {
    return cumulative.logcumsumexp(this, dim);
  }

  /** The p-norm of the difference. */
  dist(other: Tensor, p?: number): Tensor {
    return distance.dist(this, other, p);
  }

  /** With slices along `dim` scaled down to a p-norm. */
  renorm(p: number, dim: number, maxNorm: number): Tensor {
    return distance.renorm(this, p, dim, maxNorm);
  }

  // ---- products: linalg.ts

  /** The matrix product, with batches. */
  matmul(other: Tensor): Tensor {
    return linalg.matmul(this, other);
  }

  /** The product of two matrices. */
  mm(other: Tensor): Tensor {
    return linalg.mm(this, other);
  }

  /** Products of matrices in a batch. */
  bmm(other: Tensor): Tensor {
    return linalg.bmm(this, other);
  }

  /** The product of a matrix and a vector. */
  mv(other: Tensor): Tensor {
    return linalg.mv(this, other);
  }

  /** All products of two vectors' elements. */
  outer(other: Tensor): Tensor {
    return linalg.outer(this, other);
  }

  /** The inner product of two vectors. */
  dot(other: Tensor): Tensor {
    return linalg.vdot(this, other);
  }

  /** The sum of the diagonal. */
  trace(): Tensor {
    return linalg.trace(this);
  }

  /** β · this + α · (a × b). */
  addmm(a: Tensor, b: Tensor, options?: products.AddProductOptions): Tensor {
    return products.addmm(this, a, b, options);
  }

  /** β · this + α · (a × v). */
  addmv(a: Tensor, v: Tensor, options?: products.AddProductOptions): Tensor {
    return products.addmv(this, a, v, options);
  }

  /** β · this + α · (aᵢ × bᵢ) of a batch. */
  baddbmm(a: Tensor, b: Tensor, options?: products.AddProductOptions): Tensor {
    return products.baddbmm(this, a, b, options);
  }

  /** Σ this · other over the last dimension of both. */
  inner(other: Tensor): Tensor {
    return products.inner(this, other);
  }

  /** Kronecker's product. */
  kron(other: Tensor): Tensor {
    return products.kron(this, other);
  }

  /** The vector at right angles to both. */
  cross(other: Tensor, dim?: number): Tensor {
    return products.cross(this, other, dim);
  }

  // ---- movement: movement.ts

  /** The same elements under another shape; one size may be −1. */
  reshape(shape: Shape): Tensor {
    return movement.reshape(this, shape);
  }

  /** As `reshape`: tensors have no strides to respect. */
  view(shape: Shape): Tensor {
    return movement.shaped("view", this, shape);
  }

  /** Dimensions `start` to `end` made one. */
  flatten(start?: number, end?: number): Tensor {
    return movement.flatten(this, start, end);
  }

  /** Dimension `dim` cut into `sizes`. */
  unflatten(dim: number, sizes: Shape): Tensor {
    return movement.unflatten(this, dim, sizes);
  }

  /** Without dimensions of size 1. */
  squeeze(dim?: number | readonly number[]): Tensor {
    return movement.squeeze(this, dim);
  }

  /** With a new dimension of size 1 before `dim`. */
  unsqueeze(dim: number): Tensor {
    return movement.unsqueeze(this, dim);
  }

  /** Dimensions in another order. */
  permute(dims: readonly number[]): Tensor {
    return movement.permute(this, dims);
  }

  /** Two dimensions exchanged. */
  transpose(a: number, b: number): Tensor {
    return movement.transpose(this, a, b);
  }

  /** The transpose of a matrix; a vector or a number stays. Throws an ArgumentError for more dimensions. */
  t(): Tensor {
    if (this.ndim > 2)
      throw new ArgumentError(`t() is for matrices, but this tensor is ${showShape(this.shape)}: use transpose(a, b).`);
    return this.ndim < 2 ? this : movement.transpose(this, 0, 1);
  }

  /** Dimensions moved elsewhere. */
  movedim(from: number | readonly number[], to: number | readonly number[]): Tensor {
    return movement.movedim(this, from, to);
  }

  /** Repeated along sizes of 1. */
  expand(shape: Shape): Tensor {
    return movement.expand(this, shape);
  }

  /** Expanded to the shape of another tensor. */
  expandAs(other: Tensor): Tensor {
    return movement.expand(this, other.shape);
  }

  /** The whole tensor repeated along each dimension. */
  repeat(repeats: readonly number[]): Tensor {
    return movement.repeat(this, repeats);
  }

  /** The whole tensor repeated along each dimension. */
  tile(repeats: readonly number[]): Tensor {
    return movement.repeat(this, repeats);
  }

  /** Every element repeated in place. */
  repeatInterleave(times: number, dim?: number): Tensor {
    return movement.repeatInterleave(this, times, dim);
  }

  /** In reverse order along dimensions. */
  flip(dims: number | readonly number[]): Tensor {
    return movement.flip(this, dims);
  }

  /** Moved by `shift` places, around the end. */
  roll(shift: number | readonly number[], dim?: number | readonly number[]): Tensor {
    return movement.roll(this, shift, dim);
  }

  /** `length` elements along `dim` from `start`. */
  narrow(dim: number, start: number, length: number): Tensor {
    return movement.narrow(this, dim, start, length);
  }

  /** Pieces of a size, or of sizes, along `dim`. */
  split(sizes: number | readonly number[], dim?: number): Tensor[] {
    return movement.split(this, sizes, dim);
  }

  /** At most `chunks` equal pieces along `dim`. */
  chunk(chunks: number, dim?: number): Tensor[] {
    return movement.chunk(this, chunks, dim);
  }

  /** The slices along `dim`, without it. */
  unbind(dim?: number): Tensor[] {
    return movement.unbind(this, dim);
  }

  /** Grown at the ends of the last dimensions. */
  pad(padding: readonly number[], options?: movement.PadOptions): Tensor {
    return movement.pad(this, padding, options);
  }

  /** The diagonal of two dimensions. */
  diagonal(offset?: number, dim1?: number, dim2?: number): Tensor {
    return movement.diagonal(this, offset, dim1, dim2);
  }

  /** A matrix's diagonal, or a matrix with this diagonal. */
  diag(offset?: number): Tensor {
    return movement.diag(this, offset);
  }

  /** The lower triangle. */
  tril(offset?: number): Tensor {
    return movement.tril(this, offset);
  }

  /** The upper triangle. */
  triu(offset?: number): Tensor {
    return movement.triu(this, offset);
  }

  /** Windows along `dim`, as a new last dimension. */
  unfold(dim: number, size: number, step: number): Tensor {
    return movement.unfold(this, dim, size, step);
  }

  /** Matrices transposed: the last two dimensions exchanged. */
  get mT(): Tensor {
    if (this.ndim < 2)
      throw new ShapeError(`mT is for matrices, but this tensor is ${showShape(this.shape)}: use t().`);
    return movement.transpose(this, -2, -1);
  }

  /** All elements in one dimension. */
  ravel(): Tensor {
    return movement.reshape(this, [-1]);
  }

  /** On the diagonals of matrices of zeros. */
  diagEmbed(offset?: number, dim1?: number, dim2?: number): Tensor {
    return movement.diagEmbed(this, offset, dim1, dim2);
  }

  /** All elements on the diagonal of a matrix of zeros. */
  diagflat(offset?: number): Tensor {
    return movement.diagflat(this, offset);
  }

  /** A number of pieces along `dim`, or pieces that begin at positions. */
  tensorSplit(pieces: number | readonly number[], dim?: number): Tensor[] {
    return stacking.tensorSplit(this, pieces, dim);
  }

  /** Turned by 90° · `times`. */
  rot90(times?: number, dims?: readonly [number, number]): Tensor {
    return stacking.rot90(this, times, dims);
  }

  /** Columns in reverse order. */
  fliplr(): Tensor {
    return stacking.fliplr(this);
  }

  /** Rows in reverse order. */
  flipud(): Tensor {
    return stacking.flipud(this);
  }

  // ---- indexing: indexing.ts

  /** Elements by position, slice (`"1:3"`), `"..."`, `null` or index tensor: one item a dimension. */
  index(...items: indexing.Index[]): Tensor {
    return indexing.index(this, items);
  }

  /** Items written as text: `x.slice("1:3, ::2")`. */
  slice(text: string): Tensor {
    return indexing.slice(this, text);
  }

  /** The slice at one position along `dim`. */
  select(dim: number, position: number): Tensor {
    return indexing.selectAt(this, dim, position);
  }

  /** Whole slices along `dim` at positions. */
  indexSelect(dim: number, index: Tensor): Tensor {
    return indexing.indexSelect(this, dim, index);
  }

  /** Elements of the flattened tensor. */
  take(index: Tensor): Tensor {
    return indexing.take(this, index);
  }

  /** One element along `dim` for each index. */
  gather(dim: number, index: Tensor): Tensor {
    return indexing.gather(this, dim, index);
  }

  /** With `source` written at places. */
  scatter(dim: number, index: Tensor, source: Tensor | number): Tensor {
    return indexing.scatter(this, dim, index, source);
  }

  /** With `source` added at places. */
  scatterAdd(dim: number, index: Tensor, source: Tensor): Tensor {
    return indexing.scatterAdd(this, dim, index, source);
  }

  /** With slices of `source` added at positions along `dim`. */
  indexAdd(dim: number, index: Tensor, source: Tensor): Tensor {
    return indexing.indexAdd(this, dim, index, source);
  }

  /** The elements where the mask holds, as a vector: how many, only the mask's numbers tell. */
  maskedSelect(mask: Tensor): Promise<Tensor> {
    return indexing.maskedSelect(this, mask);
  }

  /** The indices of the elements that are not zero, (n, ndim) i32. */
  nonzero(): Promise<Tensor> {
    return indexing.nonzero(this);
  }

  // ---- writing: writing.ts

  /** One element along `dim` for each index, other dimensions broadcast. */
  takeAlongDim(index: Tensor, dim?: number): Tensor {
    return writing.takeAlongDim(this, index, dim);
  }

  /** With `source` at positions of the flattened tensor. */
  put(index: Tensor, source: Tensor, options?: writing.PutOptions): Tensor {
    return writing.put(this, index, source, options);
  }

  /** With `values` where `index(...items)` reads. */
  indexPut(items: readonly indexing.Index[], values: Operand, options?: writing.PutOptions): Tensor {
    return writing.indexPut(this, items, values, options);
  }

  /** With a number in the slices at positions along `dim`. */
  indexFill(dim: number, index: Tensor, value: Operand): Tensor {
    return writing.indexFill(this, dim, index, value);
  }

  /** With slices of `source` at positions along `dim`. */
  indexCopy(dim: number, index: Tensor, source: Tensor): Tensor {
    return writing.indexCopy(this, dim, index, source);
  }

  /** With the elements of `source` where the mask holds. */
  maskedScatter(mask: Tensor, source: Tensor): Tensor {
    return writing.maskedScatter(this, mask, source);
  }

  /** With `source` combined at places. */
  scatterReduce(
    dim: number,
    index: Tensor,
    source: Tensor,
    reduction: writing.ScatterReduction,
    options?: { includeSelf?: boolean },
  ): Tensor {
    return writing.scatterReduce(this, dim, index, source, reduction, options);
  }

  /** With `source` as the slice at one position along `dim`. */
  selectScatter(source: Tensor, dim: number, position: number): Tensor {
    return writing.selectScatter(this, source, dim, position);
  }

  /** With `source` at start, start + step, … along `dim`. */
  sliceScatter(source: Tensor, dim?: number, start?: number, end?: number, step?: number): Tensor {
    return writing.sliceScatter(this, source, dim, start, end, step);
  }

  /** With `source` as a diagonal. */
  diagonalScatter(source: Tensor, offset?: number, dim1?: number, dim2?: number): Tensor {
    return writing.diagonalScatter(this, source, offset, dim1, dim2);
  }

  // ---- sorting: sorting.ts

  /** Sorted along `dim`, and where each element came from. */
  sort(dim?: number, options?: sorting.SortOptions): reduce.ValuesIndices {
    return sorting.sort(this, dim, options);
  }

  /** The indices that sort along `dim`. */
  argsort(dim?: number, options?: sorting.SortOptions): Tensor {
    return sorting.argsort(this, dim, options);
  }

  /** The k largest elements along `dim` and their indices. */
  topk(k: number, dim?: number, options?: { largest?: boolean }): reduce.ValuesIndices {
    return sorting.topk(this, k, dim, options);
  }

  /** The k-th smallest element along `dim` and its index. */
  kthvalue(k: number, dim?: number, options?: reduce.KeepDim): reduce.ValuesIndices {
    return sorting.kthvalue(this, k, dim, options);
  }

  /** The q-quantile. */
  quantile(q: number | readonly number[], dim?: number, options?: sorting.QuantileOptions): Tensor {
    return sorting.quantile(this, q, dim, options);
  }
}

/** A tensor that stands for a value. */
export function wrap(value: Value): Tensor {
  return new Tensor(value);
}
