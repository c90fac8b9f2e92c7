import { ArgumentError, ShapeError } from "../../core/errors.ts";
import { sameShape, showShape } from "../../core/shape.ts";
import { Parameter, softplus, type Tensor, tensor, where, zeros } from "../../tensor/index.ts";
import { Loss, type LossOptions, reduced } from "./loss.ts";

/** A class or two trees. The i-th pair that was joined is inner node i. */
interface Tree {
  readonly count: number;
  readonly index: number;
  readonly children?: readonly [Tree, Tree];
}

/** Huffman's tree: the two rarest are joined until one is left. Of equals, classes come before pairs, the lower index first. */
function huffmanTree(counts: readonly number[]): Tree {
  const leaves = counts.map((count, index): Tree => ({ count, index })).sort((a, b) => a.count - b.count);
  const pairs: Tree[] = []; // they come about in order of their counts
  let [leaf, pair] = [0, 0];
  const rarest = (): Tree =>
    leaf < leaves.length && !(pairs[pair]?.count < leaves[leaf].count) ? leaves[leaf++] : pairs[pair++];
  while (pairs.length < leaves.length - 1) {
    const children = [rarest(), rarest()] as const;
    pairs.push({ count: children[0].count + children[1].count, index: pairs.length, children });
  }
  return rarest();
}

/** The way from the root to a class: inner nodes, and 1 where it goes to the rarer child, −1 to the other. */
interface Path {
  readonly nodes: readonly number[];
  readonly signs: readonly number[];
}

function pathsOf(tree: Tree, classes: number): Path[] {
  const paths = new Array<Path>(classes);
  const ways: [Tree, Path][] = [[tree, { nodes: [], signs: [] }]];
  for (let way = ways.pop(); way; way = ways.pop()) {
    const [{ index, children }, path] = way;
    if (!children) {
      paths[index] = path;
      continue;
    }
    const nodes = [...path.nodes, index];
    for (const [i, child] of children.entries())
      ways.push([child, { nodes, signs: [...path.signs, i === 0 ? 1 : -1] }]);
  }
  return paths;
}

/**
 * A softmax over a tree of the classes: p(c | h) = Π σ(±⟨wᵢ, h⟩) over the inner nodes i on the way to c.
 *
 * The tree is Huffman's, so that a frequent class is near the root and the loss of one costs O(log V) and not O(V).
 * At each node + leads to the rarer half. It is an output layer and its loss in one, with a vector for each inner node,
 * `weight` (V − 1, D), which begins at zero as in word2vec.
 *
 * `forward`: hidden (N, D) and targets (N) ─► −log p (N), reduced. Throws a ShapeError if they do not fit, an
 * ArgumentError for counts that are none, and an IndexError, when it is computed, for a target outside of [0, V).
 *
 * ```ts
 * const output = new HierarchicalSoftmax(2, [10, 4, 3]);
 * const hidden = tensor([[1, 2]]);
 * output.logProbabilities(hidden).exp(); // tensor([[0.5000, 0.2500, 0.2500]], requiresGrad=true)
 * output.forward(hidden, tensor([2], { dtype: "i32" })); // tensor(1.3863, requiresGrad=true)
 * ```
 *
 * Morin, Bengio, Hierarchical probabilistic neural network language model, 2005; Mikolov et al., Distributed
 * representations of words and phrases and their compositionality, 2013.
 */
export class HierarchicalSoftmax extends Loss<LossOptions> {
  readonly weight: Parameter;
  /** inner nodes on the way to each class (V, longest way) */
  readonly #nodes: Tensor;
  /** where they lead to: 1, −1, or 0 behind the end (V, longest way) */
  readonly #signs: Tensor;

  constructor(dim: number, counts: readonly number[], options: LossOptions = {}) {
    super(options);
    if (counts.length === 0 || !counts.every((count) => count >= 0)) {
      throw new ArgumentError("HierarchicalSoftmax needs the count of each class, at least 0.");
    }
    const paths = pathsOf(huffmanTree(counts), counts.length);
    const longest = Math.max(...paths.map(({ nodes }) => nodes.length));
    const table = (rows: readonly (readonly number[])[], dtype: "i32" | "f32"): Tensor => {
      const filled = rows.flatMap((row) => Array.from({ length: longest }, (_, i) => row[i] ?? 0));
      return tensor(filled, { dtype, shape: [counts.length, longest] });
    };
    this.#nodes = table(
      paths.map(({ nodes }) => nodes),
      "i32",
    );
    this.#signs = table(
      paths.map(({ signs }) => signs),
      "f32",
    );
    this.weight = new Parameter(zeros([counts.length - 1, dim]));
  }

  override forward(hidden: Tensor, targets: Tensor): Tensor {
    this.#expectHidden(hidden);
    const [n] = hidden.shape;
    if (!sameShape(targets.shape, [n])) {
      throw new ShapeError(
        `HierarchicalSoftmax: hidden ${showShape(hidden.shape)} needs targets (${n},), but got ${showShape(targets.shape)}.`,
      );
    }
    const nodes = this.#nodes.indexSelect(0, targets); // (N, longest)
    const signs = this.#signs.indexSelect(0, targets);
    const vectors = this.weight.indexSelect(0, nodes.flatten()).reshape([...nodes.shape, hidden.shape[1]]);
    const scores = vectors.matmul(hidden.unsqueeze(2)).squeeze(2); // (N, longest)
    return reduced("HierarchicalSoftmax", logProbability(scores, signs).neg(), this.options.reduction);
  }

  /** log p of every class: (N, D) ─► (N, V). */
  logProbabilities(hidden: Tensor): Tensor {
    this.#expectHidden(hidden);
    const scores = hidden.matmul(this.weight.t()); // (N, V − 1)
    const along = scores.indexSelect(1, this.#nodes.flatten()).reshape([hidden.shape[0], ...this.#nodes.shape]);
    return logProbability(along, this.#signs); // (N, V)
  }

  #expectHidden(hidden: Tensor): void {
    const [, dim] = this.weight.shape;
    if (hidden.ndim === 2 && hidden.shape[1] === dim) return;
    throw new ShapeError(`HierarchicalSoftmax needs hidden (N, ${dim}), but got ${showShape(hidden.shape)}.`);
  }

  override extraRepr(): string {
    const [inner, dim] = this.weight.shape;
    return `${dim}, ${inner + 1} classes`;
  }
}

/** Σ log σ(sign · score) along the last dimension; a sign of 0 is no turn. */
const logProbability = (scores: Tensor, signs: Tensor): Tensor =>
  where(signs.eq(0), 0, softplus(scores.mul(signs).neg()))
    .sum(-1)
    .neg();
