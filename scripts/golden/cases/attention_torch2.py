"""What PyTorch's attention has since version 2."""

import torch
from cases.attention_layers import calling, hiding, later
from modules import module_case
from torch import nn
from torch.nn.functional import scaled_dot_product_attention

TORCH = 2
F32, F64 = torch.float32, torch.float64


def attention(r, shapes, mask, options, note, grad=True):
    given = {"is_causal": options.get("isCausal", False), "scale": options.get("scale")}
    given["enable_gqa"] = options.get("enableGqa", False)
    call = lambda q, k, v, m=None: scaled_dot_product_attention(q, k, v, attn_mask=m, **given)
    for dtype in (F32, F64):
        tensors = [r.normal(*shape, dtype=dtype) for shape in shapes]
        masks = [] if mask is None else [mask.to(dtype) if mask.is_floating_point() else mask]
        r.case("scaledDotProductAttention", call, [*tensors, *masks], options, note, grad)


def record(r):
    N, H, L, S, E = 2, 4, 3, 5, 4
    plain = [(N, H, L, E), (N, H, S, E), (N, H, S, 3)]
    grouped = [(N, H, L, E), (N, 2, S, E), (N, 2, S, 3)]
    one = [(N, H, L, E), (N, 1, S, E), (N, 1, S, E)]
    rows = ~hiding([False] * 5, [True] * 5, [False, True, False, True, True])
    keys = (r.integers(0, 2, N, 1, 1, S) == 1) | (torch.arange(S) == 1)
    for options in ({}, {"isCausal": True}, {"scale": 0.3}):
        attention(r, plain, None, options, "")
        attention(r, grouped, None, {"enableGqa": True, **options}, "")
    attention(r, one, None, {"enableGqa": True}, "one head of keys")
    for shapes, options in ((plain, {}), (grouped, {"enableGqa": True})):
        attention(r, shapes, rows, options, "a row that sees nothing")
        attention(r, shapes, keys, options, "padding")
        attention(r, shapes, r.normal(H, L, S, dtype=F64), options, "each head's mask")
    attention(r, [(N, 0, E), (N, S, E), (N, S, E)], None, {}, "no query", False)
    bias = {"dModel": 4, "nhead": 2, "dimFeedforward": 6, "dropout": 0, "bias": False}
    named = {"d_model": 4, "nhead": 2, "dim_feedforward": 6, "dropout": 0, "bias": False}
    for first in (False, True):
        encoder = lambda: calling(nn.TransformerEncoderLayer(**named, norm_first=first), 1, [], {"src_mask": later(3)})
        options = {**bias, "normFirst": first, "isCausal": True, "sources": 1, "masks": []}
        module_case(r, "TransformerEncoderLayer", encoder, [r.normal(3, 2, 4, dtype=F64)], options)
        decoder = lambda: nn.TransformerDecoderLayer(**named, norm_first=first)
        options = {**bias, "normFirst": first, "sources": 2, "masks": []}
        sources = [r.normal(3, 2, 4, dtype=F64), r.normal(5, 2, 4, dtype=F64)]
        module_case(r, "TransformerDecoderLayer", decoder, sources, options)
