/**
 * A random order of 0 … length − 1 that depends on `seed` and `epoch` alone, so that an epoch can be entered anywhere
 * and on any machine. Fisher and Yates' shuffle (Knuth, TAOCP 2, algorithm P).
 */
export function permutation(length: number, seed: number, epoch: number): Uint32Array {
  const order = Uint32Array.from({ length }, (_, i) => i);
  for (let i = length - 1; i > 0; i--) {
    const [high, low] = threefry(seed, epoch, i);
    const j = Math.floor(((high >>> 6) * 2 ** 27 + (low >>> 5)) * 2 ** -53 * (i + 1)); // 53 random bits: no bias to speak of
    const kept = order[i];
    order[i] = order[j];
    order[j] = kept;
  }
  return order;
}

const ROTATIONS = [13, 15, 26, 6, 17, 29, 16, 24];

/**
 * Threefry2x32-20: 64 random bits for a key (two words) and a counter.
 * Source: Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", 2011.
 */
export function threefry(key0: number, key1: number, counter0: number, counter1 = 0): [number, number] {
  const keys = [key0 | 0, key1 | 0, 0x1bd11bda ^ key0 ^ key1];
  let a = (counter0 + keys[0]) | 0;
  let b = (counter1 + keys[1]) | 0;
  for (let round = 0; round < 20; round++) {
    const rotation = ROTATIONS[round % 8];
    a = (a + b) | 0;
    b = ((b << rotation) | (b >>> (32 - rotation))) ^ a;
    if (round % 4 < 3) continue;
    const block = (round + 1) / 4;
    a = (a + keys[block % 3]) | 0;
    b = (b + keys[(block + 1) % 3] + block) | 0;
  }
  return [a >>> 0, b >>> 0];
}
