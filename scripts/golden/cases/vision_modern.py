"""Blocks and networks since 2014, of torchvision where it has them, else of PyTorch's layers."""

import torch
from modules import module_case
from torchvision.ops.misc import Conv2dNormActivation

MADE_WITH = ["torch", "torchvision"]
F32, F64 = torch.float32, torch.float64


def blocks(r):
    for kernel, options in ((3, {}), (1, {}), (3, {"stride": 2, "dilation": 2}), (2, {"padding": 0, "bias": True})):
        for dtype in (F32, F64):
            module_case(
                r,
                "Conv2dNormActivation",
                lambda: Conv2dNormActivation(3, 4, kernel, **options),
                [r.normal(2, 3, 6, 5, dtype=dtype)],
                {"kernelSize": kernel, **options},
            )


def record(r):
    blocks(r)
