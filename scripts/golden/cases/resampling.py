"""Interpolation, shuffles between channels and pixels, windows as columns, grids."""

import torch
import torch.nn.functional as F

F32, F64 = torch.float32, torch.float64
FLOATS = (F32, F64)

SIGNAL, PICTURE, VOLUME = (2, 2, 5), (2, 2, 4, 5), (1, 2, 3, 4, 2)
# input, options
INTERPOLATE = [
    (SIGNAL, {"scaleFactor": 2}),
    (SIGNAL, {"size": 7}),
    (SIGNAL, {"size": 3, "mode": "nearest-exact"}),
    (SIGNAL, {"scaleFactor": 3, "mode": "nearest-exact"}),
    (SIGNAL, {"scaleFactor": 2, "mode": "linear"}),
    (SIGNAL, {"size": 3, "mode": "linear"}),
    (SIGNAL, {"size": 9, "mode": "linear", "alignCorners": True}),
    (SIGNAL, {"size": 1, "mode": "linear", "alignCorners": True}),
    (SIGNAL, {"scaleFactor": 1.7, "mode": "linear"}),
    (SIGNAL, {"scaleFactor": 1.7, "mode": "linear", "recomputeScaleFactor": True}),
    (SIGNAL, {"size": 3, "mode": "area"}),
    (PICTURE, {"scaleFactor": 2}),
    (PICTURE, {"scaleFactor": [2, 3]}),
    (PICTURE, {"size": [2, 7]}),
    (PICTURE, {"scaleFactor": 0.5}),
    (PICTURE, {"scaleFactor": [1.6, 0.7], "mode": "nearest-exact"}),
    (PICTURE, {"scaleFactor": 2, "mode": "bilinear"}),
    (PICTURE, {"scaleFactor": 2, "mode": "bilinear", "alignCorners": True}),
    (PICTURE, {"size": [3, 9], "mode": "bilinear"}),
    (PICTURE, {"size": [4, 5], "mode": "bilinear"}),
    (PICTURE, {"scaleFactor": [1.3, 2.6], "mode": "bilinear"}),
    (PICTURE, {"size": [2, 3], "mode": "bilinear", "antialias": True}),
    (PICTURE, {"size": [7, 3], "mode": "bilinear", "antialias": True}),
    (PICTURE, {"scaleFactor": 2, "mode": "bicubic"}),
    (PICTURE, {"size": [3, 8], "mode": "bicubic"}),
    (PICTURE, {"size": [7, 2], "mode": "bicubic", "alignCorners": True}),
    (PICTURE, {"size": [2, 3], "mode": "bicubic", "antialias": True}),
    (PICTURE, {"size": [3, 2], "mode": "area"}),
    ((1, 1, 1, 1), {"scaleFactor": 3, "mode": "bilinear"}),
    (VOLUME, {"scaleFactor": 2}),
    (VOLUME, {"size": [2, 5, 3], "mode": "trilinear"}),
    (VOLUME, {"size": [4, 3, 4], "mode": "trilinear", "alignCorners": True}),
    (VOLUME, {"size": [2, 2, 1], "mode": "area"}),
]

# input, kernel, options
UNFOLD = [
    ((2, 3, 5, 6), 2, {}),
    ((1, 2, 5, 5), [3, 2], {"padding": [1, 0]}),
    ((1, 2, 7, 6), 3, {"stride": 2, "padding": 1}),
    ((1, 2, 7, 6), [2, 3], {"dilation": [3, 1], "stride": [1, 2]}),
    ((2, 4, 4), 2, {"stride": 2}),
]

SNAKE = {
    "kernelSize": "kernel_size",
    "scaleFactor": "scale_factor",
    "alignCorners": "align_corners",
    "recomputeScaleFactor": "recompute_scale_factor",
    "paddingMode": "padding_mode",
}


def snake(options):
    return {SNAKE.get(key, key): value for key, value in options.items()}


