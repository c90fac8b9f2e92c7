"""Boxes: the IoU family, non-maximum suppression, anchors, matching and coding, against torchvision's."""

import numpy as np
import torch
from torchvision import ops
from torchvision.models.detection._utils import BoxCoder, Matcher
from torchvision.models.detection.anchor_utils import AnchorGenerator
from torchvision.models.detection.image_list import ImageList

MADE_WITH = ["torch", "torchvision"]


def boxes(r, n, size=20.0, largest=9.0, dtype=torch.float32):
    """Float boxes in general position."""
    corner = r.uniform(0, size, n, 2, dtype=dtype)
    return torch.cat([corner, corner + r.uniform(0.5, largest, n, 2, dtype=dtype)], dim=1)


def whole(r, n, size=8, largest=4, dtype=torch.float32):
    """Boxes on a coarse grid: many touch, coincide, or have no area."""
    corner = r.integers(0, size, n, 2)
    return torch.cat([corner, corner + r.integers(0, largest + 1, n, 2)], dim=1).to(dtype)


def simple(r):
    for dtype in (torch.float32, torch.float64):
        r.case("boxArea", ops.box_area, [boxes(r, 5, dtype=dtype)])
    r.case("boxArea", ops.box_area, [whole(r, 6)], note="some without area")
    r.case("boxArea", ops.box_area, [torch.zeros(0, 4)], note="none", grad=False)
    for a in ("xyxy", "xywh", "cxcywh"):
        for b in ("xyxy", "xywh", "cxcywh"):
            options = {"from": a, "to": b}
            r.case("boxConvert", lambda x: ops.box_convert(x, a, b), [boxes(r, 3)], options)
    r.case("boxConvert", lambda x: ops.box_convert(x, "xyxy", "cxcywh"), [torch.zeros(0, 4)], options | {"from": "xyxy"}, grad=False)
    for size in ((12, 15), (30, 40), (0, 5)):
        r.case("clipBoxesToImage", lambda x: ops.clip_boxes_to_image(x, size), [boxes(r, 6) - 3], {"size": size})
    for n, least in ((12, 2), (12, 0), (12, 9), (0, 1)):
        x = whole(r, n)
        r.plain_case("removeSmallBoxes", [x], [ops.remove_small_boxes(x, least)], {"minSize": least})
    for shape in ((3, 5, 7), (1, 1, 1), (0, 3, 3)):
        masks = r.integers(0, 5, *shape) == 0
        masks[:, 0, 0] |= ~masks.flatten(1).any(1)  # torchvision has no box for an empty mask
        r.plain_case("masksToBoxes", [masks.to(torch.uint8)], [ops.masks_to_boxes(masks)], {})


PAIRWISE = {
    "boxIou": ops.box_iou,
    "generalizedBoxIou": ops.generalized_box_iou,
    "distanceBoxIou": ops.distance_box_iou,
    "completeBoxIou": ops.complete_box_iou,
}
LOSSES = {
    "generalizedBoxIouLoss": ops.generalized_box_iou_loss,
    "distanceBoxIouLoss": ops.distance_box_iou_loss,
    "completeBoxIouLoss": ops.complete_box_iou_loss,
}


def ious(r):
    for name, fn in PAIRWISE.items():
        for n, m in ((4, 3), (1, 6), (5, 1)):
            r.case(name, fn, [boxes(r, n), boxes(r, m)])
        r.case(name, fn, [boxes(r, 3, dtype=torch.float64), boxes(r, 4, dtype=torch.float64)])
        r.second(name, fn, [boxes(r, 2, dtype=torch.float64), boxes(r, 3, dtype=torch.float64)])
        x = boxes(r, 4)
        r.case(name, fn, [x, x.clone()], note="the same boxes", grad=False)
        r.case(name, fn, [whole(r, 6, largest=3) + torch.tensor([0, 0, 1, 1]), whole(r, 7) + torch.tensor([0, 0, 2, 1])],
               note="touching and inside", grad=False)
        r.case(name, fn, [boxes(r, 3, size=900, largest=400), boxes(r, 3, size=900, largest=400)], note="large")
        r.case(name, fn, [boxes(r, 3, size=0.5, largest=0.9) / 2, boxes(r, 3, size=0.5, largest=0.9) / 2], note="of size 1")
        r.case(name, fn, [torch.zeros(0, 4), boxes(r, 3)], note="none", grad=False)
        r.case(name, fn, [boxes(r, 3), torch.zeros(0, 4)], note="none", grad=False)
    # Without area, against boxes with some: no quotient of zeros yet, but for the aspect ratio of a point.
    flat = torch.tensor([[1, 1, 1, 4], [2, 3, 6, 3]], dtype=torch.float32)
    for name, fn in PAIRWISE.items():
        r.case(name, fn, [flat, boxes(r, 4)], note="lines", grad=False)
    point = torch.tensor([[2, 2, 2, 2], [9, 9, 9, 9]], dtype=torch.float32)
    for name in ("boxIou", "generalizedBoxIou", "distanceBoxIou"):
        r.case(name, PAIRWISE[name], [point, boxes(r, 4)], note="points", grad=False)
    r.reference = "torchvision, with 0 for 0 / 0"
    empty = torch.cat([flat, point])
    r.plain_case("boxIou", [empty, empty], [torch.nan_to_num(ops.box_iou(empty, empty))], {}, "empty unions")
    r.reference = None
    for name, fn in LOSSES.items():
        for reduction in ("none", "mean", "sum"):
            options = {"reduction": reduction}
            r.case(name, lambda a, b: fn(a, b, reduction=reduction), [boxes(r, 5), boxes(r, 5)], options)
        r.case(name, fn, [boxes(r, 4, dtype=torch.float64) * 10, boxes(r, 4, dtype=torch.float64) * 10], note="f64")


