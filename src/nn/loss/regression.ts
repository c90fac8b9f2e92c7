import { ArgumentError } from "../../core/errors.ts";
import { type Tensor, where } from "../../tensor/index.ts";
import { expectSameShape, Loss, type LossOptions, reduced } from "./loss.ts";

/**
 * The squared error, (x − t)².
 *
 * Shapes: input and target alike. Throws a ShapeError if they differ (PyTorch would broadcast, and warn).
 *
 * ```ts
 * mseLoss(tensor([1, 2]), tensor([0, 4])); // tensor(2.5000)
 * ```
 */
export function mseLoss(input: Tensor, target: Tensor, options: LossOptions = {}): Tensor {
  expectSameShape("mseLoss", input, target);
  return reduced(input.sub(target).square(), options.reduction ?? "mean");
}

/** The absolute error, |x − t|. Shapes: input and target alike; throws a ShapeError if they differ. */
export function l1Loss(input: Tensor, target: Tensor, options: LossOptions = {}): Tensor {
  expectSameShape("l1Loss", input, target);
  return reduced(input.sub(target).abs(), options.reduction ?? "mean");
}

/**
 * |x − t| − β/2 where |x − t| ≥ β, and (x − t)² / 2β below; β = 0 is `l1Loss`. Shapes: input and target alike.
 *
 * ```ts
 * smoothL1Loss(tensor([0.5, 3]), tensor([0, 0]), { reduction: "none" }); // tensor([0.1250, 2.5000])
 * ```
 */
export function smoothL1Loss(input: Tensor, target: Tensor, options: LossOptions & { beta?: number } = {}): Tensor {
  const { beta = 1, reduction = "mean" } = options;
  expectSameShape("smoothL1Loss", input, target);
  if (!(beta >= 0)) throw new ArgumentError(`smoothL1Loss: beta is at least 0, but is ${beta}.`);
  if (beta === 0) return l1Loss(input, target, options);
  const error = input.sub(target);
  const size = error.abs();
  return reduced(where(size.lt(beta), error.square().mul(0.5 / beta), size.sub(beta / 2)), reduction);
}

/** δ · smoothL1 with β = δ: quadratic up to δ, linear beyond (Huber, 1964). Shapes: input and target alike. */
export function huberLoss(input: Tensor, target: Tensor, options: LossOptions & { delta?: number } = {}): Tensor {
  const { delta = 1, reduction = "mean" } = options;
  expectSameShape("huberLoss", input, target);
  if (!(delta > 0)) throw new ArgumentError(`huberLoss: delta is greater than 0, but is ${delta}.`);
  const error = input.sub(target);
  const size = error.abs();
  return reduced(where(size.le(delta), error.square().mul(0.5), size.sub(delta / 2).mul(delta)), reduction);
}

/** `mseLoss` with options of its own. */
export class MSELoss extends Loss<LossOptions> {
  override forward(input: Tensor, target: Tensor): Tensor {
    return mseLoss(input, target, this.options);
  }
}
