/* Tiles whose operands are read BY_RUNS (contraction-tile.h). */
#include "contraction-tile.h"

#define KERNEL(r, v) KERNEL_OF(r, v, BY_RUNS)
DEFINE_KERNELS(chainrule_by_runs, KERNEL)