def suppression(r):
    for n, size, threshold in ((60, 20, 0.5), (60, 20, 0.3), (60, 12, 0.7), (200, 60, 0.5), (60, 5, 0.1), (1, 5, 0.5), (0, 5, 0.5)):
        x, scores = boxes(r, n, size), r.distinct(n, gap=0.01)
        r.plain_case("nms", [x, scores], [ops.nms(x, scores, threshold)], {"iouThreshold": threshold})
    for threshold in (0.5, 0.25, 0.75, 0, 1):
        x, scores = whole(r, 60), r.integers(0, 5, 60) / 4
        note = "ties, boxes without area, overlaps at the threshold"
        r.plain_case("nms", [x, scores], [ops.nms(x, scores, threshold)], {"iouThreshold": threshold}, note)
    x = boxes(r, 1).repeat(6, 1)
    r.plain_case("nms", [x, torch.zeros(6)], [ops.nms(x, torch.zeros(6), 0.5)], {"iouThreshold": 0.5}, "one box six times")
    back = whole(r, 20)[:, [2, 3, 0, 1]].contiguous()
    scores = r.distinct(20)
    r.plain_case("nms", [back, scores], [ops.nms(back, scores, 0.5)], {"iouThreshold": 0.5}, "corners in the wrong order")
    for n, threshold in ((60, 0.5), (60, 0.25), (0, 0.5)):
        x, scores, classes = boxes(r, n, 12), r.distinct(n, gap=0.01), r.integers(0, 4, n)
        kept = ops.batched_nms(x, scores, classes, threshold)
        r.plain_case("batchedNms", [x, scores, classes], [kept], {"iouThreshold": threshold})


def soft_nms(x, scores, method, threshold, sigma, least):
    """Figure 2 of the paper, in float64."""
    x, scores = x.double().numpy(), scores.double().numpy().copy()
    left, kept = list(range(len(x))), []
    while left:
        m = max(left, key=lambda i: (scores[i], -i))
        left.remove(m)
        if scores[m] <= least:
            break
        kept.append(m)
        for i in left:
            overlap = np.prod(np.maximum(np.minimum(x[m, 2:], x[i, 2:]) - np.maximum(x[m, :2], x[i, :2]), 0))
            union = np.prod(x[m, 2:] - x[m, :2]) + np.prod(x[i, 2:] - x[i, :2]) - overlap
            iou = overlap / union if union else 0
            scores[i] *= np.exp(-(iou**2) / sigma) if method == "gaussian" else 1 - iou if iou > threshold else 1
    return [torch.tensor(kept, dtype=torch.int32), torch.tensor(scores[kept], dtype=torch.float32)]


def soft(r):
    r.reference = "Bodla et al. 2017, in NumPy"
    for method in ("linear", "gaussian"):
        for n, threshold, sigma, least in ((40, 0.3, 0.5, 0.001), (40, 0.5, 0.2, 0.2), (1, 0.3, 0.5, 0.001), (0, 0.3, 0.5, 0.001)):
            x, scores = boxes(r, n, 12), r.uniform(0, 1, n)
            options = {"method": method, "iouThreshold": threshold, "sigma": sigma, "scoreThreshold": least}
            r.plain_case("softNms", [x, scores], soft_nms(x, scores, method, threshold, sigma, least), options)
        x, scores = whole(r, 30), (r.integers(0, 5, 30) / 4).float()
        options = {"method": method, "iouThreshold": 0.25, "sigma": 0.5, "scoreThreshold": 0.1}
        r.plain_case("softNms", [x, scores], soft_nms(x, scores, method, 0.25, 0.5, 0.1), options, "ties and boxes without area")
    r.reference = None


