/**
 * The IoU of rectangles i and j, four corners each: what `boxIou` is, for loops over numbers, which stop early and need no
 * tensor of all pairs. In float64.
 */
export function rectangleIou(a: Float64Array, i: number, b: Float64Array, j: number): number {
  const p = 4 * i;
  const q = 4 * j;
  // Most pairs are apart, and comparing is faster than Math.min and Math.max.
  if (!(a[p] < b[q + 2] && b[q] < a[p + 2] && a[p + 1] < b[q + 3] && b[q + 1] < a[p + 3])) return 0;
  const width = Math.min(a[p + 2], b[q + 2]) - Math.max(a[p], b[q]);
  const height = Math.min(a[p + 3], b[q + 3]) - Math.max(a[p + 1], b[q + 1]);
  if (!(width > 0 && height > 0)) return 0; // corners in the wrong order
  const intersection = width * height;
  const areas = (a[p + 2] - a[p]) * (a[p + 3] - a[p + 1]) + (b[q + 2] - b[q]) * (b[q + 3] - b[q + 1]);
  return intersection / (areas - intersection);
}
