"""Initialisations that are not random, gains, and the distributions of the others, as their extent."""

import math

import torch
from torch.nn import init

F32, F64 = torch.float32, torch.float64


def record(r):
    for name, torch_name in [
        ("linear", "linear"),
        ("linear", "conv2d"),
        ("sigmoid", "sigmoid"),
        ("tanh", "tanh"),
        ("relu", "relu"),
        ("leakyRelu", "leaky_relu"),
        ("selu", "selu"),
    ]:
        gain = torch.tensor(init.calculate_gain(torch_name), dtype=F64)
        r.plain_case("init.calculateGain", [], [gain], {"nonlinearity": name}, note=torch_name)
    for slope in (0.0, 0.01, 0.2, 1.0, -0.5, math.sqrt(5)):
        gain = torch.tensor(init.calculate_gain("leaky_relu", slope), dtype=F64)
        r.plain_case("init.calculateGain", [], [gain], {"nonlinearity": "leakyRelu", "slope": slope})
    for dtype in (F32, F64):
        for shape in [(3,), (2, 3), (2, 0)]:
            x = torch.zeros(shape, dtype=dtype)
            for value in (0.3, -2.0):
                f = lambda x: init.constant_(x.clone(), value)
                r.case("init.constant", f, [x], {"value": value}, grad=False)
            r.case("init.ones", lambda x: init.ones_(x.clone()), [x], grad=False)
            r.case("init.zeros", lambda x: init.zeros_(x.clone()), [x + 1], grad=False)
        for shape in [(3, 3), (2, 4), (4, 2), (1, 1)]:
            r.case("init.eye", lambda x: init.eye_(x.clone()), [torch.ones(shape, dtype=dtype)], grad=False)
        for shape in [(2, 2, 3), (4, 2, 3), (2, 4, 1), (3, 2, 3, 3), (4, 4, 2, 3), (2, 3, 4), (2, 2, 3, 2, 3)]:
            for groups in (1, 2):
                if shape[0] % groups:
                    continue
                f = lambda x: init.dirac_(x.clone(), groups)
                r.case("init.dirac", f, [torch.ones(shape, dtype=dtype)], {"groups": groups}, grad=False)
    # How far the others reach: the bound of a uniform one, the standard deviation of a normal one.
    for shape in [(30, 50), (8, 6, 3), (16, 4, 3, 5), (4, 3, 3, 2, 4)]:
        fan_in, fan_out = init._calculate_fan_in_and_fan_out(torch.zeros(shape))
        for gain in (1.0, 2.5):
            std = gain * math.sqrt(2 / (fan_in + fan_out))
            extent(r, "init.xavierUniform", shape, std * math.sqrt(3), {"gain": gain})
            extent(r, "init.xavierNormal", shape, std, {"gain": gain})
        for mode, fan in (("fanIn", fan_in), ("fanOut", fan_out)):
            for name, torch_name, a in (("relu", "relu", 0), ("leakyRelu", "leaky_relu", 0.3), ("tanh", "tanh", 0)):
                std = init.calculate_gain(torch_name, a) / math.sqrt(fan)
                options = {"a": a, "mode": mode, "nonlinearity": name}
                extent(r, "init.kaimingUniform", shape, std * math.sqrt(3), options)
                extent(r, "init.kaimingNormal", shape, std, options)


def extent(r, op, shape, value, options):
    """The adapter divides what it draws by that of a reference draw, so that what is left is the extent."""
    r.plain_case(op, [], [torch.tensor(value, dtype=F64)], {"shape": list(shape), **options})
