"""
Pictures (H, W, C) of bytes, moved and painted by torchvision: through its tensors (exact, or within 1 where float32 and
float64 round differently) and through Pillow (exact where it computes in whole numbers, else within 1, and the note says so).
"""

import itertools

import torch
from PIL import Image
from torchvision.transforms import InterpolationMode
from torchvision.transforms import functional as F
from torchvision.transforms.functional import pil_to_tensor

MADE_WITH = ["torch", "torchvision"]

MODES = {"nearest": InterpolationMode.NEAREST, "bilinear": InterpolationMode.BILINEAR}


def planes(x):
    return x.permute(2, 0, 1)


def pixels(x):
    return x.permute(1, 2, 0).contiguous()


def pillow(x):
    return Image.fromarray((x if x.shape[2] == 3 else x[..., 0]).numpy())


def picture(r, height, width, channels):
    """Noise on a ramp, so that neighbours differ and are not all of a kind."""
    x = r.integers(0, 256, height, width, channels).double()
    ramp = torch.linspace(0, 255, height * width, dtype=torch.float64).reshape(height, width, 1)
    return ((x + ramp) / 2).round().to(torch.uint8)


def exact(r, op, f, x, options, note=""):
    """A function that computes in whole numbers, or copies pixels."""
    r.case(op, lambda x: pixels(f(planes(x))), [x], options, note, grad=False)


def tensors(r, op, f, x, options, note="tensors"):
    """A function that computes in floats and rounds."""
    single = f(planes(x))
    precise = f(planes(x).double())
    double = precise.round().clamp(0, 255).to(torch.uint8)
    if int((single.int() - double.int()).abs().max()) > 1:
        return  # "nearest" is undecided between two pixels
    r.case(op, lambda x: pixels(double), [x], options, note, grad=False)
    if bool(((precise - precise.floor() - 0.5).abs() < 1e-9).any()) or bool((single != double).any()):
        r.cases[-1]["tolerance"] = [0, 1]


def images(r, op, f, x, options, within=0, note="Pillow"):
    r.case(op, lambda x: pixels(pil_to_tensor(f(pillow(x)))), [x], options, note, grad=False)
    if within:
        r.cases[-1]["name"] += f" within {within}"
        r.cases[-1]["tolerance"] = [0, within]


def moves(r):
    for shape in [(5, 7, 1), (6, 4, 3), (1, 1, 3), (2, 1, 1)]:
        exact(r, "hflip", F.hflip, picture(r, *shape), {})
        exact(r, "vflip", F.vflip, picture(r, *shape), {})
    for shape, (top, left, height, width) in itertools.product(
        [(6, 7, 1), (5, 8, 3)], [(0, 0, 3, 4), (2, 3, 3, 2), (-2, -1, 4, 9), (4, 5, 6, 6)]
    ):
        options = {"top": top, "left": left, "height": height, "width": width}
        exact(r, "crop", lambda x: F.crop(x, top, left, height, width), picture(r, *shape), options)
    for channels, mode, padding in itertools.product(
        (1, 3), ("constant", "edge", "reflect", "symmetric"), (2, [1, 3], [0, 1, 2, 3])
    ):
        fill = 9 if mode == "constant" else 0
        f = lambda x: F.pad(x, padding, fill=fill, padding_mode=mode)
        options = {"padding": padding, "fill": fill, "paddingMode": mode}
        exact(r, "padPicture", f, picture(r, 5, 4, channels), options)
    for shape, size in itertools.product([(7, 8, 1), (6, 5, 3)], (4, 5, [3, 6], [9, 8], [1, 1], [9, 4])):
        exact(r, "centerCrop", lambda x: F.center_crop(x, size), picture(r, *shape), {"size": size})


def sizes(r):
    shapes = [(8, 8, 1), (7, 11, 3), (13, 5, 3), (1, 4, 1)]
    for shape, size in itertools.product(shapes, ([4, 4], [5, 3], [16, 9], [3, 20], [1, 1], 6, 3)):
        x = picture(r, *shape)
        for antialias in (True, False):
            f = lambda x: F.resize(x, size, MODES["bilinear"], antialias=antialias)
            tensors(r, "resize", f, x, {"size": size, "antialias": antialias})
        images(r, "resize", lambda x: F.resize(x, size, MODES["bilinear"]), x, {"size": size}, within=1)
        f = lambda x: F.resize(x, size, MODES["nearest"])
        new = pixels(f(planes(x))).shape
        if any((2 * i + 1) * had % (2 * n) == 0 for had, n in zip(shape[:2], new[:2]) for i in range(n)):
            continue  # a centre lies between two pixels, and Pillow's rounding errors decide
        images(r, "resize", f, x, {"size": size, "interpolation": "nearest"})
    for shape, (top, left, height, width) in itertools.product([(9, 8, 3)], [(1, 2, 5, 4), (0, 0, 9, 8), (3, 3, 1, 2)]):
        f = lambda x: F.resized_crop(x, top, left, height, width, [4, 6], antialias=True)
        options = {"top": top, "left": left, "height": height, "width": width, "size": [4, 6]}
        tensors(r, "resizedCrop", f, picture(r, *shape), options)


