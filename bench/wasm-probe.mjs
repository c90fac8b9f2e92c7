/**
 * The machine's own f32x4 limit in wasm: a register tile of 2 rows by 4 vectors fed from the first-level cache. Its 8
 * accumulators, 4 columns and a splat fit 16 vector registers; a larger tile spills, and runs at half the rate.
 */
const ROWS = 2;
const VECTORS = 4;
const DEPTH = 256;
const REPEATS = 1000;
const COLUMNS_AT = 8192;

/** Floating-point operations of one call. */
const FLOPS = 2 * ROWS * VECTORS * 4 * DEPTH * REPEATS;

const leb = (n) => (n < 128 ? [n] : [(n & 127) | 128, ...leb(n >>> 7)]);
/** Signed, for constants: a final byte must not look negative. */
const sleb = (n) => (n < 64 ? [n] : [(n & 127) | 128, ...sleb(n >>> 7)]);
const section = (id, body) => [id, ...leb(body.length), ...body];
const text = (s) => [s.length, ...Buffer.from(s)];
const range = (n) => Array.from({ length: n }, (_, i) => i);

const I32 = 0x7f;
const V128 = 0x7b;
const get = (local) => [0x20, local];
const set = (local) => [0x21, local];
const constant = (n) => [0x41, ...sleb(n)];
const simd = (op, ...rest) => [0xfd, ...leb(op), ...rest];
const load = (offset) => simd(0x00, 4, ...leb(offset));
const loadSplat = (offset) => simd(0x09, 2, ...leb(offset));
const store = (offset) => simd(0x0b, 4, ...leb(offset));
const mul = simd(0xe6);
const add = simd(0xe4);
const advance = (local, by) => [...get(local), ...constant(by), 0x6a, ...set(local)];
/** A do-while loop on a counter that falls to 0. */
const countdown = (local, body) => [
  ...[0x03, 0x40, ...body],
  ...[...get(local), ...constant(1), 0x6b, 0x22, local, 0x0d, 0, 0x0b],
];

/** (module (memory 1) (func (export "tile") …)) */
function tile() {
  const [repeats, depth, row, column, x] = range(5);
  const columns = range(VECTORS).map((j) => 5 + j);
  const sum = (i, j) => 5 + VECTORS + i * VECTORS + j;

  const rowBody = (i) => [
    ...[...get(row), ...loadSplat(4 * i), ...set(x)],
    ...range(VECTORS).flatMap((j) => [
      ...[...get(sum(i, j)), ...get(x), ...get(columns[j])],
      ...[...mul, ...add, ...set(sum(i, j))],
    ]),
  ];
  const inner = [
    ...range(VECTORS).flatMap((j) => [...get(column), ...load(16 * j), ...set(columns[j])]),
    ...range(ROWS).flatMap(rowBody),
    ...advance(row, 4 * ROWS),
    ...advance(column, 16 * VECTORS),
  ];
  const code = [
    ...[...constant(REPEATS), ...set(repeats)],
    ...countdown(repeats, [
      ...[...constant(DEPTH), ...set(depth), ...constant(0), ...set(row), ...constant(COLUMNS_AT), ...set(column)],
      ...countdown(depth, inner),
    ]),
    // Stored, or the sums would be dead code.
    ...range(ROWS * VECTORS).flatMap((k) => [...constant(0), ...get(5 + VECTORS + k), ...store(4096 + 16 * k)]),
    0x0b,
  ];
  const locals = [2, 4, I32, 1 + VECTORS + ROWS * VECTORS, V128];
  const body = [...locals, ...code];
  return Uint8Array.from([
    ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, [1, 0x60, 0, 0]),
    ...section(3, [1, 0]),
    ...section(5, [1, 0, 1]),
    ...section(7, [1, ...text("tile"), 0, 0]),
    ...section(10, [1, ...leb(body.length), ...body]),
  ]);
}

/** GFLOP/s of one thread: the best of many calls. */
export async function wasmPeak() {
  const { instance } = await WebAssembly.instantiate(tile());
  let best = Number.POSITIVE_INFINITY;
  for (let i = 0; i < 200; i++) {
    const start = performance.now();
    instance.exports.tile();
    best = Math.min(best, performance.now() - start);
  }
  return FLOPS / best / 1e6;
}
