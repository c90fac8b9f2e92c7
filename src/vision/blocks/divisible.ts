/** A number of channels near to `channels` that `divisor` divides: never more than a tenth smaller, at least `divisor`. */
export function divisible(channels: number, divisor: number): number {
  const rounded = Math.max(divisor, Math.floor((channels + divisor / 2) / divisor) * divisor);
  return rounded < 0.9 * channels ? rounded + divisor : rounded;
}
