/** Values that do not depend on a layer's size. */

import { ArgumentError, ShapeError } from "../../core/errors.ts";
import { numel, rowMajor, type Shape, showShape } from "../../core/shape.ts";
import {
  full,
  type Generator,
  eye as identity,
  type RandomOptions,
  rand,
  randn,
  type Tensor,
  tensor,
  Variable,
  where,
} from "../../tensor/index.ts";

export interface InitOptions {
  /** where random numbers come from; the default generator, which `manualSeed` seeds, by default */
  generator?: Generator;
}

/** Puts values in a parameter. Throws an ArgumentError for a tensor that is none, such as a parametrized weight. */
export function put<V extends Variable>(op: string, parameter: V, values: (shape: Shape) => Tensor): V {
  if (!(parameter instanceof Variable)) {
    throw new ArgumentError(
      `init.${op} needs a Parameter, which can be assigned, but got a tensor: initialise before weightNorm and spectralNorm.`,
    );
  }
  return parameter.assign(values(parameter.shape));
}

/** Uniform numbers from low to high. */
export const evenly = (shape: Shape, low: number, high: number, options: RandomOptions): Tensor =>
  rand(shape, options)
    .mul(high - low)
    .add(low);

export interface UniformOptions extends InitOptions {
  /** the least; 0 by default */
  a?: number;
  /** the bound above; 1 by default */
  b?: number;
}

/**
 * Numbers drawn evenly from [a, b). Gives the parameter.
 * PyTorch documentation, torch.nn.init.uniform_.
 *
 * ```ts
 * const layer = new Linear(100, 100);
 * init.uniform(layer.weight, { a: -1, b: 1 }).abs().amax().itemSync() <= 1; // true
 * ```
 */
export function uniform<V extends Variable>(parameter: V, options: UniformOptions = {}): V {
  const { a = 0, b = 1, generator } = options;
  if (!(a <= b)) throw new ArgumentError(`init.uniform: a is at most b, but they are ${a} and ${b}.`);
  return put("uniform", parameter, (shape) => evenly(shape, a, b, { dtype: parameter.dtype, generator }));
}

export interface NormalOptions extends InitOptions {
  /** 0 by default */
  mean?: number;
  /** the standard deviation; 1 by default */
  std?: number;
}

/** Throws an ArgumentError for a negative standard deviation. */
function expectStd(op: string, std: number): void {
  if (!(std >= 0)) throw new ArgumentError(`init.${op}: a standard deviation is at least 0, but is ${std}.`);
}

/**
 * Numbers from N(mean, std²). Gives the parameter.
 * PyTorch documentation, torch.nn.init.normal_.
 *
 * ```ts
 * init.normal(new Parameter(zeros([3])), { mean: 7, std: 0 }).detach(); // tensor([7., 7., 7.])
 * ```
 */
export function normal<V extends Variable>(parameter: V, options: NormalOptions = {}): V {
  const { mean = 0, std = 1, generator } = options;
  expectStd("normal", std);
  const { dtype } = parameter;
  return put("normal", parameter, (shape) => randn(shape, { dtype, generator }).mul(std).add(mean));
}

export interface TruncNormalOptions extends NormalOptions {
  /** the least; −2 by default */
  a?: number;
  /** the greatest; 2 by default */
  b?: number;
}

/**
 * Numbers from N(mean, std²) that lie in [a, b], by the inverse of the distribution function; a and b are numbers, not
 * multiples of std. Gives the parameter.
 *
 * Throws an ArgumentError if a is not below b or std is negative.
 * PyTorch documentation, torch.nn.init.trunc_normal_.
 *
 * ```ts
 * const w = init.truncNormal(new Parameter(zeros([1000])), { std: 0.02, a: -0.04, b: 0.04 });
 * w.abs().amax().itemSync() <= Math.fround(0.04); // true
 * ```
 */
export function truncNormal<V extends Variable>(parameter: V, options: TruncNormalOptions = {}): V {
  const { mean = 0, std = 1, a = -2, b = 2, generator } = options;
  expectStd("truncNormal", std);
  if (!(a < b)) throw new ArgumentError(`init.truncNormal: a lies below b, but they are ${a} and ${b}.`);
  // erf of both ends: between them, erf⁻¹ of a uniform number is normal. In f64, since f32 ends at 5 std.
  const [low, high] = [a, b].map((end) => tensor((end - mean) / (std * Math.SQRT2), { dtype: "f64" }).erf());
  return put("truncNormal", parameter, (shape) =>
    rand(shape, { dtype: "f64", generator })
      .add(2 ** -25) // the middle of each step of 2⁻²⁴: neither end is reached
      .mul(high.sub(low))
      .add(low)
      .erfinv()
      .mul(std * Math.SQRT2)
      .add(mean)
      .clamp(a, b),
  );
}

