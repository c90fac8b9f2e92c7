/** What convolutional networks are made of. */

export { Conv2dNormActivation, type Conv2dNormActivationOptions } from "./conv-norm-activation.ts";
