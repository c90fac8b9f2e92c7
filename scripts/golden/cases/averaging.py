"""Averages of a weight and a buffer after each update, from what they are at each."""

import itertools

import torch
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn, get_swa_avg_fn

TORCH = 2


class Model(torch.nn.Module):
    def __init__(self, weight, buffer):
        super().__init__()
        self.weight = torch.nn.Parameter(weight.clone())
        self.register_buffer("buffer", buffer.clone())


def averages(weights, buffers, settings):
    model = Model(weights[0] + 1, buffers[0])
    averaged = AveragedModel(model, **settings)
    seen = []
    for weight, buffer in zip(weights, buffers):
        with torch.no_grad():
            model.weight.copy_(weight)
            model.buffer.copy_(buffer)
        averaged.update_parameters(model)
        seen.append((averaged.module.weight.detach().clone(), averaged.module.buffer.clone()))
    return [torch.stack(kept) for kept in zip(*seen)]


def record(r):
    floats, ints = (torch.float32, torch.float64), torch.int32
    decays = [None, 0.0, 0.5, 0.99, 1.0]
    for dtype, decay, use_buffers, steps in itertools.product(floats, decays, [False, True], [1, 6]):
        weights, buffers = r.normal(steps, 2, 3, dtype=dtype), r.normal(steps, 4, dtype=dtype)
        options = {"useBuffers": use_buffers, **({} if decay is None else {"decay": decay})}
        settings = {"use_buffers": use_buffers}
        if decay is not None:
            settings["multi_avg_fn"] = get_ema_multi_avg_fn(decay)
        r.plain_case("AveragedModel", [weights, buffers], averages(weights, buffers, settings), options)
    for decay in (None, 0.5):
        weights, buffers = r.normal(5, 2, dtype=torch.float64), r.integers(-9, 10, 5, 3)
        options = {"useBuffers": True, **({} if decay is None else {"decay": decay})}
        settings = {"use_buffers": True, "avg_fn": get_swa_avg_fn()}
        if decay is not None:
            settings = {"use_buffers": True, "multi_avg_fn": get_ema_multi_avg_fn(decay)}
        r.plain_case("AveragedModel", [weights, buffers], averages(weights, buffers, settings), options, "integers")
