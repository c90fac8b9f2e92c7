"""Blocks and networks since 2014, of torchvision where it has them, else of PyTorch's layers."""

import torch
from modules import module_case, state_case
from torch import nn
from torchvision.models.densenet import DenseNet, _DenseBlock, _DenseLayer, _Transition
from torchvision.models.detection._utils import BoxCoder
from torchvision.models.detection.retinanet import RetinaNetClassificationHead, RetinaNetRegressionHead
from torchvision.models.googlenet import BasicConv2d, GoogLeNet, Inception
from torchvision.models.mobilenetv2 import InvertedResidual, MobileNetV2
from torchvision.ops import FeaturePyramidNetwork, SqueezeExcitation
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


class UNetDown(nn.Module):
    def __init__(self, inputs, outputs):
        super().__init__()
        self.pool = nn.MaxPool2d(2)
        self.conv = double_conv(inputs, outputs)

    def forward(self, x):
        return self.conv(self.pool(x))


def double_conv(inputs, outputs):
    def half(inputs):
        conv = nn.Conv2d(inputs, outputs, 3, padding=1, bias=False)
        return nn.Sequential(conv, nn.BatchNorm2d(outputs), nn.ReLU())

    return nn.Sequential(half(inputs), half(outputs))


class UNetUp(nn.Module):
    def __init__(self, inputs, skipped, outputs, bilinear=False):
        super().__init__()
        self.up = nn.Upsample(scale_factor=2, mode="bilinear") if bilinear else nn.ConvTranspose2d(inputs, skipped, 2, 2)
        self.conv = double_conv(skipped + (inputs if bilinear else skipped), outputs)

    def forward(self, x, skip):
        x = self.up(x)
        padded = skip.new_zeros(x.shape[:2] + skip.shape[2:])
        padded[:, :, : x.shape[2], : x.shape[3]] = x
        return self.conv(torch.cat([skip, padded], 1))


class UNet(nn.Module):
    def __init__(self, channels, classes, width, depth):
        super().__init__()
        self.inc = double_conv(channels, width)
        self.down = nn.ModuleList(UNetDown(width << i, width << (i + 1)) for i in range(depth))
        self.up = nn.ModuleList(
            UNetUp(width << (i + 1), width << i, width << i) for i in reversed(range(depth))
        )
        self.outc = nn.Conv2d(width, classes, 1)

    def forward(self, x):
        seen = [self.inc(x)]
        for step in self.down:
            seen.append(step(seen[-1]))
        y = seen.pop()
        for step in self.up:
            y = step(y, seen.pop())
        return self.outc(y)


def narrow_googlenet():
    """torchvision's network with a sixteenth of its channels."""
    net = GoogLeNet(num_classes=3, aux_logits=False, init_weights=False, dropout=0)
    part = lambda channels: max(1, int(channels / 16 + 0.5))
    net.conv1 = BasicConv2d(3, part(64), kernel_size=7, stride=2, padding=3)
    net.conv2 = BasicConv2d(part(64), part(64), kernel_size=1)
    net.conv3 = BasicConv2d(part(64), part(192), kernel_size=3, padding=1)
    channels = part(192)
    for name, block in net.named_children():
        if not isinstance(block, Inception):
            continue
        sizes = [
            block.branch1.conv.out_channels,
            *(half.conv.out_channels for half in block.branch2),
            *(half.conv.out_channels for half in block.branch3),
            block.branch4[1].conv.out_channels,
        ]
        sizes = [part(size) for size in sizes]
        setattr(net, name, Inception(channels, *sizes))
        channels = sizes[0] + sizes[2] + sizes[4] + sizes[5]
    net.fc = nn.Linear(channels, 3)
    return net


class Pyramid(FeaturePyramidNetwork):
    def forward(self, *maps):
        return tuple(super().forward({str(i): x for i, x in enumerate(maps)}).values())


class Detector(nn.Module):
    """A backbone as chainrule has it, with torchvision's pyramid and its heads of one hidden layer."""

    def __init__(self, channels, classes, widths, width):
        super().__init__()
        stages = []
        for i, wide in enumerate(widths):
            before = widths[i - 1] if i else channels
            halved = Conv2dNormActivation(before, wide, stride=2)
            stages.append(nn.Sequential(halved, Conv2dNormActivation(wide, wide)) if i else nn.Sequential(halved))
        self.backbone = nn.ModuleList(stages)
        self.pyramid = Pyramid(widths[1:], width)
        self.classification_head = RetinaNetClassificationHead(width, 3, classes)
        self.regression_head = RetinaNetRegressionHead(width, 3)
        for head in (self.classification_head, self.regression_head):
            head.conv = head.conv[:1]

    def forward(self, x):
        maps = []
        for stage in self.backbone:
            x = stage(x)
            maps.append(x)
        maps = list(self.pyramid(*maps[1:]))
        return self.classification_head(maps), self.regression_head(maps)


