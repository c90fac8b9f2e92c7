/* Tiles whose operands are read BY_TABLE (contraction-tile.h). */
#include "contraction-tile.h"

#define KERNEL(r, v) KERNEL_OF(r, v, BY_TABLE)
DEFINE_KERNELS(chainrule_by_table, KERNEL)
