/** Products of vectors and matrices. */

import { promote } from "../core/dtype.ts";
import { ArgumentError, ShapeError } from "../core/errors.ts";
import { apply1 } from "../core/primitives.ts";
import { broadcastShapes, numel, type Shape, sameShape, showShape } from "../core/shape.ts";
import { type Tensor, wrap } from "./tensor.ts";
import { castTo } from "./values.ts";

/**
 * The matrix product, over the last two dimensions; leading ones are batches and broadcast.
 *
 * Shapes: (…, M, K) × (…, K, N) ─► (…, M, N); a vector (K) counts as a row on the left and as a column on the right,
 * and its dimension is dropped. Throws a ShapeError if K differs.
 *
 * ```ts
 * matmul(tensor([[1, 2], [3, 4]]), tensor([1, 1])); // tensor([3., 7.])
 * ```
 */
export function matmul(a: Tensor, b: Tensor): Tensor {
  if (a.ndim === 0 || b.ndim === 0) {
    throw new ShapeError(
      `matmul needs at least one dimension, but got ${showShape(a.shape)} and ${showShape(b.shape)}: multiply by a number with mul.`,
    );
  }
  if (a.ndim === 1) return matmul(a.unsqueeze(0), b).squeeze(b.ndim === 1 ? 0 : -2);
  if (b.ndim === 1) return matmul(a, b.unsqueeze(1)).squeeze(-1);
  const [M, K] = a.shape.slice(-2);
  const [K2, N] = b.shape.slice(-2);
  if (K !== K2) {
    throw new ShapeError(
      `matmul cannot multiply ${showShape(a.shape)} by ${showShape(b.shape)}: the inner sizes ${K} and ${K2} differ. (…, M, K) × (…, K, N) is needed; transpose one with .t().`,
    );
  }
  const dtype = promote(a.dtype, b.dtype);
  const x = wrap(castTo(a.value, dtype));
  const y = wrap(castTo(b.value, dtype));
  const batchA = a.shape.slice(0, -2);
  const batchB = b.shape.slice(0, -2);
  if (sameShape(batchA, batchB)) return dot(x, y);
  // One matrix for all batches: they are rows of one product.
  if (numel(batchB) === 1 && batchB.length <= batchA.length) {
    return dot(x.reshape([numel(batchA) * M, K]), y.reshape([K, N])).reshape([...batchA, M, N]);
  }
  const batch = broadcastShapes("matmul", batchA, batchB);
  return dot(x.expand([...batch, M, K]), y.expand([...batch, K, N]));
}

function dot(a: Tensor, b: Tensor): Tensor {
  return wrap(apply1("dot", [a.value, b.value], {}));
}

function expectRank(op: string, a: Tensor, b: Tensor, rank: number): void {
  if (a.ndim === rank && b.ndim === rank) return;
  throw new ShapeError(
    `${op} needs two tensors of ${rank} dimensions, but got ${showShape(a.shape)} and ${showShape(b.shape)}: matmul takes any.`,
  );
}

/** The product of two matrices, (M, K) × (K, N) ─► (M, N). */
export function mm(a: Tensor, b: Tensor): Tensor {
  expectRank("mm", a, b, 2);
  return matmul(a, b);
}

/** Products of matrices in a batch, (B, M, K) × (B, K, N) ─► (B, M, N). */
export function bmm(a: Tensor, b: Tensor): Tensor {
  expectRank("bmm", a, b, 3);
  if (a.shape[0] !== b.shape[0])
    throw new ShapeError(`bmm: batch sizes differ in ${showShape(a.shape)} and ${showShape(b.shape)}.`);
  return matmul(a, b);
}

/** The product of a matrix and a vector, (M, K) × (K) ─► (M). */
export function mv(a: Tensor, b: Tensor): Tensor {
  if (a.ndim !== 2 || b.ndim !== 1)
    throw new ShapeError(`mv needs a matrix and a vector, but got ${showShape(a.shape)} and ${showShape(b.shape)}.`);
  return matmul(a, b);
}

/** The inner product of two vectors, (K) · (K) ─► (). */
export function vdot(a: Tensor, b: Tensor): Tensor {
  if (a.ndim !== 1 || !sameShape(a.shape, b.shape))
    throw new ShapeError(
      `vdot needs two vectors of one length, but got ${showShape(a.shape)} and ${showShape(b.shape)}.`,
    );
  return matmul(a, b);
}

/** All products of two vectors' elements, (M) ⊗ (N) ─► (M, N). */
export function outer(a: Tensor, b: Tensor): Tensor {
  expectRank("outer", a, b, 1);
  return a.unsqueeze(1).mul(b);
}

/** The sum of the diagonal of a matrix. */
export function trace(x: Tensor): Tensor {
  if (x.ndim !== 2) throw new ShapeError(`trace needs a matrix, but got ${showShape(x.shape)}.`);
  return x.diagonal().sum();
}

/**
 * Sums of products, in Einstein's notation: letters name dimensions, those not after `->` are summed.
 *
 * Without `->` the result has the letters that appear once, in alphabetical order. `...` stands for leading batch
 * dimensions, which broadcast. A letter twice in one operand takes the diagonal.
 * Throws a ShapeError if a letter's sizes differ, an ArgumentError if the equation is malformed.
 *
 * ```ts
 * const x = tensor([[1, 2], [3, 4]]);
 * einsum("ij,jk->ik", x, x); // tensor([[ 7., 10.], [15., 22.]])
 * einsum("ii->", x); // tensor(5.)
 * einsum("ij->j", x); // tensor([4., 6.])
 * ```
 */
