"""
GPT, put together from PyTorch's layers after Radford et al. 2019, with rotary positions, ALiBi and shared keys after their
papers; and a language model of PyTorch's LSTM.
"""

import math

import torch
import torch.nn.functional as F
from modules import module_case
from torch import nn

F32, F64 = torch.float32, torch.float64
WORDS, CONTEXT, WIDTH, HEADS = 7, 6, 8, 4
D = WIDTH // HEADS


class RMSNorm(nn.Module):
    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(WIDTH))

    def forward(self, x):
        return x / (x.square().mean(-1, keepdim=True) + 1e-5).sqrt() * self.weight


class Table(nn.Module):
    """A learned vector for each position."""

    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(CONTEXT, WIDTH))

    def forward(self, x):
        return x + self.weight[: x.shape[1]]


def turned(x):
    """Features i and i + D/2 turned by t · 10000^(−2i/D)."""
    angles = torch.arange(x.shape[-2])[:, None] / 10000 ** (torch.arange(0, D, 2) / D)
    cos, sin = angles.cos().to(x.dtype), angles.sin().to(x.dtype)
    a, b = x.chunk(2, -1)
    return torch.cat([a * cos - b * sin, b * cos + a * sin], -1)


class Attention(nn.Module):
    def __init__(self, kvHeads, positions, bias):
        super().__init__()
        self.shared, self.positions = kvHeads, positions
        self.c_attn = nn.Linear(WIDTH, (HEADS + 2 * kvHeads) * D, bias=bias)
        self.c_proj = nn.Linear(WIDTH, WIDTH, bias=bias)

    def forward(self, x):
        B, L, _ = x.shape
        parts = self.c_attn(x).split([WIDTH, self.shared * D, self.shared * D], 2)
        q, k, v = (part.reshape(B, L, -1, D).transpose(1, 2) for part in parts)
        if self.positions == "rotary":
            q, k = turned(q), turned(k)
        k, v = (part.repeat_interleave(HEADS // self.shared, 1) for part in (k, v))
        scores = q @ k.transpose(2, 3) / math.sqrt(D)
        if self.positions == "alibi":
            slopes = 2.0 ** (-8 * torch.arange(1, HEADS + 1) / HEADS)
            distance = torch.arange(L)[:, None] - torch.arange(L)
            scores = scores - (slopes[:, None, None] * distance).to(x.dtype)
        later = torch.ones(L, L, dtype=torch.bool).triu(1)
        weights = scores.masked_fill(later, -math.inf).softmax(-1)
        return self.c_proj((weights @ v).transpose(1, 2).reshape(B, L, WIDTH))


class FeedForward(nn.Module):
    def __init__(self, bias):
        super().__init__()
        self.c_fc = nn.Linear(WIDTH, 4 * WIDTH, bias=bias)
        self.c_proj = nn.Linear(4 * WIDTH, WIDTH, bias=bias)

    def forward(self, x):
        return self.c_proj(F.gelu(self.c_fc(x), approximate="tanh"))


class Block(nn.Module):
    def __init__(self, norm, kvHeads, positions, bias):
        super().__init__()
        self.ln_1 = norm()
        self.attn = Attention(kvHeads, positions, bias)
        self.ln_2 = norm()
        self.mlp = FeedForward(bias)

    def forward(self, x):
        x = x + self.attn(self.ln_1(x))
        return x + self.mlp(self.ln_2(x))


class GPT(nn.Module):
    def __init__(self, depth=1, kvHeads=HEADS, positions="learned", norm="layer", bias=True, tied=True):
        super().__init__()
        make = RMSNorm if norm == "rms" else lambda: nn.LayerNorm(WIDTH)
        self.wte = nn.Embedding(WORDS, WIDTH)
        self.wpe = Table() if positions == "learned" else nn.Identity()
        self.h = nn.ModuleList(Block(make, kvHeads, positions, bias) for _ in range(depth))
        self.ln_f = make()
        self.lm_head = nn.Linear(WIDTH, WORDS, bias=False)
        if tied:
            self.lm_head.weight = self.wte.weight

    def forward(self, tokens):
        x = self.wpe(self.wte(tokens.long()))
        for block in self.h:
            x = block(x)
        return self.lm_head(self.ln_f(x))


class LSTM(nn.Module):
    def __init__(self, depth):
        super().__init__()
        self.embed = nn.Embedding(WORDS, 3)
        self.lstm = nn.LSTM(3, 4, depth, batch_first=True)
        self.head = nn.Linear(4, WORDS)

    def forward(self, tokens, *state):
        output, (h, c) = self.lstm(self.embed(tokens.long()), state or None)
        return self.head(output), h, c


def record(r):
    sizes = {"vocabSize": WORDS, "contextLength": CONTEXT, "width": WIDTH, "heads": HEADS}
    tokens = r.integers(0, WORDS, 2, 5)
    for options, dtype in (
        ({}, F32),
        ({"depth": 2}, F64),
        ({"tied": False, "kvHeads": 2}, F64),
        ({"positions": "alibi", "kvHeads": 2}, F64),
        ({"positions": "rotary", "norm": "rms", "bias": False, "kvHeads": 1}, F32),
    ):
        full = {"depth": 1, **options}
        r.reference = "the papers' formulas, in PyTorch's tensors" if "kvHeads" in options else None
        module_case(r, "GPT", lambda: GPT(**full), [tokens], {**sizes, **full}, lr=0.001, dtype=dtype)
    r.reference = None
    module_case(r, "GPT", lambda: GPT(), [tokens[:1, :1]], {**sizes, "depth": 1}, "one token", lr=0.001, dtype=F64)
    sizes = {"vocabSize": WORDS, "width": 3, "hiddenSize": 4}
    for depth, dtype, goes_on in ((1, F32, False), (1, F64, False), (2, F64, True)):
        state = [r.normal(depth, 2, 4, dtype=dtype) for _ in range(2)] if goes_on else []
        module_case(r, "LSTMLanguageModel", lambda: LSTM(depth), [tokens, *state], {**sizes, "depth": depth}, dtype=dtype)
