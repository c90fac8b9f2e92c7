"""Blocks and networks since 2014, of torchvision where it has them, else of PyTorch's layers."""

import torch
from modules import module_case
from torch import nn
from torchvision.models.densenet import _DenseBlock, _DenseLayer, _Transition
from torchvision.models.googlenet import BasicConv2d, Inception
from torchvision.models.mobilenetv2 import InvertedResidual
from torchvision.ops import SqueezeExcitation
from torchvision.ops.misc import Conv2dNormActivation

MADE_WITH = ["torch", "torchvision"]
F32, F64 = torch.float32, torch.float64
BY_LAYERS = "the paper's structure, of PyTorch's layers"


def cases(r, op, make, shape, options=None, note=""):
    for dtype in (F32, F64):
        module_case(r, op, make, [r.normal(*shape, dtype=dtype)], options or {}, note)


class Hardsigmoid(nn.Module):
    """PyTorch's own takes a sixth in float32, in float64 too."""

    def forward(self, x):
        return (x + 3).clamp(0, 6) / 6


class Hardswish(Hardsigmoid):
    def forward(self, x):
        return x * super().forward(x)


def squeezed(inverted, squeeze):
    """MobileNetV2's block with MobileNetV3's squeeze-and-excitation after the depthwise convolution."""
    inner = inverted.conv[-2].in_channels
    layers = list(inverted.conv)
    layers.insert(-2, SqueezeExcitation(inner, squeeze, scale_activation=Hardsigmoid))
    inverted.conv = nn.Sequential(*layers)
    return inverted


class PatchEmbedding(nn.Module):
    def __init__(self, channels, width, size):
        super().__init__()
        self.conv_proj = nn.Conv2d(channels, width, size, stride=size)

    def forward(self, x):
        n, c, h, w = x.shape
        tokens = self.conv_proj(x)
        return tokens.reshape(n, tokens.shape[1], -1).permute(0, 2, 1)


def blocks(r):
    shape = (2, 3, 6, 5)
    for kernel, options in ((3, {}), (1, {}), (3, {"stride": 2, "dilation": 2}), (2, {"padding": 0, "bias": True})):
        make = lambda: Conv2dNormActivation(3, 4, kernel, **options)
        cases(r, "Conv2dNormActivation", make, shape, {"kernelSize": kernel, **options})

    plain = lambda: Conv2dNormActivation(3, 4, norm_layer=None, activation_layer=nn.SiLU)
    cases(r, "Conv2dNormActivation", plain, shape, {"kernelSize": 3, "norm": None, "activation": "SiLU"})

    cases(r, "SqueezeExcitation", lambda: SqueezeExcitation(4, 2), (2, 4, 5, 3))
    hard = lambda: SqueezeExcitation(4, 2, Hardswish, Hardsigmoid)
    cases(r, "SqueezeExcitation", hard, (2, 4, 5, 3), {"activation": "Hardswish", "scaleActivation": "Hardsigmoid"})

    for inputs, outputs, stride, ratio in ((4, 4, 1, 2), (4, 6, 1, 2), (4, 4, 2, 3), (4, 4, 1, 1), (4, 4, 1, 1.5)):
        options = {"inChannels": inputs, "outChannels": outputs, "stride": stride, "expandRatio": ratio}
        make = lambda: InvertedResidual(inputs, outputs, stride, ratio)
        cases(r, "InvertedResidual", make, (2, inputs, 5, 6), options)
    options = {"inChannels": 4, "outChannels": 4, "expandRatio": 3, "squeezeExcitation": True}
    cases(r, "InvertedResidual", lambda: squeezed(InvertedResidual(4, 4, 1, 3), 8), (2, 4, 5, 6), options)

    for stride in (1, 2):
        separable = lambda: nn.Sequential(
            Conv2dNormActivation(3, 3, stride=stride, groups=3), Conv2dNormActivation(3, 4, 1)
        )
        cases(r, "DepthwiseSeparable", separable, shape, {"stride": stride})

    dense = lambda: _DenseLayer(3, growth_rate=2, bn_size=2, drop_rate=0)
    cases(r, "DenseLayer", dense, (2, 3, 4, 5))
    for layers in (1, 3):
        block = lambda: _DenseBlock(layers, 3, bn_size=2, growth_rate=2, drop_rate=0)
        cases(r, "DenseBlock", block, (2, 3, 4, 5), {"numLayers": layers})
    cases(r, "Transition", lambda: _Transition(4, 2), (2, 4, 5, 6))

    cases(r, "BasicConv2d", lambda: BasicConv2d(3, 4, kernel_size=3, stride=2, padding=1), shape)
    cases(r, "Inception", lambda: Inception(3, 2, 2, 3, 2, 2, 2), shape)

    def paper():
        block = Inception(3, 2, 2, 3, 2, 2, 2)
        block.branch3[1].conv = nn.Conv2d(2, 2, 5, padding=2, bias=False)
        return block

    cases(r, "Inception", paper, shape, {"kernelSize5x5": 5})

    r.reference = BY_LAYERS
    cases(r, "PatchEmbedding", lambda: PatchEmbedding(3, 4, 2), (2, 3, 4, 6))
    r.reference = None


def record(r):
    blocks(r)
