import { ShapeError } from "../../core/errors.ts";
import { numel, showShape } from "../../core/shape.ts";
import { randn, tensor, type Variable } from "../../tensor/index.ts";
import { put } from "./fill.ts";
import type { XavierOptions } from "./scaled.ts";

/**
 * Orthonormal rows, or columns where there are more rows, times `gain`: lengths pass through the layer as they are.
 *
 * The matrix is (out, rest), drawn evenly from all such matrices. It reads the numbers that it draws, so call it outside of
 * compiled functions. Gives the parameter. Throws a ShapeError below two dimensions.
 * Saxe, McClelland and Ganguli, Exact solutions to the nonlinear dynamics of learning in deep linear networks, 2014.
 *
 * ```ts
 * const w = init.orthogonal(new Parameter(zeros([2, 5])), { gain: 2 });
 * w.matmul(w.t()).sub(eye(2).mul(4)).abs().amax().itemSync() < 1e-5; // true
 * ```
 */
export function orthogonal<V extends Variable>(parameter: V, options: XavierOptions = {}): V {
  const { gain = 1, generator } = options;
  return put("orthogonal", parameter, (shape) => {
    if (shape.length < 2) {
      throw new ShapeError(`init.orthogonal needs a weight (out, in, …), but got ${showShape(shape)}.`);
    }
    const [rows, columns] = [shape[0], numel(shape.slice(1))];
    const [few, length] = [Math.min(rows, columns), Math.max(rows, columns)];
    const vectors = randn([few, length], { dtype: "f64", generator }).dataSync() as Float64Array;
    orthonormalize(vectors, few, length);
    const matrix = tensor(vectors, { shape: [few, length], dtype: "f64" });
    return (rows > columns ? matrix.t() : matrix).mul(gain).reshape(shape);
  });
}

/** Gram and Schmidt's process on the rows, in place; twice, since once leaves rounding errors that grow. */
function orthonormalize(rows: Float64Array, count: number, length: number): void {
  for (let i = 0; i < count; i++) {
    const row = rows.subarray(i * length, (i + 1) * length);
    for (let pass = 0; pass < 2; pass++) {
      for (let j = 0; j < i; j++) {
        const other = rows.subarray(j * length, (j + 1) * length);
        const along = dot(row, other);
        for (let k = 0; k < length; k++) row[k] -= along * other[k];
      }
      const scale = 1 / Math.sqrt(dot(row, row));
      for (let k = 0; k < length; k++) row[k] *= scale;
    }
  }
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let k = 0; k < a.length; k++) sum += a[k] * b[k];
  return sum;
}