def interpolation(r):
    for i, (shape, options) in enumerate(INTERPOLATE):
        for dtype in FLOATS if i % 3 == 0 else (F64,):
            size = {"size": options["size"]} if "size" in options else {"scale_factor": options["scaleFactor"]}
            rest = {key: value for key, value in snake(options).items() if key not in ("size", "scale_factor")}
            r.case("interpolate", lambda t: F.interpolate(t, **size, **rest), [r.normal(*shape, dtype=dtype)], options)
    for mode in ("bilinear", "bicubic"):
        x = r.normal(*PICTURE, dtype=F64)
        f = lambda t: F.interpolate(t, scale_factor=2, mode=mode)
        r.second("interpolate", f, [x], {"scaleFactor": 2, "mode": mode}, squared=True)


def shuffles(r):
    for dtype in FLOATS:
        for shape, factor in [((2, 8, 2, 3), 2), ((9, 2, 2), 3), ((1, 3, 2, 2), 1), ((0, 4, 2, 2), 2), ((2, 2, 4, 1, 2), 2)]:
            x = r.normal(*shape, dtype=dtype)  # PyTorch 1.13 has no gradient of nothing
            r.case("pixelShuffle", lambda t: F.pixel_shuffle(t, factor), [x], {"factor": factor}, grad=0 not in shape)
        for shape, factor in [((2, 2, 4, 6), 2), ((1, 3, 6), 3), ((2, 1, 2, 4, 2), 2)]:
            x = r.normal(*shape, dtype=dtype)
            r.case("pixelUnshuffle", lambda t: F.pixel_unshuffle(t, factor), [x], {"factor": factor})
        for shape, groups in [((2, 6, 2, 2), 2), ((1, 6, 3), 3), ((1, 4, 1, 2, 2), 4)]:
            r.reference = "the order of the channels, written out"
            order = [g * (shape[1] // groups) + i for i in range(shape[1] // groups) for g in range(groups)]
            r.case("channelShuffle", lambda t: t[:, order], [r.normal(*shape, dtype=dtype)], {"groups": groups})
            r.reference = None


def columns(r):
    for shape, kernel, options in UNFOLD:
        for dtype in FLOATS:
            x = r.normal(*shape, dtype=dtype)
            chosen = {"kernelSize": kernel, **options}
            r.case("Unfold", lambda t: F.unfold(t, kernel, **options), [x], chosen)
            folded = F.unfold(x, kernel, **options)
            chosen = {"outputSize": list(shape[-2:]), **chosen}
            y = r.normal(*folded.shape, dtype=dtype)
            r.case("Fold", lambda t: F.fold(t, shape[-2:], kernel, **options), [y], chosen)


def grids(r):
    for align in (False, True):
        for dtype in FLOATS:
            for size in ([2, 1, 3, 4], [1, 1, 1, 2], [1, 2, 2, 3, 2]):
                d = len(size) - 2
                theta = r.normal(size[0], d, d + 1, dtype=dtype)
                chosen = {"size": size, "alignCorners": align}
                r.case("affineGrid", lambda t: F.affine_grid(t, size, align_corners=align), [theta], chosen)
        for mode in ("bilinear", "nearest", "bicubic"):
            for padding in ("zeros", "border", "reflection"):
                chosen = {"mode": mode, "paddingMode": padding, "alignCorners": align}
                f = lambda x, g: F.grid_sample(x, g, **snake(chosen))
                grad = [0] if mode == "nearest" else True  # by the grid PyTorch has zeros there
                for dtype in FLOATS if padding == "zeros" and not align else (F64,):
                    inputs = [r.normal(2, 2, 4, 5, dtype=dtype), r.uniform(-1.6, 1.6, 2, 3, 3, 2, dtype=dtype)]
                    r.case("gridSample", f, inputs, chosen, grad=grad)
                if mode != "bicubic" and padding != "border":
                    inputs = [r.normal(1, 2, 3, 2, 4, dtype=F64), r.uniform(-1.6, 1.6, 1, 2, 2, 3, 3, dtype=F64)]
                    r.case("gridSample", f, inputs, chosen, grad=grad)


def record(r):
    interpolation(r)
    shuffles(r)
    columns(r)
    grids(r)
