/** Plane maps as 3×3 matrices, row by row: (x, y) ↦ (a·x + b·y + c, d·x + e·y + f) / (g·x + h·y + i). */

export type Matrix = readonly [number, number, number, number, number, number, number, number, number];

export type Point = readonly [number, number];

export function apply([a, b, c, d, e, f, g, h, i]: Matrix, x: number, y: number): Point {
  const w = g * x + h * y + i;
  return [(a * x + b * y + c) / w, (d * x + e * y + f) / w];
}

/** p·q: first q, then p. */
export function multiply(p: Matrix, q: Matrix): Matrix {
  return Array.from({ length: 9 }, (_, at) => {
    const [row, column] = [3 * Math.floor(at / 3), at % 3];
    return p[row] * q[column] + p[row + 1] * q[column + 3] + p[row + 2] * q[column + 6];
  }) as unknown as Matrix;
}

/** By Cramer's rule. */
export function invert([a, b, c, d, e, f, g, h, i]: Matrix): Matrix {
  const det = a * (e * i - f * h) - b * (d * i - f * g) + c * (d * h - e * g);
  const adjugate = [
    e * i - f * h,
    c * h - b * i,
    b * f - c * e,
    f * g - d * i,
    a * i - c * g,
    c * d - a * f,
    d * h - e * g,
    b * g - a * h,
    a * e - b * d,
  ];
  return adjugate.map((minor) => minor / det) as unknown as Matrix;
}

/** (x, y) ↦ (sx·x + tx, sy·y + ty). */
export const scaleShift = (sx: number, tx: number, sy: number, ty: number): Matrix => [sx, 0, tx, 0, sy, ty, 0, 0, 1];

/** The map that takes four points to four others: eight linear equations, solved with pivots. */
export function fourPoints(from: readonly Point[], to: readonly Point[]): Matrix {
  const rows = from.flatMap(([x, y], i) => {
    const [u, v] = to[i];
    return [
      [x, y, 1, 0, 0, 0, -u * x, -u * y, u],
      [0, 0, 0, x, y, 1, -v * x, -v * y, v],
    ];
  });
  for (let column = 0; column < 8; column++) {
    let pivot = column;
    for (let row = column + 1; row < 8; row++) {
      if (Math.abs(rows[row][column]) > Math.abs(rows[pivot][column])) pivot = row;
    }
    [rows[column], rows[pivot]] = [rows[pivot], rows[column]];
    for (let row = 0; row < 8; row++) {
      if (row === column) continue;
      const factor = rows[row][column] / rows[column][column];
      for (let at = column; at < 9; at++) rows[row][at] -= factor * rows[column][at];
    }
  }
  return [...rows.map((row, i) => row[8] / row[i]), 1] as unknown as Matrix;
}
