/** The networks that residual ones are held against: the same layers, and nothing that goes around them. */

import { type ResNet, type ResNetOptions, resnet18, resnet34, resnet50 } from "./resnet.ts";
import { resnet20, resnet56 } from "./resnet-cifar.ts";

export type PlainOptions = Omit<ResNetOptions, "shortcut" | "zeroInitResidual">;

/**
 * `resnet18` without shortcuts: (N, inChannels, H, W) ─► (N, numClasses).
 *
 * He et al., Deep residual learning for image recognition, 2016.
 */
export function plain18(options: PlainOptions = {}): ResNet {
  return resnet18({ ...options, shortcut: "none" });
}

/**
 * `resnet20` without shortcuts: (N, inChannels, H, W) ─► (N, numClasses). It has just as many parameters.
 *
 * He et al., Deep residual learning for image recognition, 2016.
 *
 * ```ts
 * plain20().summary([1, 3, 32, 32]).parameters; // 269722
 * ```
 */
export function plain20(options: PlainOptions = {}): ResNet {
  return resnet20({ ...options, shortcut: "none" });
}

/** `resnet34` without shortcuts: (N, inChannels, H, W) ─► (N, numClasses), as `plain18`. */
export function plain34(options: PlainOptions = {}): ResNet {
  return resnet34({ ...options, shortcut: "none" });
}

/** `resnet50` without shortcuts: (N, inChannels, H, W) ─► (N, numClasses), as `plain18`. */
export function plain50(options: PlainOptions = {}): ResNet {
  return resnet50({ ...options, shortcut: "none" });
}

/** `resnet56` without shortcuts: (N, inChannels, H, W) ─► (N, numClasses), as `plain20`. */
export function plain56(options: PlainOptions = {}): ResNet {
  return resnet56({ ...options, shortcut: "none" });
}
