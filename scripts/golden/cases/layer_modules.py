"""Layers as modules: a batch and one example go through each with the options that it was made with."""

import torch
import torch.nn.functional as F
from modules import module_case
from torch import nn

F32, F64 = torch.float32, torch.float64

LENGTHS = {1: (6,), 2: (5, 6), 3: (4, 5, 3)}

SNAKE = {
    "kernelSize": "kernel_size",
    "ceilMode": "ceil_mode",
    "returnIndices": "return_indices",
    "countIncludePad": "count_include_pad",
    "divisorOverride": "divisor_override",
    "outputSize": "output_size",
    "normType": "norm_type",
    "scaleFactor": "scale_factor",
    "alignCorners": "align_corners",
    "recomputeScaleFactor": "recompute_scale_factor",
    "upscaleFactor": "upscale_factor",
    "downscaleFactor": "downscale_factor",
}


def snake(options):
    return {SNAKE.get(key, key): value for key, value in options.items()}


def inputs(r, *shape, values=None):
    """A batch in float32, and one example in float64."""
    values = values or r.normal
    return values(2, *shape, dtype=F32), values(*shape, dtype=F64)


def linear(r):
    for options in ({}, {"bias": False}):
        for shape, dtype in (((5, 3), F32), ((5, 3), F64), ((3,), F64), ((2, 2, 3), F64)):
            module_case(r, "Linear", lambda: nn.Linear(3, 4, **options), [r.normal(*shape, dtype=dtype)], options)


def padding(r):
    frames = {1: [[1, 2]], 2: [1, [2, 0, 1, 2]], 3: [[1, 2, 0, 1, 2, 0]]}
    for d, paddings in frames.items():
        for frame in paddings:
            ends = [frame] * 2 * d if isinstance(frame, int) else frame
            modules = {
                "ZeroPad": nn.ZeroPad2d(frame) if d == 2 else getattr(nn, f"ConstantPad{d}d")(frame, 0),
                "ConstantPad": getattr(nn, f"ConstantPad{d}d")(frame, -1.5),
                "ReflectionPad": getattr(nn, f"ReflectionPad{d}d")(frame),
                "ReplicationPad": getattr(nn, f"ReplicationPad{d}d")(frame),
                # in PyTorch 1.13 a function, of a batch
                "CircularPad": lambda x: F.pad(x, ends, "circular") if x.ndim == d + 2 else F.pad(x[None], ends, "circular")[0],
            }
            for name, module in modules.items():
                options = {"padding": frame, **({"value": -1.5} if name == "ConstantPad" else {})}
                for x in inputs(r, 2, *LENGTHS[d]):
                    r.case(f"{name}{d}d", module, [x], options)


def pooling(r):
    for d, lengths in LENGTHS.items():
        def case(name, options, values=None, module=None):
            module = module or getattr(nn, f"{name}{d}d")(**snake(options))
            for x in inputs(r, 2, *lengths, values=values):
                r.case(f"{name}{d}d", module, [x], options)

        case("MaxPool", {"kernelSize": 3, "stride": 2, "padding": 1, "returnIndices": True}, r.distinct)
        case("MaxPool", {"kernelSize": 2, "stride": 1, "dilation": 2, "ceilMode": True}, r.distinct)
        case("AvgPool", {"kernelSize": 2, "padding": 1, "countIncludePad": False})
        case("AvgPool", {"kernelSize": 2, "stride": 3, "ceilMode": True, **({"divisorOverride": 3} if d > 1 else {})})
        case("AdaptiveAvgPool", {"outputSize": 2})
        case("AdaptiveMaxPool", {"outputSize": 2, "returnIndices": True}, r.distinct)
        case("AdaptiveMaxPool", {"outputSize": 3 if d < 3 else [3, None, 1]}, r.distinct)
        options = {"normType": 2, "kernelSize": 2, "stride": 1, "ceilMode": True}
        if d < 3:
            case("LPPool", options)
        else:
            r.reference = "PyTorch's averages: (k · mean xᵖ)^(1/p)"  # PyTorch 1.13 has no such module
            case("LPPool", options, module=lambda x: (8 * F.avg_pool3d(x**2, 2, 1, ceil_mode=True)).sqrt())
            r.reference = None
        for stride in (2, 3):
            options = {"kernelSize": 2, "stride": stride}
            pool, unpool = getattr(F, f"max_pool{d}d"), getattr(nn, f"MaxUnpool{d}d")(**snake(options))
            for x in inputs(r, 2, *lengths, values=r.distinct):
                values, at = pool(x, **snake(options), return_indices=True)
                sizes = list(lengths)
                f = lambda v, i: unpool(v, i.long(), output_size=sizes)
                r.case(f"MaxUnpool{d}d", f, [values, at.int()], {**options, "outputSize": sizes})


def resampling(r):
    picture = (2, 3, 4)
    # only a batch has all of its dimensions known to be spatial
    for shape, options in [
        ((2, 2, 5), {"size": 8, "mode": "linear", "alignCorners": True}),
        ((2, *picture), {"scaleFactor": [2, 1.5]}),
        ((2, *picture), {"scaleFactor": 1.7, "mode": "bicubic", "recomputeScaleFactor": True}),
        ((1, 1, 2, 3, 2), {"scaleFactor": 2, "mode": "trilinear"}),
    ]:
        chosen = {k: tuple(v) if isinstance(v, list) else v for k, v in snake(options).items()}
        r.case("Upsample", nn.Upsample(**chosen), [r.normal(*shape, dtype=F64)], options)
    for name in ("UpsamplingNearest2d", "UpsamplingBilinear2d"):
        for options in ({"scaleFactor": 2}, {"size": [5, 3]}):
            for dtype in (F32, F64):
                r.case(name, getattr(nn, name)(**snake(options)), [r.normal(2, *picture, dtype=dtype)], options)
    for x in inputs(r, 8, 2, 3):
        r.case("PixelShuffle", nn.PixelShuffle(2), [x], {"upscaleFactor": 2})
    for x in inputs(r, 2, 4, 6):
        r.case("PixelUnshuffle", nn.PixelUnshuffle(2), [x], {"downscaleFactor": 2})
    x = r.normal(2, 6, 2, 3, dtype=F64)  # PyTorch 1.13 has no gradient of it
    r.case("ChannelShuffle", nn.ChannelShuffle(3), [x], {"groups": 3}, grad=False)


def record(r):
    linear(r)
    padding(r)
    pooling(r)
    resampling(r)
