"""BERT, put together from PyTorch's layers after Devlin et al. 2019."""

import math

import torch
import torch.nn.functional as F
from modules import module_case
from torch import nn

F32, F64 = torch.float32, torch.float64
WORDS, CONTEXT, WIDTH, HEADS, SEGMENTS, CLASSES = 7, 6, 8, 2, 2, 3
EPS = 1e-12


class Layer(nn.Module):
    """PyTorch's parameters and names; its own layer hides what it does in evaluation."""

    def __init__(self):
        super().__init__()
        self.self_attn = nn.MultiheadAttention(WIDTH, HEADS, batch_first=True)
        self.linear1 = nn.Linear(WIDTH, 4 * WIDTH)
        self.linear2 = nn.Linear(4 * WIDTH, WIDTH)
        self.norm1 = nn.LayerNorm(WIDTH, eps=EPS)
        self.norm2 = nn.LayerNorm(WIDTH, eps=EPS)

    def forward(self, x, hidden):
        x = self.norm1(x + self.self_attn(x, x, x, key_padding_mask=hidden, need_weights=False)[0])
        return self.norm2(x + self.linear2(F.gelu(self.linear1(x))))


class BERT(nn.Module):
    def __init__(self, depth):
        super().__init__()
        self.embeddings = nn.ModuleDict(
            {
                "word_embeddings": nn.Embedding(WORDS, WIDTH),
                "position_embeddings": nn.Embedding(CONTEXT, WIDTH),
                "token_type_embeddings": nn.Embedding(SEGMENTS, WIDTH),
                "LayerNorm": nn.LayerNorm(WIDTH, eps=EPS),
            }
        )
        self.encoder = nn.ModuleDict({"layers": nn.ModuleList(Layer() for _ in range(depth))})

    def forward(self, tokens, segments=None, mask=None):
        table = self.embeddings
        segments = torch.zeros_like(tokens) if segments is None else segments
        x = table["word_embeddings"](tokens.long()) + table["token_type_embeddings"](segments.long())
        x = table["LayerNorm"](x + table["position_embeddings"](torch.arange(tokens.shape[1])))
        hidden = torch.zeros(tokens.shape, dtype=x.dtype)
        if mask is not None:
            hidden = hidden.masked_fill(~mask, -math.inf)
        for layer in self.encoder["layers"]:
            x = layer(x, hidden)
        return x


class BERTMaskedLM(nn.Module):
    def __init__(self, depth):
        super().__init__()
        self.bert = BERT(depth)
        transform = nn.ModuleDict({"dense": nn.Linear(WIDTH, WIDTH), "LayerNorm": nn.LayerNorm(WIDTH, eps=EPS)})
        decoder = nn.Linear(WIDTH, WORDS)
        decoder.weight = self.bert.embeddings["word_embeddings"].weight
        self.cls = nn.ModuleDict({"predictions": nn.ModuleDict({"transform": transform, "decoder": decoder})})

    def forward(self, *inputs):
        head = self.cls["predictions"]
        transform = head["transform"]
        return head["decoder"](transform["LayerNorm"](F.gelu(transform["dense"](self.bert(*inputs)))))


class BERTClassifier(nn.Module):
    def __init__(self, depth):
        super().__init__()
        self.bert = BERT(depth)
        self.pooler = nn.ModuleDict({"dense": nn.Linear(WIDTH, WIDTH)})
        self.classifier = nn.Linear(WIDTH, CLASSES)

    def forward(self, *inputs):
        return self.classifier(self.pooler["dense"](self.bert(*inputs)[:, 0]).tanh())


def record(r):
    sizes = {"vocabSize": WORDS, "contextLength": CONTEXT, "width": WIDTH, "heads": HEADS, "segments": SEGMENTS}
    tokens = r.integers(0, WORDS, 2, 5)
    segments = torch.tensor([[0, 0, 1, 1, 1], [0, 1, 1, 0, 0]], dtype=torch.int32)
    mask = torch.tensor([[True] * 5, [True] * 3 + [False] * 2])
    for make, depth, inputs, dtype in (
        (BERT, 1, [tokens], F32),
        (BERT, 2, [tokens, segments, mask], F64),
        (BERTMaskedLM, 1, [tokens, segments, mask], F32),
        (BERTMaskedLM, 1, [tokens], F64),
        (BERTClassifier, 1, [tokens, segments, mask], F64),
    ):
        module_case(r, make.__name__, lambda: make(depth), inputs, {**sizes, "depth": depth}, dtype=dtype)
