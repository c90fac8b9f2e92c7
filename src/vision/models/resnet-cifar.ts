/** Residual networks for small pictures: three stages of n blocks, 6n + 2 layers. */

import { BasicBlock } from "../blocks/residual.ts";
import { ResNet, type ResNetOptions } from "./resnet.ts";

const cifar = (n: number, options: ResNetOptions): ResNet =>
  new ResNet(BasicBlock, [n, n, n], { numClasses: 10, stem: "small", width: 16, shortcut: "zeros", ...options });

/**
 * ResNet-20 for CIFAR: a 3×3 convolution, three stages of 3 basic blocks with 16, 32 and 64 channels whose shortcuts have
 * no parameters, the mean and a linear layer, as `ResNet`.
 *
 * Shapes: (N, inChannels, H, W) ─► (N, numClasses), 10 by default.
 * He et al., Deep residual learning for image recognition, 2016, section 4.2.
 *
 * ```ts
 * const { parameters, multiplyAdds } = resnet20().summary([1, 3, 32, 32]);
 * parameters; // 269722
 * multiplyAdds; // 40551040
 * ```
 */
export function resnet20(options: ResNetOptions = {}): ResNet {
  return cifar(3, options);
}

/** ResNet-32 for CIFAR: three stages of 5 basic blocks. (N, inChannels, H, W) ─► (N, numClasses), as `resnet20`. */
export function resnet32(options: ResNetOptions = {}): ResNet {
  return cifar(5, options);
}

/** ResNet-44 for CIFAR: three stages of 7 basic blocks. (N, inChannels, H, W) ─► (N, numClasses), as `resnet20`. */
export function resnet44(options: ResNetOptions = {}): ResNet {
  return cifar(7, options);
}

/** ResNet-56 for CIFAR: three stages of 9 basic blocks. (N, inChannels, H, W) ─► (N, numClasses), as `resnet20`. */
export function resnet56(options: ResNetOptions = {}): ResNet {
  return cifar(9, options);
}

/** ResNet-110 for CIFAR: three stages of 18 basic blocks. (N, inChannels, H, W) ─► (N, numClasses), as `resnet20`. */
export function resnet110(options: ResNetOptions = {}): ResNet {
  return cifar(18, options);
}
