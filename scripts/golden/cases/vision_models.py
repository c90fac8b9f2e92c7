"""Residual and plain blocks, and the networks up to 2016: torchvision's where it has them, else PyTorch's layers."""

import torch
import torchvision
from modules import module_case, state_case
from torch import nn
from torchvision.models.resnet import BasicBlock, Bottleneck
from torchvision.models.vgg import VGG, cfgs, make_layers

MADE_WITH = ["torch", "torchvision"]
F32, F64 = torch.float32, torch.float64


class Zeros(nn.Module):
    """Option A of He et al. 2016: every stride-th pixel, channels of zeros after those of the input."""

    def __init__(self, more, stride):
        super().__init__()
        self.more, self.stride = more, stride

    def forward(self, x):
        x = x[:, :, :: self.stride, :: self.stride]
        return torch.cat([x, x.new_zeros(x.shape[0], self.more, *x.shape[2:])], 1)


class PlainBlock(BasicBlock):
    def forward(self, x):
        return self.relu(self.bn2(self.conv2(self.relu(self.bn1(self.conv1(x))))))


class PlainBottleneck(Bottleneck):
    def forward(self, x):
        hidden = self.relu(self.bn2(self.conv2(self.relu(self.bn1(self.conv1(x))))))
        return self.relu(self.bn3(self.conv3(hidden)))


