/*
 * argsort of u32 keys: the stable radix sort of pairs (key, position), least significant byte first.
 *
 * A pair is one word of 64 bits, key in the low half, so that a pass moves it by one load and one store. All four
 * histograms come from one reading of the keys, and a byte that all keys share costs no pass. Short rows are sorted by
 * insertion. Source: Knuth, "The Art of Computer Programming" 3, sections 5.2.1 and 5.2.5.
 */
#include "abi.h"

enum { SHORT = 48, PASSES = 4, BINS = 256 };

static uint64_t pair(uint32_t key, int64_t position) { return (uint64_t)position << 32 | key; }

static uint32_t byte_of(uint32_t key, int pass) { return key >> (8 * pass) & 255; }

static void insertion_sort(const uint32_t *keys, uint64_t *pairs, int64_t length) {
  for (int64_t i = 0; i < length; i++) {
    int64_t j = i;
    for (; j > 0 && (uint32_t)pairs[j - 1] > keys[i]; j--) pairs[j] = pairs[j - 1];
    pairs[j] = pair(keys[i], i);
  }
}

/* Turns counts into the position at which each bin begins. */
static void starts_of_bins(uint32_t *bins) {
  uint32_t sum = 0;
  for (int bin = 0; bin < BINS; bin++) {
    uint32_t count = bins[bin];
    bins[bin] = sum;
    sum += count;
  }
}

/* Gives the sorted pairs: they end in the first or the second half of `pairs`. */
static uint64_t *radix_sort(const uint32_t *keys, uint64_t *pairs, int64_t length) {
  uint32_t bins[PASSES][BINS] = {{0}};
  for (int64_t i = 0; i < length; i++) {
    pairs[i] = pair(keys[i], i);
    for (int pass = 0; pass < PASSES; pass++) bins[pass][byte_of(keys[i], pass)]++;
  }
  uint64_t *from = pairs, *to = pairs + length;
  for (int pass = 0; pass < PASSES; pass++) {
    if (bins[pass][byte_of(keys[0], pass)] == length) continue;
    starts_of_bins(bins[pass]);
    for (int64_t i = 0; i < length; i++) to[bins[pass][byte_of((uint32_t)from[i], pass)]++] = from[i];
    uint64_t *done = to;
    to = from;
    from = done;
  }
  return from;
}

void chainrule_argsort(const uint32_t *keys, int32_t *out, uint32_t *scratch, int64_t rows, int64_t length) {
  uint64_t *pairs = (uint64_t *)scratch;
  for (int64_t row = 0; row < rows; row++, keys += length, out += length) {
    uint64_t *sorted = pairs;
    if (length > SHORT) sorted = radix_sort(keys, pairs, length);
    else insertion_sort(keys, pairs, length);
    for (int64_t i = 0; i < length; i++) out[i] = (int32_t)(sorted[i] >> 32);
  }
}