/**
 * One number everywhere. Gives the parameter.
 * PyTorch documentation, torch.nn.init.constant_.
 *
 * ```ts
 * init.constant(new Parameter(zeros([2])), 0.5).detach(); // tensor([0.5000, 0.5000])
 * ```
 */
export function constant<V extends Variable>(parameter: V, value: number): V {
  return put("constant", parameter, (shape) => full(shape, value, { dtype: parameter.dtype }));
}

/**
 * 1 everywhere. Gives the parameter.
 *
 * PyTorch documentation, torch.nn.init.ones_.
 */
export function ones<V extends Variable>(parameter: V): V {
  return put("ones", parameter, (shape) => full(shape, 1, { dtype: parameter.dtype }));
}

/**
 * 0 everywhere. Gives the parameter.
 *
 * PyTorch documentation, torch.nn.init.zeros_.
 */
export function zeros<V extends Variable>(parameter: V): V {
  return put("zeros", parameter, (shape) => full(shape, 0, { dtype: parameter.dtype }));
}

/**
 * The identity: a linear layer gives what it takes, as far as its sizes allow. Gives the parameter.
 *
 * Throws a ShapeError unless it is a matrix.
 * PyTorch documentation, torch.nn.init.eye_.
 *
 * ```ts
 * init.eye(new Parameter(ones([2, 3]))).detach(); // tensor([[1., 0., 0.], [0., 1., 0.]])
 * ```
 */
export function eye<V extends Variable>(parameter: V): V {
  return put("eye", parameter, (shape) => {
    if (shape.length !== 2) throw new ShapeError(`init.eye needs a matrix, but got ${showShape(shape)}.`);
    return identity(shape[0], shape[1], { dtype: parameter.dtype });
  });
}

export interface DiracOptions {
  /** groups of the convolution; 1 by default */
  groups?: number;
}

/**
 * A convolution that gives what it takes, as far as its channels allow: 1 in the middle of the kernel from channel i to
 * channel i of each group. Gives the parameter.
 *
 * Throws a ShapeError unless the shape is (O, C, *K) with up to three sizes of the kernel, an ArgumentError if O does not
 * fall into equal groups.
 * PyTorch documentation, torch.nn.init.dirac_.
 *
 * ```ts
 * init.dirac(new Parameter(ones([2, 2, 3]))).detach(); // tensor([[[0., 1., 0.], [0., 0., 0.]], [[0., 0., 0.], [0., 1., 0.]]])
 * ```
 */
export function dirac<V extends Variable>(parameter: V, options: DiracOptions = {}): V {
  const { groups = 1 } = options;
  return put("dirac", parameter, (shape) => {
    if (shape.length < 3 || shape.length > 5) {
      throw new ShapeError(`init.dirac needs a convolution's weight (O, C, *K), but got ${showShape(shape)}.`);
    }
    const [out, channels, ...kernel] = shape;
    if (!Number.isInteger(groups) || groups < 1 || out % groups !== 0) {
      throw new ArgumentError(`init.dirac: ${out} outputs do not fall into ${groups} equal groups.`);
    }
    const strides = rowMajor(shape);
    const middle = kernel.reduce((sum, size, i) => sum + Math.floor(size / 2) * strides[i + 2], 0);
    const values = new Float64Array(numel(shape));
    for (let o = 0; o < out; o++) {
      const i = o % (out / groups);
      if (i < channels) values[o * strides[0] + i * strides[1] + middle] = 1;
    }
    return tensor(values, { shape, dtype: parameter.dtype });
  });
}

export interface SparseOptions extends InitOptions {
  /** the standard deviation of the others; 0.01 by default */
  std?: number;
}

/**
 * Zeros in a part `sparsity` of each column, at random rows (their number rounded up), and N(0, std²) elsewhere. Gives the
 * parameter.
 *
 * Throws a ShapeError unless it is a matrix, an ArgumentError unless 0 ≤ sparsity ≤ 1.
 * Martens, Deep learning via Hessian-free optimization, 2010.
 *
 * ```ts
 * init.sparse(new Parameter(zeros([10, 4])), 0.25).eq(0).sum(0); // tensor([3, 3, 3, 3])
 * ```
 */
export function sparse<V extends Variable>(parameter: V, sparsity: number, options: SparseOptions = {}): V {
  const { std = 0.01, generator } = options;
  expectStd("sparse", std);
  if (!(sparsity >= 0 && sparsity <= 1)) {
    throw new ArgumentError(`init.sparse: sparsity lies between 0 and 1, but is ${sparsity}.`);
  }
  return put("sparse", parameter, (shape) => {
    if (shape.length !== 2) throw new ShapeError(`init.sparse needs a matrix, but got ${showShape(shape)}.`);
    const rank = rand(shape, { generator }).argsort(0).argsort(0); // of each column, 0 … rows − 1 in random order
    const values = randn(shape, { dtype: parameter.dtype, generator }).mul(std);
    return where(rank.lt(Math.ceil(sparsity * shape[0])), 0, values);
  });
}
