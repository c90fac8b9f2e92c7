import { ArgumentError } from "../../core/errors.ts";
import { ones, type Tensor, tensor } from "../../tensor/index.ts";

export interface WindowOptions {
  /** whether it is one period of the function, as spectra want it, and not symmetric; true by default */
  periodic?: boolean;
  /** "f32" by default */
  dtype?: "f32" | "f64";
}

export interface HammingWindowOptions extends WindowOptions {
  /** α; 0.54 by default */
  alpha?: number;
  /** β; 0.46 by default */
  beta?: number;
}

/** wₙ = Σₖ coefficientsₖ · cos(2πkn / M), with M = size, or size − 1 of a symmetric window. */
function cosines(op: string, size: number, coefficients: readonly number[], options: WindowOptions): Tensor {
  if (!(Number.isInteger(size) && size >= 0)) {
    throw new ArgumentError(`${op}: a window's size is a whole number from 0, but is ${size}.`);
  }
  const { periodic = true, dtype = "f32" } = options;
  if (size === 1) return ones([1], { dtype });
  const period = periodic ? size : size - 1;
  const values = Float64Array.from({ length: size }, (_, n) =>
    coefficients.reduce((sum, c, k) => sum + c * Math.cos((2 * Math.PI * k * n) / period), 0),
  );
  return tensor(values, { shape: [size], dtype });
}

/**
 * Hann's window: wₙ = ½ − ½ cos(2πn / M), with M = size, or size − 1 if it is not periodic.
 *
 * Shape: (size). Throws an ArgumentError for a size below 0.
 *
 * ```ts
 * hannWindow(4); // tensor([0.0000, 0.5000, 1.0000, 0.5000])
 * hannWindow(5, { periodic: false }); // tensor([0.0000, 0.5000, 1.0000, 0.5000, 0.0000])
 * ```
 *
 * Harris, On the use of windows for harmonic analysis with the discrete Fourier transform, 1978.
 */
export function hannWindow(size: number, options: WindowOptions = {}): Tensor {
  return cosines("hannWindow", size, [0.5, -0.5], options);
}

/**
 * Hamming's window: wₙ = α − β cos(2πn / M), with M = size, or size − 1 if it is not periodic.
 *
 * Shape: (size). Throws an ArgumentError for a size below 0. Source: Harris, 1978, as {@link hannWindow}.
 *
 * ```ts
 * hammingWindow(4); // tensor([0.0800, 0.5400, 1.0000, 0.5400])
 * ```
 */
export function hammingWindow(size: number, options: HammingWindowOptions = {}): Tensor {
  const { alpha = 0.54, beta = 0.46 } = options;
  return cosines("hammingWindow", size, [alpha, -beta], options);
}

/**
 * Blackman's window: wₙ = 0.42 − 0.5 cos(2πn / M) + 0.08 cos(4πn / M), with M = size, or size − 1 if it is not periodic.
 *
 * Shape: (size). Throws an ArgumentError for a size below 0. Source: Harris, 1978, as {@link hannWindow}.
 *
 * ```ts
 * blackmanWindow(5).amax(); // tensor(0.8492)
 * blackmanWindow(5, { periodic: false }).amax(); // tensor(1.)
 * ```
 */
export function blackmanWindow(size: number, options: WindowOptions = {}): Tensor {
  return cosines("blackmanWindow", size, [0.42, -0.5, 0.08], options);
}
