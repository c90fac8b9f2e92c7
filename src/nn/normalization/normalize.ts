import type { Tensor } from "../../tensor/index.ts";
import { vectorNorm } from "../loss/distance.ts";

export interface NormalizeOptions {
  /** which norm; 2 by default */
  p?: number;
  /** along which dimension; 1 by default */
  dim?: number;
  /** the least that is divided by; 1e-12 by default */
  eps?: number;
}

/**
 * x / max(‖x‖ₚ, eps) along a dimension; up to p = 2 no square overflows.
 *
 * Shapes: any, kept. Throws a DTypeError for integers.
 * PyTorch documentation, torch.nn.functional.normalize.
 *
 * ```ts
 * normalize(tensor([[3, 4], [0, 0]])); // tensor([[0.6000, 0.8000], [0.0000, 0.0000]])
 * ```
 */
export function normalize(x: Tensor, options: NormalizeOptions = {}): Tensor {
  const { p = 2, dim = 1, eps = 1e-12 } = options;
  return x.div(vectorNorm(x, p, dim).clamp(eps));
}
