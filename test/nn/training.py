"""Prints what training.test.ts expects: ten steps in float64, with PyTorch (1.13.1 made the numbers).

    /usr/bin/python3 test/nn/training.py
"""

import math

import torch
from torch import nn
from torch.nn import functional as F

torch.set_default_dtype(torch.float64)
torch.manual_seed(0)


def wave(shape, phase, scale):
    """Numbers that both languages can compute: scale · sin(1.7 i + phase)."""
    n = math.prod(shape)
    return torch.tensor([scale * math.sin(1.7 * i + phase) for i in range(n)]).reshape(shape)


def perceptron():
    return nn.Sequential(nn.Linear(6, 8), nn.Tanh(), nn.Linear(8, 8), nn.Sigmoid(), nn.Linear(8, 3)), (5, 6)


def network():
    return (
        nn.Sequential(
            nn.Conv2d(2, 4, 3, padding=1),
            nn.BatchNorm2d(4),
            nn.ReLU(),
            nn.MaxPool2d(2),
            nn.Conv2d(4, 6, 3, stride=2, padding=1, groups=2, bias=False),
            nn.BatchNorm2d(6, momentum=0.3),
            nn.ReLU(),
            nn.AvgPool2d(2),
            nn.Flatten(),
            nn.LayerNorm(6),
            nn.Linear(6, 3),
        ),
        (5, 2, 8, 8),
    )


OPTIMIZERS = {
    "sgd": lambda p: torch.optim.SGD(p, lr=0.1, momentum=0.9, nesterov=True, weight_decay=0.01),
    "adam": lambda p: torch.optim.Adam(p, lr=0.02),
    "adamw": lambda p: torch.optim.AdamW(p, lr=0.02, weight_decay=0.1, amsgrad=True),
}

for make in (perceptron, network):
    for name, optimizer in OPTIMIZERS.items():
        model, shape = make()
        for i, parameter in enumerate(model.parameters()):
            parameter.data = wave(parameter.shape, i, 0.5)
        steps = optimizer(model.parameters())
        losses = []
        for step in range(10):
            x = wave(shape, step, 1.0)
            target = torch.tensor([(step + i) % 3 for i in range(5)])
            loss = F.cross_entropy(model(x), target)
            loss.backward()
            steps.step()
            steps.zero_grad()
            losses.append(loss.item())
        sums = {key: value.sum().item() for key, value in model.state_dict().items()}
        model.eval()
        output = model(wave(shape, 99, 1.0))[0].tolist()
        print(f"  {{\n    experiment: {make.__name__},\n    optimizer: \"{name}\",\n    losses: {losses},")
        print("    sums: {" + ", ".join(f'"{k}": {v}' for k, v in sums.items()) + "},")
        print(f"    output: {output},\n  }},")