def detection_losses(r):
    """torchvision's losses of its heads, from boxes that are matched already."""
    anchors = torch.tensor([[0, 0, 4, 4], [2, 0, 6, 4], [0, 4, 8, 8], [4, 4, 8, 8], [1, 1, 5, 9]])
    truth = torch.tensor([[[0, 0, 5, 4], [1, 3, 7, 8]], [[3, 3, 8, 9], [0, 0, 1, 1]]])
    of = torch.tensor([[2, 0], [1, 1]])
    matched = torch.tensor([[0, -2, 1, -1, -1], [-1, -1, -2, -1, -1]])
    cases = [("one without positives", matched), ("all positive", matched.abs() % 2), ("none counts", matched * 0 - 2)]
    for note, matches in cases:
        for dtype in (F32, F64):
            boxes = [truth[i][matches[i].clamp(min=0)].to(dtype) for i in range(2)]
            offsets = torch.stack([BoxCoder((1, 1, 1, 1)).encode_single(x, anchors.to(dtype)) for x in boxes])
            offsets = offsets * (matches >= 0)[..., None]
            labels = torch.stack([torch.where(m >= 0, of[i][m.clamp(min=0)], m) for i, m in enumerate(matches)])

            def loss(logits, found, _labels, _offsets):
                heads = RetinaNetClassificationHead(1, 1, 3), RetinaNetRegressionHead(1, 1)
                targets = [{"labels": of[i], "boxes": truth[i].to(logits.dtype)} for i in range(2)]
                outputs = {"cls_logits": logits, "bbox_regression": found}
                shown = heads[0].compute_loss(targets, outputs, list(matches))
                return shown + heads[1].compute_loss(targets, outputs, [anchors.to(logits.dtype)] * 2, list(matches))

            inputs = [r.normal(2, 5, 3, dtype=dtype), r.normal(2, 5, 4, dtype=dtype), labels.int(), offsets]
            r.case("detectionLoss", loss, inputs, note=note, grad=[0, 1])


def networks(r):
    def case(op, make, shape, options):
        if all(known["op"] != op for known in r.cases):
            state_case(r, op, make, options)  # the first, which the interpreter is fast with
        module_case(r, op, make, [r.normal(*shape, dtype=F64)], options, whole=True)

    dense = {"growthRate": 2, "blockConfig": [2, 1], "numInitFeatures": 4, "bnSize": 2, "numClasses": 3}

    def densenet(small):
        net = DenseNet(growth_rate=2, block_config=(2, 1), num_init_features=4, bn_size=2, num_classes=3)
        if small:
            del net.features.norm0, net.features.relu0, net.features.pool0
            net.features.conv0 = nn.Conv2d(1, 4, 3, padding=1, bias=False)
        return net

    case("DenseNet", lambda: densenet(False), (3, 3, 17, 19), dense)
    case("DenseNet", lambda: densenet(True), (3, 1, 6, 5), {**dense, "stem": "small", "inChannels": 1})

    setting = [[1, 4, 1, 1], [6, 6, 2, 2], [2, 8, 1, 1]]
    mobile = {"invertedResidualSetting": setting, "roundNearest": 2, "widthMult": 0.5, "dropout": 0, "numClasses": 3}

    def mobilenet(small):
        net = MobileNetV2(3, 0.5, setting, round_nearest=2, dropout=0)
        if small:
            net.features[0][0] = nn.Conv2d(1, 16, 3, padding=1, bias=False)
        return net

    case("MobileNetV2", lambda: mobilenet(False), (3, 3, 12, 10), mobile)
    case("MobileNetV2", lambda: mobilenet(True), (3, 1, 6, 5), {**mobile, "stem": "small", "inChannels": 1})

    options = {"widthMult": 1 / 16, "dropout": 0, "numClasses": 3}
    inputs = [r.normal(1, 3, 64, 64, dtype=F64)]
    state_case(r, "GoogLeNet", narrow_googlenet, options)
    module_case(r, "GoogLeNet", narrow_googlenet, inputs, options, whole=True, forward=True)

    r.reference = BY_LAYERS + " and torchvision's pyramid and heads"
    options = {"inChannels": 1, "numClasses": 2, "widths": [4, 6, 8], "pyramidChannels": 4}
    case("RetinaNet", lambda: Detector(1, 2, [4, 6, 8], 4), (2, 1, 17, 12), options)
    r.reference = BY_LAYERS
    for depth, shape in ((1, (2, 1, 6, 5)), (2, (2, 1, 7, 9))):
        options = {"inChannels": 1, "numClasses": 3, "width": 3, "depth": depth}
        case("UNet", lambda: UNet(1, 3, 3, depth), shape, options)
    r.reference = None


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

    for dtype in (F32, F64):
        maps = [r.normal(2, 2, 5, 6, dtype=dtype), r.normal(2, 3, 3, 3, dtype=dtype), r.normal(2, 4, 2, 2, dtype=dtype)]
        module_case(r, "FeaturePyramidNetwork", lambda: Pyramid([2, 3, 4], 3), maps)

    r.reference = BY_LAYERS
    cases(r, "DoubleConv", lambda: double_conv(3, 4), shape)
    cases(r, "UNetDown", lambda: UNetDown(3, 4), shape)
    for skip in ((2, 2, 6, 6), (2, 2, 7, 6), (2, 2, 7, 7)):
        for dtype in (F32, F64):
            inputs = [r.normal(2, 4, 3, 3, dtype=dtype), r.normal(*skip, dtype=dtype)]
            module_case(r, "UNetUp", lambda: UNetUp(4, 2, 3), inputs)
            if skip != (2, 2, 7, 6):
                module_case(r, "UNetUp", lambda: UNetUp(4, 2, 3, True), inputs, {"upsampling": "bilinear"})
    cases(r, "PatchEmbedding", lambda: PatchEmbedding(3, 4, 2), (2, 3, 4, 6))
    r.reference = None


def record(r):
    blocks(r)
    detection_losses(r)
    networks(r)
