"""Scaled dot-product attention, as the documentation of torch.nn.functional.scaled_dot_product_attention defines it."""

import math

import torch

F32, F64 = torch.float32, torch.float64

# leading dimensions, L, S, E, Ev
SIZES = [((), 3, 3, 4, 4), ((2,), 5, 7, 3, 2), ((2, 3), 4, 4, 5, 5), ((), 34, 66, 4, 3), ((), 1, 6, 4, 4)]


def attention(q, k, v, mask=None, causal=False, scale=None):
    scores = q @ k.transpose(-2, -1) * (1 / math.sqrt(q.shape[-1]) if scale is None else scale)
    if causal:
        mask = torch.ones(scores.shape[-2:], dtype=torch.bool).tril()
    if mask is not None:
        scores = scores.masked_fill(~mask, -math.inf) if mask.dtype == torch.bool else scores + mask
    return torch.softmax(scores, -1) @ v


def record(r):
    for dtype in (F32, F64):
        for batch, L, S, E, Ev in SIZES:
            tensors = [r.normal(*batch, *shape, dtype=dtype) for shape in [(L, E), (S, E), (S, Ev)]]
            sees = r.integers(0, 2, L, S) == 1
            sees[:, S // 2] = True  # every query sees some key
            cases = [
                ({}, [], ""),
                ({"isCausal": True}, [], ""),
                ({"scale": 0.7}, [], ""),
                ({}, [sees], "a bool mask"),
                ({}, [r.normal(L, S, dtype=dtype)], "a float mask"),
                ({}, [sees[:1]], "a mask of keys"),
            ]
            for options, mask, note in cases:
                causal, scale = options.get("isCausal", False), options.get("scale")
                r.case(
                    "scaledDotProductAttention",
                    lambda q, k, v, m=None, causal=causal, scale=scale: attention(q, k, v, m, causal, scale),
                    tensors + mask,
                    options,
                    note,
                )
