"""Transposed convolutions, and ten training steps of every convolution."""

import torch
import torch.nn.functional as F
from modules import module_case

F32, F64 = torch.float32, torch.float64

# input, weight, options
CONV_TRANSPOSE = {
    1: [
        ((2, 3, 5), (3, 4, 3), {}),
        ((1, 1, 1), (1, 1, 1), {}),
        ((2, 2, 4), (2, 3, 3), {"stride": 2}),
        ((2, 2, 4), (2, 3, 4), {"stride": 2, "padding": 1}),
        ((1, 2, 5), (2, 3, 2), {"stride": 3, "outputPadding": 2}),
        ((1, 2, 5), (2, 2, 3), {"dilation": 2, "padding": 1}),
        ((1, 2, 5), (2, 2, 3), {"dilation": 3, "outputPadding": 2}),
        ((1, 4, 5), (4, 3, 3), {"groups": 2, "stride": 2}),
        ((2, 3, 5), (3, 1, 2), {"groups": 3}),
        ((2, 4), (2, 3, 3), {"stride": 2}),
        ((1, 2, 6), (2, 2, 3), {"padding": 3}),
        ((0, 2, 4), (2, 3, 3), {"stride": 2}),
    ],
    2: [
        ((2, 3, 4, 5), (3, 4, 3, 3), {}),
        ((1, 2, 3, 3), (2, 3, 2, 2), {"stride": 2}),
        ((1, 2, 3, 4), (2, 3, 3, 3), {"stride": 2, "padding": 1, "outputPadding": 1}),
        ((1, 2, 3, 3), (2, 2, 4, 4), {"stride": 2, "padding": 1}),
        ((1, 2, 3, 4), (2, 2, 3, 2), {"stride": [2, 1], "padding": [1, 0], "outputPadding": [1, 0]}),
        ((1, 2, 4, 4), (2, 2, 3, 3), {"dilation": [1, 2]}),
        ((1, 4, 3, 3), (4, 3, 3, 3), {"groups": 2, "padding": 1}),
        ((2, 3, 3, 3), (3, 2, 2, 2), {"groups": 3, "stride": 3}),
        ((2, 4, 3), (2, 3, 2, 3), {"stride": 2}),
        ((1, 3, 4, 4), (3, 5, 1, 1), {}),
        ((1, 16, 4, 4), (16, 8, 2, 2), {"stride": 2}),
    ],
    3: [
        ((1, 2, 3, 3, 2), (2, 3, 2, 2, 2), {}),
        ((1, 2, 2, 3, 2), (2, 1, 3, 2, 3), {"groups": 2, "stride": 2, "padding": 1, "outputPadding": [1, 0, 1]}),
        ((1, 1, 2, 2, 2), (1, 2, 2, 2, 2), {"dilation": [1, 2, 1]}),
    ],
}

SNAKE = {
    "inChannels": "in_channels",
    "outChannels": "out_channels",
    "kernelSize": "kernel_size",
    "outputPadding": "output_padding",
    "paddingMode": "padding_mode",
}


def snake(options):
    return {SNAKE.get(key, key): value for key, value in options.items()}


def functions(r):
    for d, cases in CONV_TRANSPOSE.items():
        op, f = f"convTranspose{d}d", getattr(F, f"conv_transpose{d}d")
        for x, w, options in cases:
            for dtype in (F32, F64):
                for bias in (True, False) if dtype == F32 and d < 3 else (True,):
                    inputs = [r.normal(*x, dtype=dtype), r.normal(*w, dtype=dtype)]
                    inputs += [r.normal(w[1] * options.get("groups", 1), dtype=dtype)] if bias else []
                    r.case(op, lambda *t: f(*t, **snake(options)), inputs, options)
        for x, w, options in cases[2:4]:
            inputs = [r.normal(*x, dtype=F64), r.normal(*w, dtype=F64)]
            r.second(op, lambda *t: f(*t, **snake(options)), inputs, options)


def modules(r):
    for name, size, options in [
        ("Conv1d", (7,), {"kernelSize": 3, "padding": 1}),
        ("Conv2d", (5, 6), {"kernelSize": 3, "stride": 2, "padding": 1, "groups": 2}),
        ("Conv2d", (5, 5), {"kernelSize": [2, 3], "dilation": [2, 1], "padding": "same", "paddingMode": "circular"}),
        ("Conv2d", (5, 5), {"kernelSize": 3, "padding": [1, 2], "paddingMode": "reflect", "bias": False}),
        ("Conv2d", (4, 4), {"kernelSize": 3, "padding": 1, "paddingMode": "replicate", "groups": 4}),
        ("Conv3d", (3, 4, 3), {"kernelSize": 2, "padding": [1, 0, 1]}),
        ("ConvTranspose1d", (5,), {"kernelSize": 3, "stride": 2, "outputPadding": 1}),
        ("ConvTranspose2d", (3, 4), {"kernelSize": 3, "stride": 2, "padding": 1, "groups": 2}),
        ("ConvTranspose2d", (4, 4), {"kernelSize": 2, "stride": 2, "bias": False}),
        ("ConvTranspose2d", (3, 3), {"kernelSize": [3, 2], "dilation": [1, 2], "groups": 4}),
        ("ConvTranspose3d", (2, 3, 2), {"kernelSize": 2, "stride": [1, 2, 1]}),
    ]:
        chosen = {"inChannels": 4, "outChannels": 4, **options}
        make = lambda: getattr(torch.nn, name)(**snake(chosen))
        module_case(r, name, make, [r.normal(2, 4, *size, dtype=F64)], chosen)


def record(r):
    functions(r)
    modules(r)
