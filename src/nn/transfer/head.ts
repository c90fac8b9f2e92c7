import { ArgumentError } from "../../core/errors.ts";
import { Conv2d } from "../convolution.ts";
import { Linear } from "../linear.ts";
import { Module } from "../module.ts";

/**
 * Puts a new last layer in the place of a model's: with the same inputs, `numClasses` outputs, and weights that begin anew.
 *
 * The last `Linear` in the order of fields is replaced, or the last `Conv2d` of a model that has none. Gives the new layer.
 * Throws an ArgumentError if there is neither. Yosinski et al., How transferable are features in deep neural networks?, 2014.
 *
 * ```ts
 * const model = new Sequential(new Linear(4, 8), new ReLU(), new Linear(8, 5));
 * replaceHead(model, 3); // Linear(inFeatures=8, outFeatures=3, bias=true)
 * model.forward(ones([2, 4])).shape; // [ 2, 3 ]
 * ```
 */
export function replaceHead(model: Module, numClasses: number): Linear | Conv2d {
  const layers = model.modules().reverse();
  const old =
    layers.find((layer) => layer instanceof Linear) ?? layers.find((layer): layer is Conv2d => layer instanceof Conv2d);
  if (!old || old === model)
    throw new ArgumentError(`replaceHead: there is no Linear and no Conv2d within ${model.constructor.name}.`);
  const options = { bias: old.bias !== undefined, dtype: old.weight.dtype };
  const head =
    old instanceof Linear
      ? new Linear(old.inFeatures, numClasses, options)
      : new Conv2d(old.inChannels, numClasses, old.kernelSize, { ...geometryOf(old), ...options });
  for (const module of model.modules()) put(module, old, head);
  return head;
}

const geometryOf = ({ stride, padding, dilation, paddingMode }: Conv2d) => ({ stride, padding, dilation, paddingMode });

/** Every field of a module, also within arrays and plain objects, that holds `old` holds `head`. */
function put(holder: object, old: Module, head: Module): void {
  for (const [key, value] of Object.entries(holder)) {
    if (value === old) (holder as Record<string, unknown>)[key] = head;
    else if (typeof value === "object" && value !== null && !(value instanceof Module) && isPlain(value))
      put(value, old, head);
  }
}

const isPlain = (value: object): boolean => {
  const prototype = Object.getPrototypeOf(value);
  return prototype === Array.prototype || prototype === Object.prototype;
};
