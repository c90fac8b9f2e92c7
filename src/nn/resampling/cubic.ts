/**
 * The weights of four neighbours, for a point at distance t behind the second: cubic polynomials of t, the lowest power
 * first. Keys, Cubic convolution interpolation for digital image processing, 1981.
 */
export const cubic = (a: number): number[][] => [
  [0, a, -2 * a, a],
  [1, 0, -(a + 3), a + 2],
  [0, -a, 2 * a + 3, -(a + 2)],
  [0, 0, a, -a],
];

/** Keys' parameter where every output has four neighbours, and where antialiasing widens the kernel, as PyTorch has them. */
export const SHARP = -0.75;
export const SMOOTH = -0.5;

/** Σ coefficients[i] · tⁱ. */
export const polynomial = (coefficients: readonly number[], t: number): number =>
  coefficients.reduceRight((y, coefficient) => y * t + coefficient, 0);
