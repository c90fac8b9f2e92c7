import { ArgumentError } from "../../core/errors.ts";
import type { Tensor } from "../../tensor/index.ts";
import type { Layer } from "../container.ts";
import { Module } from "../module.ts";

/**
 * What layers within a model give, by their names.
 *
 * Tensors are computed when they are read, so what comes after the last of these layers costs nothing.
 * Throws an ArgumentError if the model has no such layer, or does not call it.
 * Source: torchvision.models.feature_extraction.create_feature_extractor.
 *
 * ```ts
 * const model = new Sequential(new Linear(4, 8), new ReLU(), new Linear(8, 2));
 * const { "1": hidden } = createFeatureExtractor(model, ["1"]).forward(ones([3, 4]));
 * hidden.shape; // [ 3, 8 ]
 * ```
 */
export function createFeatureExtractor<Name extends string>(
  model: Layer,
  returnNodes: readonly Name[],
): FeatureExtractor<Name> {
  return new FeatureExtractor(model, returnNodes);
}

/** A model of which layers within are what is asked for: x ─► their outputs by name. */
export class FeatureExtractor<Name extends string = string> extends Module {
  readonly model: Layer;
  readonly #layers: ReadonlyMap<Name, Module>;

  constructor(model: Layer, returnNodes: readonly Name[]) {
    super();
    this.model = model;
    const modules = new Map(model.namedModules());
    this.#layers = new Map(returnNodes.map((name) => [name, layerNamed(modules, name)]));
  }

  override forward(x: Tensor): Record<Name, Tensor> {
    const outputs: Partial<Record<Name, Tensor>> = {};
    const handles = [...this.#layers].map(([name, layer]) =>
      layer.registerForwardHook((_, __, output) => {
        outputs[name] = output as Tensor;
      }),
    );
    try {
      this.model.forward(x);
    } finally {
      for (const handle of handles) handle.remove();
    }
    for (const name of this.#layers.keys()) {
      if (!outputs[name])
        throw new ArgumentError(`createFeatureExtractor: the model does not call its layer "${name}".`);
    }
    return outputs as Record<Name, Tensor>;
  }
}

function layerNamed(modules: ReadonlyMap<string, Module>, name: string): Module {
  const layer = modules.get(name);
  if (layer) return layer;
  const names = [...modules.keys()].filter((known) => known !== "");
  throw new ArgumentError(`createFeatureExtractor: there is no layer "${name}"; there are ${names.join(", ")}.`);
}