export function einsum(equation: string, ...operands: Tensor[]): Tensor {
  const { inputs, output } = parse(equation, operands);
  const sizes = new Map<string, number>();
  inputs.forEach((labels, k) => {
    labels.forEach((label, i) => {
      const size = operands[k].shape[i];
      const known = sizes.get(label) ?? 1;
      if (known !== 1 && size !== 1 && known !== size) {
        throw new ShapeError(
          `einsum("${equation}"): ${showLabel(label)} is ${known} and ${size} in shapes ${operands.map((x) => showShape(x.shape)).join(", ")}.`,
        );
      }
      sizes.set(label, size === 1 ? known : size);
    });
  });
  let rest = operands.map((x, k) => takeDiagonals({ x, labels: inputs[k] }));
  while (rest.length > 1) {
    const [a, b, ...others] = rest;
    const needed = new Set([...output, ...others.flatMap((term) => term.labels)]);
    rest = [contract(a, b, needed, sizes), ...others];
  }
  const last = sumOut(rest[0], new Set(output));
  return last.x.permute(output.map((label) => last.labels.indexOf(label)));
}

/** A tensor whose dimensions have names. */
interface Term {
  readonly x: Tensor;
  readonly labels: readonly string[];
}

const showLabel = (label: string): string => (label.startsWith(".") ? "a dimension of ..." : `"${label}"`);

function parse(equation: string, operands: readonly Tensor[]): { inputs: string[][]; output: string[] } {
  const malformed = (why: string) => new ArgumentError(`einsum("${equation}"): ${why}.`);
  const [left, right, extra] = equation.replace(/\s+/g, "").split("->");
  const terms = left.split(",");
  if (extra !== undefined) throw malformed("there is more than one ->");
  if (terms.length !== operands.length)
    throw malformed(`${terms.length} operands are named, but ${operands.length} given`);
  for (const part of [...terms, right ?? ""]) {
    if (!/^[A-Za-z]*(\.\.\.)?[A-Za-z]*$/.test(part)) throw malformed(`"${part}" is not made of letters and one ...`);
  }
  const inputs = terms.map((term, k) => {
    const named = term.replace("...", "").length;
    const batch = operands[k].ndim - named;
    if (batch < 0 || (batch > 0 && !term.includes("..."))) {
      throw new ShapeError(
        `einsum("${equation}"): "${term}" names ${named} dimensions, but operand ${k} is ${showShape(operands[k].shape)}.`,
      );
    }
    return labelsOf(term, batch);
  });
  const longest = Math.max(...inputs.map((labels) => labels.filter((l) => l.startsWith(".")).length));
  const all = inputs.flat().filter((l) => !l.startsWith("."));
  const once = [...new Set(all)].filter((l) => all.indexOf(l) === all.lastIndexOf(l)).sort();
  const output = right === undefined ? [...labelsOf("...", longest), ...once] : labelsOf(right, longest);
  if (new Set(output).size !== output.length) throw malformed("a letter appears twice in the result");
  for (const label of output)
    if (!inputs.flat().includes(label)) throw malformed(`${showLabel(label)} is in the result only`);
  return { inputs, output };
}

/** Letters, and for ... the names .n … .1, counted from the right so that shorter ones align. */
function labelsOf(term: string, batch: number): string[] {
  const [before, after] = term.split("...");
  if (after === undefined) return [...before];
  return [...before, ...Array.from({ length: batch }, (_, i) => `.${batch - i}`), ...after];
}

function takeDiagonals({ x, labels }: Term): Term {
  const again = labels.findIndex((label, i) => labels.indexOf(label) !== i);
  if (again < 0) return { x, labels };
  const first = labels.indexOf(labels[again]);
  if (x.shape[first] !== x.shape[again]) {
    throw new ShapeError(
      `einsum: a diagonal needs equal sizes, but "${labels[again]}" is ${x.shape[first]} and ${x.shape[again]} in ${showShape(x.shape)}.`,
    );
  }
  const others = labels.filter((_, i) => i !== first && i !== again);
  return takeDiagonals({ x: x.diagonal(0, first, again), labels: [...others, labels[again]] });
}

function sumOut({ x, labels }: Term, needed: ReadonlySet<string>): Term {
  const dims = labels.flatMap((label, i) => (needed.has(label) ? [] : [i]));
  return dims.length === 0 ? { x, labels } : { x: x.sum(dims), labels: labels.filter((label) => needed.has(label)) };
}

/** Two terms made one: batch, left, right and contracted dimensions, as one product of matrices. */
function contract(a: Term, b: Term, needed: ReadonlySet<string>, sizes: ReadonlyMap<string, number>): Term {
  const left = sumOut(a, new Set([...needed, ...b.labels]));
  const right = sumOut(b, new Set([...needed, ...a.labels]));
  const shared = left.labels.filter((label) => right.labels.includes(label));
  const batch = shared.filter((label) => needed.has(label));
  const inner = shared.filter((label) => !needed.has(label));
  const rows = left.labels.filter((label) => !shared.includes(label));
  const columns = right.labels.filter((label) => !shared.includes(label));
  const size = (labels: readonly string[]): Shape => labels.map((label) => sizes.get(label)!);
  const [B, M, N, K] = [batch, rows, columns, inner].map((labels) => numel(size(labels)));
  const arrange = (term: Term, order: readonly string[], shape: Shape): Tensor => {
    const permuted = term.x.permute(order.map((label) => term.labels.indexOf(label)));
    return permuted.expand(size(order)).reshape(shape); // sizes of 1 broadcast
  };
  const x = arrange(left, [...batch, ...rows, ...inner], [B, M, K]);
  const y = arrange(right, [...batch, ...inner, ...columns], [B, K, N]);
  const labels = [...batch, ...rows, ...columns];
  return { x: matmul(x, y).reshape(size(labels)), labels };
}
