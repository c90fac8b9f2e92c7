"""torchvision's vision transformer."""

import torch
from modules import module_case
from torchvision.models.vision_transformer import VisionTransformer

MADE_WITH = ["torch", "torchvision"]


def record(r):
    sizes = {"imageSize": 4, "patchSize": 2, "numLayers": 2, "numHeads": 2, "hiddenDim": 4, "mlpDim": 6, "numClasses": 3}
    for options in ({}, {"representationSize": 5}):
        made = lambda: VisionTransformer(4, 2, 2, 2, 4, 6, num_classes=3, representation_size=options.get("representationSize"))
        for dtype in (torch.float64,) if options else (torch.float32, torch.float64):
            module_case(r, "VisionTransformer", made, [r.normal(2, 3, 4, 4, dtype=dtype)], {**sizes, **options})
