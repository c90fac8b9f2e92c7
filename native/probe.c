/* What a core can do at most: fused multiply-adds on registers alone, enough chains of them to hide their latency. */
#include "contraction-tile.h"

#define CHAINS (REGISTERS / 2 + REGISTERS / 4)

/* Does so many rounds and gives how many operations that took, a multiplication and an addition being two. */
double chainrule_probe(int64_t rounds) {
  vec sum[CHAINS], factor, term;
  UNROLL for (int i = 0; i < CHAINS; i++) UNROLL for (int l = 0; l < LANES; l++) sum[i][l] = (float)(i + l);
  UNROLL for (int l = 0; l < LANES; l++) factor[l] = 0.5f, term[l] = 1.0f;
  for (int64_t r = 0; r < rounds; r++) {
    UNROLL for (int i = 0; i < CHAINS; i++) sum[i] = sum[i] * factor + term;
    __asm__ volatile("" : "+r"(r)); /* every round counts */
  }
  float all = 0;
  UNROLL for (int i = 0; i < CHAINS; i++) UNROLL for (int l = 0; l < LANES; l++) all += sum[i][l];
  volatile float kept = all; /* so that it is computed at all */
  (void)kept;
  return 2.0 * CHAINS * LANES * (double)rounds;
}
