/** The machine that C is generated for: detected, never assumed. */
export interface Target {
  readonly arch: "x64" | "arm64";
  /** of a vector register: 64 (AVX-512), 32 (AVX2) or 16 (SSE2, NEON) */
  readonly vectorBytes: 16 | 32 | 64;
  /** vector registers */
  readonly registers: 16 | 32;
  /** whether it multiplies and adds with one rounding */
  readonly fma: boolean;
  /** bytes of the data caches that one core sees */
  readonly l1: number;
  readonly l2: number;
  readonly l3: number;
  /** the compiler's flags for the features above, one by one */
  readonly flags: readonly string[];
}
