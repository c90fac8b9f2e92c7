import { noGrad, type Tensor } from "../../tensor/index.ts";
import type { Module } from "../module.ts";
import { MultiheadAttention } from "./multihead.ts";

/**
 * The weights with which each `MultiheadAttention` within a module attends while `run` uses the module, by the layer's name:
 * what looks at what. Of several uses, the last one counts.
 *
 * Shapes: (N, H, L, S), without a batch (H, L, S). Nothing is dropped and nothing has gradients. It costs the tables that
 * attention alone does without, so it is for looking, outside of compiled functions.
 *
 * ```ts
 * const encoder = new TransformerEncoder(() => new TransformerEncoderLayer(8, 2, { dimFeedforward: 16 }), 2).eval();
 * const maps = attentionMaps(encoder, () => encoder.forward(randn([5, 3, 8])));
 * Object.keys(maps); // [ 'layers.0.self_attn', 'layers.1.self_attn' ]
 * maps["layers.0.self_attn"].shape; // [ 3, 2, 5, 5 ]
 * ```
 */
export function attentionMaps(module: Module, run: () => unknown): Record<string, Tensor> {
  const maps: Record<string, Tensor> = {};
  const hooks = module.namedModules().flatMap(([name, layer]) => {
    if (!(layer instanceof MultiheadAttention)) return [];
    const hook = (_: Module, inputs: readonly unknown[]): void => {
      maps[name] = noGrad(() => layer.weights(...(inputs as Parameters<MultiheadAttention["forward"]>)));
    };
    return [layer.registerForwardHook(hook)];
  });
  try {
    run();
  } finally {
    for (const hook of hooks) hook.remove();
  }
  return maps;
}