class PreActBlock(nn.Module):
    """He et al. 2016, Identity mappings: normalisation and ReLU first, which a convolution that goes around shares."""

    expansion = 1

    def __init__(self, inputs, planes, stride=1, shortcut="convolution"):
        super().__init__()
        self.bn1 = nn.BatchNorm2d(inputs)
        self.conv1 = nn.Conv2d(inputs, planes, 3, stride, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(planes)
        self.conv2 = nn.Conv2d(planes, planes, 3, 1, 1, bias=False)
        self.kind = shortcut if inputs != planes or stride != 1 else "identity"
        if self.kind == "convolution":
            self.downsample = nn.Conv2d(inputs, planes, 1, stride, bias=False)
        if self.kind == "zeros":
            self.zeros = Zeros(planes - inputs, stride)

    def forward(self, x):
        active = self.bn1(x).relu()
        y = self.conv2(self.bn2(self.conv1(active)).relu())
        if self.kind == "convolution":
            return y + self.downsample(active)
        return y + (self.zeros(x) if self.kind == "zeros" else x)


def block(kind, inputs, planes, stride=1, shortcut="convolution"):
    """torchvision's block with what goes around it, or without."""
    if kind is PreActBlock:
        return PreActBlock(inputs, planes, stride, shortcut)
    if shortcut == "none":
        return {BasicBlock: PlainBlock, Bottleneck: PlainBottleneck}[kind](inputs, planes, stride)
    outputs = planes * kind.expansion
    around = None
    if stride != 1 or inputs != outputs:
        conv = nn.Sequential(nn.Conv2d(inputs, outputs, 1, stride, bias=False), nn.BatchNorm2d(outputs))
        around = Zeros(outputs - inputs, stride) if shortcut == "zeros" else conv
    return kind(inputs, planes, stride, around)


class Residual(nn.Module):
    """A residual network of any width: the stem, stages of blocks, mean, linear layer. He et al. 2016."""

    def __init__(self, kind, layers, classes=10, channels=3, stem="small", width=16, shortcut="zeros"):
        super().__init__()
        preact = kind is PreActBlock
        small = stem == "small"
        self.conv1 = nn.Conv2d(channels, width, 3 if small else 7, 1 if small else 2, 1 if small else 3, bias=False)
        if not preact:
            self.bn1 = nn.BatchNorm2d(width)
        self.maxpool = nn.Identity() if small else nn.MaxPool2d(3, 2, 1)
        inputs, planes = width, width
        for i, count in enumerate(layers):
            stage = []
            for k in range(count):
                stage.append(block(kind, inputs, planes, 2 if i > 0 and k == 0 else 1, shortcut))
                inputs = planes * kind.expansion
            setattr(self, f"layer{i + 1}", nn.Sequential(*stage))
            planes *= 2
        self.stages = len(layers)
        if preact:
            self.bn = nn.BatchNorm2d(inputs)
        self.fc = nn.Linear(inputs, classes)

    def forward(self, x):
        x = self.conv1(x)
        x = self.maxpool(self.bn1(x).relu() if hasattr(self, "bn1") else x)
        for i in range(self.stages):
            x = getattr(self, f"layer{i + 1}")(x)
        if hasattr(self, "bn"):
            x = self.bn(x).relu()
        return self.fc(x.mean((2, 3)))


class LeNet(nn.Module):
    def __init__(self, classes=10, channels=1, padding=2, activation=torch.tanh, pool=nn.AvgPool2d):
        super().__init__()
        self.conv1 = nn.Conv2d(channels, 6, 5, padding=padding)
        self.conv2 = nn.Conv2d(6, 16, 5)
        self.fc1 = nn.Linear(400, 120)
        self.fc2 = nn.Linear(120, 84)
        self.fc3 = nn.Linear(84, classes)
        self.activation, self.pool = activation, pool(2)

    def forward(self, x):
        x = self.pool(self.activation(self.conv1(x)))
        x = self.pool(self.activation(self.conv2(x))).flatten(1)
        return self.fc3(self.activation(self.fc2(self.activation(self.fc1(x)))))


def alexnet(width, hidden, small, channels=3):
    """torchvision's, narrower, or with the beginning and the pool for small pictures."""
    net = torchvision.models.AlexNet(num_classes=10, dropout=0.0)
    sizes = [channels, width, 3 * width, 6 * width, 4 * width, 4 * width]
    convs = [i for i, layer in enumerate(net.features) if isinstance(layer, nn.Conv2d)]
    for i, at in enumerate(convs):
        old = net.features[at]
        net.features[at] = nn.Conv2d(sizes[i], sizes[i + 1], old.kernel_size, old.stride, old.padding)
    side = 2 if small else 6
    if small:
        net.features[0] = nn.Conv2d(channels, width, 3, 1, 1)
        net.avgpool = nn.AdaptiveAvgPool2d(side)
    net.classifier[1] = nn.Linear(4 * width * side * side, hidden)
    net.classifier[4] = nn.Linear(hidden, hidden)
    net.classifier[6] = nn.Linear(hidden, 10)
    return net


CONFIGURATIONS = {"vgg11": "A", "vgg13": "B", "vgg16": "D", "vgg19": "E"}


def vgg(name, batch_norm, width, hidden, small):
    """torchvision's, narrower, or with the pools for small pictures."""
    cfg = [v if v == "M" else v * width // 64 for v in cfgs[CONFIGURATIONS[name]]]
    features = make_layers(cfg, batch_norm)
    side = 1 if small else 7
    net = VGG(features, num_classes=10, dropout=0.0)
    if small:
        for layer in features:
            if isinstance(layer, nn.MaxPool2d):
                layer.ceil_mode = True
        net.avgpool = nn.AdaptiveAvgPool2d(1)
    net.classifier[0] = nn.Linear(8 * width * side * side, hidden)
    net.classifier[3] = nn.Linear(hidden, hidden)
    net.classifier[6] = nn.Linear(hidden, 10)
    return net


BLOCKS = {"BasicBlock": BasicBlock, "Bottleneck": Bottleneck, "PreActBlock": PreActBlock}


def blocks(r):
    chosen = [
        ("BasicBlock", 4, 4, {}, (2, 6, 6)),
        ("BasicBlock", 3, 4, {}, (2, 5, 6)),
        ("BasicBlock", 4, 6, {"stride": 2}, (2, 6, 6)),
        ("BasicBlock", 4, 4, {"stride": 2}, (1, 5, 7)),
        ("BasicBlock", 4, 8, {"stride": 2, "shortcut": "zeros"}, (2, 6, 5)),
        ("BasicBlock", 3, 4, {"stride": 2, "shortcut": "none"}, (2, 6, 6)),
        ("BasicBlock", 4, 4, {"shortcut": "none"}, (2, 6, 6)),
        ("Bottleneck", 8, 2, {}, (2, 6, 6)),
        ("Bottleneck", 4, 2, {}, (2, 4, 4)),
        ("Bottleneck", 4, 2, {"stride": 2}, (2, 5, 6)),
        ("Bottleneck", 4, 3, {"stride": 2, "shortcut": "none"}, (2, 6, 6)),
        ("PreActBlock", 4, 4, {}, (2, 6, 6)),
        ("PreActBlock", 4, 6, {"stride": 2}, (2, 5, 6)),
        ("PreActBlock", 4, 8, {"stride": 2, "shortcut": "zeros"}, (2, 6, 6)),
    ]
    for op, inputs, channels, options, (n, h, w) in chosen:
        for dtype in (F32, F64):
            x = r.normal(n, inputs, h, w, dtype=dtype)
            given = {"inChannels": inputs, "channels": channels, **options}
            module_case(r, op, lambda: block(BLOCKS[op], inputs, channels, **options), [x], given)


def residual_networks(r):
    narrow = {"block": "Bottleneck", "layers": [3, 4, 6, 3], "width": 2, "numClasses": 10, "shortcut": "convolution"}
    made = lambda: Residual(Bottleneck, [3, 4, 6, 3], stem="imagenet", width=2, shortcut="convolution")
    state_case(r, "ResNet", made, narrow)
    state_case(r, "ResNet", lambda: torchvision.models.resnet18(num_classes=7), {"numClasses": 7})
    # Deeper ones are more of the same: their layers are counted in docs/models.md.
    picture = r.normal(1, 3, 64, 64, dtype=F64)
    known = lambda: torchvision.models.resnet18(num_classes=7)
    module_case(r, "ResNet", known, [picture], {"numClasses": 7}, whole=True, forward=True)
    for kind, layers, options, size in (
        ("BasicBlock", [1, 1, 1, 1], {"stem": "imagenet", "width": 2, "shortcut": "convolution"}, 36),
        ("BasicBlock", [2, 1, 1], {"stem": "small", "width": 3, "shortcut": "zeros"}, 12),
        ("BasicBlock", [1, 1, 1], {"stem": "small", "width": 3, "shortcut": "none"}, 12),
        ("Bottleneck", [1, 2, 1, 1], {"stem": "small", "width": 2, "shortcut": "convolution"}, 16),
    ):
        net = lambda: Residual(BLOCKS[kind], layers, channels=1, **options)
        given = {"block": kind, "layers": layers, "inChannels": 1, "numClasses": 10, **options}
        module_case(r, "ResNet", net, [r.normal(2, 1, size, size, dtype=F64)], given, whole=True, lr=1e-4)
    state_case(r, "PreActResNet", lambda: Residual(PreActBlock, [2] * 3, width=1), {"n": 2, "width": 1})
    for n, options in ((1, {"width": 4}), (2, {"width": 2, "shortcut": "convolution"})):
        net = lambda: Residual(PreActBlock, [n] * 3, **options)
        module_case(r, "PreActResNet", net, [r.normal(2, 3, 12, 12, dtype=F64)], {"n": n, **options}, whole=True)


def older_networks(r):
    state_case(r, "LeNet", LeNet)
    state_case(r, "AlexNet", lambda: alexnet(2, 8, False), {"width": 2, "hidden": 8, "numClasses": 10})
    given = {"model": "vgg11", "width": 1, "hidden": 2, "numClasses": 10}
    state_case(r, "VGG", lambda: vgg("vgg11", False, 1, 2, False), given)
    module_case(r, "LeNet", LeNet, [r.normal(2, 1, 28, 28, dtype=F64)], {}, whole=True)
    other = lambda: LeNet(5, 3, 0, torch.relu, nn.MaxPool2d)
    options = {"numClasses": 5, "inChannels": 3, "padding": 0, "relu": True, "pooling": "max"}
    module_case(r, "LeNet", other, [r.normal(2, 3, 32, 32, dtype=F64)], options, whole=True)
    for stem, size in (("imagenet", 63), ("small", 28), ("small", 33)):
        options = {"stem": stem, "width": 2, "hidden": 8}
        net = lambda: alexnet(2, 8, stem == "small")
        given = {**options, "numClasses": 10, "dropout": 0}
        module_case(r, "AlexNet", net, [r.normal(1, 3, size, size, dtype=F64)], given, whole=True, lr=1e-4)
    for name, norm, stem, size in (
        ("vgg11", False, "imagenet", 32),
        ("vgg11", False, "small", 28),
        ("vgg11", True, "small", 32),
        ("vgg13", True, "small", 28),
        ("vgg16", False, "imagenet", 33),
        ("vgg19", False, "small", 28),
    ):
        options = {"stem": stem, "width": 2, "hidden": 8, "dropout": 0, "numClasses": 10}
        net = lambda: vgg(name, norm, 2, 8, stem == "small")
        given = {"model": name + ("Bn" if norm else ""), **options}
        module_case(r, "VGG", net, [r.normal(4 if norm else 1, 3, size, size, dtype=F64)], given, whole=True, lr=1e-4)


def record(r):
    # Networks begin with a state dict: the first case of each also runs on the interpreter.
    blocks(r)
    residual_networks(r)
    older_networks(r)
