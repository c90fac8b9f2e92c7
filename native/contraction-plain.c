/* Tiles whose operands are read PLAIN (contraction-tile.h). */
#include "contraction-tile.h"

#define KERNEL(r, v) KERNEL_OF(r, v, PLAIN)
DEFINE_KERNELS(chainrule_plain, KERNEL)