def anchors_of(sizes, ratios, image, grids):
    generator = AnchorGenerator(tuple(map(tuple, sizes)), tuple(map(tuple, ratios)))
    return generator(ImageList(torch.zeros(1, 3, *image), [image]), [torch.zeros(1, 1, *grid) for grid in grids])[0]


def anchors(r):
    for sizes, ratios, image, grids in (
        ([[32]], [[1.0]], (64, 64), [(4, 4)]),
        ([[16, 20.5, 25]], [[0.5, 1.0, 2.0]], (64, 96), [(8, 12)]),
        ([[8], [16], [32]], [[0.5, 1.0, 2.0]] * 3, (60, 50), [(15, 13), (8, 7), (4, 4)]),
        ([[5, 7, 9, 11], [13]], [[1.0], [0.25, 3.0]], (33, 17), [(5, 3), (1, 1)]),  # sides between two pixels
    ):
        options = {"sizes": sizes, "aspectRatios": ratios, "imageSize": image, "gridSizes": grids}
        r.plain_case("AnchorGenerator", [], [anchors_of(sizes, ratios, image, grids)], options)


def matching(r):
    for k, a in ((3, 10), (1, 8), (7, 40), (5, 1)):
        for high, low in ((0.5, 0.4), (0.7, 0.3), (0.5, 0.5)):
            for allow in (False, True):
                # Tenths tie often, and meet the thresholds; none is 0, where a stated difference lies.
                quality = (r.integers(1, 11, k, a).double() / 10).float()
                options = {"highThreshold": high, "lowThreshold": low, "allowLowQualityMatches": allow}
                r.plain_case("Matcher", [quality], [Matcher(high, low, allow)(quality)], options, "ties")


def coding(r):
    for weights in ((1.0, 1.0, 1.0, 1.0), (10.0, 10.0, 5.0, 5.0), (0.5, 2.0, 3.0, 1.0)):
        coder, options = BoxCoder(weights), {"weights": weights}
        x, anchor = boxes(r, 6), boxes(r, 6)
        r.plain_case("BoxCoder.encode", [x, anchor], [coder.encode_single(x.double(), anchor.double()).float()], options)
        for dtype in (torch.float32, torch.float64):
            r.case("BoxCoder.decode", coder.decode_single, [r.normal(5, 4, dtype=dtype), boxes(r, 5, dtype=dtype)], options)
    coder = BoxCoder((1.0, 1.0, 1.0, 1.0))
    far = torch.tensor([[0, 0, 4.0, 4.5], [0, 1, 9, -9], [-2, 0, 100, 0]])
    r.case("BoxCoder.decode", coder.decode_single, [far, boxes(r, 3)], {"weights": [1, 1, 1, 1]}, "limited")
    flat = whole(r, 5)
    r.case("BoxCoder.decode", coder.decode_single, [r.normal(5, 4), flat], {"weights": [1, 1, 1, 1]}, "anchors without area")
    empty = [torch.zeros(0, 4), torch.zeros(0, 4)]
    r.case("BoxCoder.decode", coder.decode_single, empty, {"weights": [1, 1, 1, 1]}, "none", grad=False)
    line = torch.tensor([[1.0, 1, 1, 3]])
    r.plain_case("BoxCoder.encode", [line, line + torch.tensor([0, 0, 2, 0])], [coder.encode_single(line, line + torch.tensor([0, 0, 2, 0]))], {}, "without width")


def targets(r):
    """What RetinaNet learns from an image: torchvision's IoU, matcher and coder, one after the other."""
    place = anchors_of([[6, 9]], [[0.5, 1.0, 2.0]], (24, 32), [(3, 4)])
    for k in (1, 2, 5):
        x, labels = boxes(r, k), r.integers(0, 10, k)
        matches = Matcher(0.5, 0.4, True)(ops.box_iou(x, place))
        offsets = BoxCoder((1.0, 1.0, 1.0, 1.0)).encode_single(x[matches.clamp(min=0)].double(), place.double()).float()
        wanted = torch.where(matches < 0, matches, labels[matches.clamp(min=0)].long())
        r.plain_case("encodeTargets", [x, labels, place], [wanted, offsets * (matches >= 0)[:, None]], {})


def record(r):
    simple(r)
    ious(r)
    suppression(r)
    soft(r)
    anchors(r)
    matching(r)
    coding(r)
    targets(r)
