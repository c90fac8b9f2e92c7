"""What gradients are after clipping, and their norm before."""

import itertools

import torch

F32, F64 = torch.float32, torch.float64
INF = float("inf")
SHAPES = [[(3,)], [(2, 3), (4,)], [(2, 2, 2), (1,), ()]]


def holders(grads):
    params = [torch.zeros_like(g).requires_grad_(True) for g in grads]
    for p, g in zip(params, grads):
        p.grad = g.clone()
    return params


def by_norm(max_norm, norm_type):
    def clip(*grads):
        params = holders(grads)
        total = torch.nn.utils.clip_grad_norm_(params, max_norm, norm_type)
        return (total, *(p.grad for p in params))

    return clip


def by_value(value):
    def clip(*grads):
        params = holders(grads)
        torch.nn.utils.clip_grad_value_(params, value)
        return tuple(p.grad for p in params)

    return clip


def record(r):
    cases = itertools.product([F32, F64], SHAPES, [0.5, 100.0], [2.0, 1.0, 3.0, 0.5, INF])
    for dtype, shapes, max_norm, norm_type in cases:
        grads = [r.normal(*shape, dtype=dtype) for shape in shapes]
        options = {"maxNorm": max_norm, "normType": norm_type}
        r.case("clipGradNorm", by_norm(max_norm, norm_type), grads, options, grad=False)
    for dtype, special in itertools.product([F32, F64], [[0.0, 0.0], [1e-20, 0.0], [float("nan"), 1.0], [INF, 1.0]]):
        for max_norm in (0.0, 1.0):
            grads = [torch.tensor(special, dtype=dtype), r.normal(2, dtype=dtype)]
            options = {"maxNorm": max_norm, "normType": 2.0}
            r.case("clipGradNorm", by_norm(max_norm, 2.0), grads, options, "edge", grad=False)
    for dtype, shapes, value in itertools.product([F32, F64], SHAPES, [0.0, 0.1, 1.0, 30.0, INF]):
        grads = [r.normal(*shape, dtype=dtype) for shape in shapes]
        r.case("clipGradValue", by_value(value), grads, {"value": value}, grad=False)
    for dtype, value in itertools.product([F32, F64], [0.5, 1e30]):
        grads = [torch.tensor([float("nan"), INF, -INF, 1e30, -0.0], dtype=dtype)]
        r.case("clipGradValue", by_value(value), grads, {"value": value}, "edge", grad=False)
