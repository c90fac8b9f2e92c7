/** The two 16-bit floats that files hold and that we compute with as float32. */

const float = new Float32Array(1);
const bits = new Uint32Array(float.buffer);

/** IEEE binary16 (1 sign, 5 exponent and 10 mantissa bits) to a number, exactly. */
export function fromFloat16(half: number): number {
  const sign = half & 0x8000 ? -1 : 1;
  const exponent = (half >> 10) & 31;
  const mantissa = half & 1023;
  if (exponent === 0) return sign * mantissa * 2 ** -24; // subnormal
  if (exponent === 31) return mantissa ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  return sign * (1024 + mantissa) * 2 ** (exponent - 25);
}

/** A number to binary16, rounded half to even; beyond 65504 it is infinite. */
export function toFloat16(value: number): number {
  float[0] = value;
  const sign = (bits[0] >>> 16) & 0x8000;
  const magnitude = Math.abs(float[0]);
  if (Number.isNaN(value)) return 0x7e00;
  if (magnitude >= 65520) return sign | 0x7c00; // half way from the largest one to the next
  // One unit in the last place: 2⁻²⁴ below the normal range, 2^(exponent − 10) in it.
  const exponent = Math.max((bits[0] >>> 23) & 255, 113) - 127;
  const units = roundHalfEven(magnitude / 2 ** (exponent - 10));
  // A mantissa that rounds up to 2048 carries into the exponent by itself.
  return sign | (((exponent + 14) << 10) + units);
}

/** bfloat16 (the upper half of a float32) to a number, exactly. */
export function fromBFloat16(half: number): number {
  bits[0] = half << 16;
  return float[0];
}

/** A number to bfloat16, rounded half to even. */
export function toBFloat16(value: number): number {
  if (Number.isNaN(value)) return 0x7fc0;
  float[0] = value;
  return (bits[0] + 0x7fff + ((bits[0] >>> 16) & 1)) >>> 16;
}

function roundHalfEven(x: number): number {
  const floor = Math.floor(x);
  const rest = x - floor;
  return rest > 0.5 || (rest === 0.5 && floor % 2 === 1) ? floor + 1 : floor;
}