def coefficients(startpoints, endpoints):
    """torchvision's, in float64."""
    rows = []
    for (x, y), (u, v) in zip(endpoints, startpoints):
        rows += [[x, y, 1, 0, 0, 0, -u * x, -u * y], [0, 0, 0, x, y, 1, -v * x, -v * y]]
    return torch.linalg.solve(torch.tensor(rows, dtype=torch.float64), torch.tensor(startpoints).double().view(8)).tolist()


def warps(r):
    F._get_perspective_coeffs = coefficients
    for shape, mode in itertools.product([(8, 8, 1), (7, 10, 3)], MODES):
        for angle in (0, 7.5, -31, 123, 180):
            for center in (None, [2, 3.5]):
                f = lambda x: F.rotate(x, angle, MODES[mode], center=center)
                options = {"angle": angle, "interpolation": mode, **({"center": center} if center else {})}
                tensors(r, "rotate", f, picture(r, *shape), options)
            f = lambda x: F.rotate(x, angle, MODES[mode], expand=True)
            tensors(r, "rotate", f, picture(r, *shape), {"angle": angle, "interpolation": mode, "expand": True})
        maps = [
            (0, [0, 0], 1, [0, 0]),
            (12, [2, -1], 1, [0, 0]),
            (-40, [0, 3], 1.3, [0, 0]),
            (5, [1, 1], 0.7, [11, 0]),
            (17, [-1, 0], 0.9, [-8, 14]),
        ]
        for angle, translate, scale, shear in maps:
            f = lambda x: F.affine(x, angle, translate, scale, shear, MODES[mode])
            options = {"angle": angle, "translate": translate, "scale": scale, "shear": shear, "interpolation": mode}
            tensors(r, "affine", f, picture(r, *shape), options)
            if mode == "nearest":
                filled = {**options, "fill": 77}
                f = lambda x: F.affine(x, angle, translate, scale, shear, MODES[mode], fill=[77.0] * x.shape[0])
                tensors(r, "affine", f, picture(r, *shape), filled)
                f = lambda x: F.affine(x, angle, translate, scale, shear, MODES[mode])
                images(r, "affine", f, picture(r, *shape), options)
        height, width = shape[:2]
        start = [[0, 0], [width - 1, 0], [width - 1, height - 1], [0, height - 1]]
        for end in (
            [[0.9, 0.2], [width - 2.3, 1.23], [width - 1.4, height - 2.2], [0.3, height - 1.1]],
            [[2.2, 1.3], [width - 0.7, 0.1], [width - 2.6, height - 0.8], [1.2, height - 2.9]],
        ):
            f = lambda x: F.perspective(x, start, end, MODES[mode])
            options = {"startPoints": start, "endPoints": end, "interpolation": mode}
            tensors(r, "perspective", f, picture(r, *shape), options)


def colors(r):
    functions = {
        "adjustBrightness": F.adjust_brightness,
        "adjustContrast": F.adjust_contrast,
        "adjustSaturation": F.adjust_saturation,
    }
    for (op, f), channels, factor in itertools.product(functions.items(), (1, 3), (0, 0.3, 0.75, 1, 1.2, 2.5)):
        images(r, op, lambda x: f(x, factor), picture(r, 6, 5, channels), {"factor": factor})
    for channels, factor in itertools.product((1, 3), (-0.5, -0.2, 0, 0.07, 0.3, 0.5)):
        x = picture(r, 6, 5, channels)
        if channels == 3:
            x[0, 0], x[0, 1], x[0, 2] = torch.tensor([[90, 90, 90], [0, 0, 0], [255, 0, 255]]).to(torch.uint8)
        r.case("adjustHue", lambda x: pixels(F.adjust_hue(planes(x), factor)), [x], {"factor": factor}, "tensors within 1", False)
        r.cases[-1]["tolerance"] = [0, 1]  # float32, cut off instead of rounded
    for channels in (1, 3):
        f = lambda x: F.rgb_to_grayscale(x, num_output_channels=channels)
        images(r, "rgbToGrayscale", f, picture(r, 9, 8, 3), {"numOutputChannels": channels})


def blurs(r):
    for shape, kernel, sigma in itertools.product([(6, 7, 1), (5, 8, 3)], (1, 3, [3, 5], [7, 1]), (0.3, 1, 2.5)):
        f = lambda x: F.gaussian_blur(x, [kernel, kernel] if isinstance(kernel, int) else kernel, [sigma, sigma])
        tensors(r, "gaussianBlur", f, picture(r, *shape), {"kernelSize": kernel, "sigma": sigma})


def erasing(r):
    for shape, fill in itertools.product([(5, 7, 1), (6, 4, 3)], (0, 200, [9, 70, 255])):
        if isinstance(fill, list) and shape[2] == 1:
            continue
        for rectangle in ((1, 2, 3, 1), (0, 0, 2, 4), (3, 2, 9, 9)):  # the last reaches over the picture
            value = torch.tensor(fill, dtype=torch.uint8).reshape(-1, 1, 1)
            options = {**dict(zip(("top", "left", "height", "width"), rectangle)), "fill": fill}
            exact(r, "erase", lambda x: F.erase(x, *rectangle, value), picture(r, *shape), options)


def record(r):
    moves(r)
    sizes(r)
    warps(r)
    colors(r)
    blurs(r)
    erasing(r)
