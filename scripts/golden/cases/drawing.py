"""Pictures of many images, boxes and masks, against torchvision's."""

import torch
from torchvision import utils

MADE_WITH = ["torch", "torchvision"]


def pixels(x):
    """(C, H, W) in [0, 1] as bytes (H, W, C), as save_image has them."""
    return x.mul(255).add(0.5).clamp(0, 255).permute(1, 2, 0).to(torch.uint8).contiguous()


def record(r):
    for n, c, h, w in ((10, 3, 4, 5), (5, 1, 3, 2), (1, 1, 3, 4), (8, 3, 2, 2)):
        for ours, theirs in (
            ({}, {}),
            ({"nrow": 3, "padding": 1, "padValue": 255}, {"nrow": 3, "padding": 1, "pad_value": 1}),
            ({"normalize": True, "padding": 0}, {"normalize": True, "padding": 0}),
            ({"normalize": True, "scaleEach": True}, {"normalize": True, "scale_each": True}),
        ):
            x = r.normal(n, c, h, w)
            r.plain_case("makeGrid", [x], [pixels(utils.make_grid(x, **theirs))], ours)
    x = torch.ones(2, 1, 2, 2)
    r.plain_case("makeGrid", [x], [pixels(utils.make_grid(x, normalize=True))], {"normalize": True}, "one value")

    for c, options in ((1, {}), (3, {}), (3, {"normalize": True}), (1, {"normalize": True, "scaleEach": True})):
        x = r.normal(2, c, 3, 4)
        low, high = (x.amin(), x.amax()) if options else (0, 1)
        if "scaleEach" in options:
            low, high = x.amin((1, 2, 3), keepdim=True), x.amax((1, 2, 3), keepdim=True)
        r.plain_case("toPictures", [x], [pixels(image) for image in (x - low) / (high - low)], options)

    colors = [[250, 10, 0], [0, 40, 200]]
    for c in (1, 3):
        image = (r.integers(0, 128, c, 7, 9) * 2).to(torch.uint8)  # even numbers, which can be halved
        wide = image.expand(3, 7, 9)
        masks = r.integers(0, 3, 3, 7, 9) == 0
        drawn = utils.draw_segmentation_masks(wide, masks, alpha=0.5, colors=[tuple(color) for color in colors] + [tuple(colors[0])])
        r.plain_case("drawSegmentationMasks", [image, masks], [drawn.permute(1, 2, 0).contiguous()], {"alpha": 0.5, "colors": colors})
        # Theirs paint the pixel at x2 y2 too, ours end before it.
        r.reference = "torchvision, with x2 and y2 one less"
        boxes = torch.tensor([[0, 0, 3, 3], [2, 1, 8, 6], [5, 5, 9, 7], [4, 1, 8, 5]])
        for width in (1, 2):
            less = boxes - torch.tensor([0, 0, 1, 1])
            drawn = utils.draw_bounding_boxes(wide, less, colors=[tuple(colors[i % 2]) for i in range(4)], width=width)
            options = {"colors": colors, "width": width}
            r.plain_case("drawBoundingBoxes", [image, boxes.float()], [drawn.permute(1, 2, 0).contiguous()], options)
        r.reference = None
