"""Runs a case in PyTorch, forward and backward, and keeps what went in and what came out."""

import json
import math
import zlib

import torch

NAMES = {torch.float32: "f32", torch.float64: "f64", torch.int32: "i32", torch.uint8: "u8", torch.bool: "bool"}

# Tolerances of torch.testing.assert_close for float32: half of them decides whether rounding dominates.
RTOL, ATOL = 1.3e-6, 1e-5


def u32(x):
    """Marks an int64 tensor as unsigned 32-bit words, which PyTorch 1.13 lacks."""
    x.is_u32 = True
    return x


def is_float(x):
    return x.dtype in (torch.float32, torch.float64)


def as_tuple(x):
    return tuple(x) if isinstance(x, (tuple, list)) else (x,)


def plain(value):
    """Options as JSON: infinities and NaN become strings, since JSON has no numbers for them."""
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    return value


def dtype_name(x):
    return "u32" if getattr(x, "is_u32", False) else NAMES.get(x.dtype, "i32")


def describe(inputs, options):
    tensors = " ".join(f"{dtype_name(x)}({','.join(map(str, x.shape))})" for x in inputs)
    chosen = " ".join(f"{key}={json.dumps(plain(value), separators=(',', ':'))}" for key, value in options.items())
    return f"{tensors} {chosen}".strip()


def settle(single, double):
    """The float32 result, except the elements where its rounding is not negligible: those come from float64."""
    if single.dtype != torch.float32:
        return single
    error = (single.double() - double.double()).abs()
    bad = torch.isfinite(error) & (error > (ATOL + RTOL * double.abs()) / 2)
    if bool((error[torch.isfinite(error)] > 1e-2 * (1 + double.abs()[torch.isfinite(error)])).any()):
        raise AssertionError("float32 and float64 disagree: the case sits on a discontinuity")
    return torch.where(bad, double.float(), single)


class Recorder:
    """Collects the cases of one group: an index for JSON and the bytes that it points into."""

    def __init__(self, group):
        self.group = group
        # What the next cases come from, where it is no library: "Hinton 2012, in NumPy". The docs' table shows it.
        self.reference = None
        self.cases = []
        self.blob = bytearray()
        self.offsets = {}
        self.names = {}
        self.inputs = torch.Generator().manual_seed(zlib.crc32(group.encode()))
        self.cotangents = torch.Generator().manual_seed(zlib.crc32(group.encode()) ^ 1)

    # Seeded values.

    def normal(self, *shape, dtype=torch.float32, scale=1.0):
        return (torch.randn(shape, generator=self.inputs, dtype=torch.float64) * scale).to(dtype)

    def uniform(self, low, high, *shape, dtype=torch.float32):
        return (torch.rand(shape, generator=self.inputs, dtype=torch.float64) * (high - low) + low).to(dtype)

    def integers(self, low, high, *shape, dtype=torch.int32):
        return torch.randint(low, high, shape, generator=self.inputs).to(dtype)

    def distinct(self, *shape, dtype=torch.float32, gap=0.25):
        """Values without ties, in random order."""
        n = math.prod(shape)
        order = torch.randperm(n, generator=self.inputs).double()
        return ((order - n / 2) * gap).reshape(shape).to(dtype)

    def values(self, *shape, dtype=torch.float32):
        """Whatever suits the dtype."""
        if dtype == torch.bool:
            return self.integers(0, 2, *shape).bool()
        if dtype == torch.uint8:
            return self.integers(0, 11, *shape, dtype=dtype)
        if dtype == torch.int32:
            return self.integers(-9, 10, *shape)
        return self.normal(*shape, dtype=dtype)

    # Storage.

    def put(self, x):
        """[dtype, shape, offset]; equal bytes are stored once."""
        name = dtype_name(x)
        shape = list(x.shape)
        x = x.detach()
        if x._is_zerotensor():  # has no memory: numpy would show what lies there
            x = torch.zeros(x.shape, dtype=x.dtype)
        if name == "u32":
            assert bool(((x >= 0) & (x < 2**32)).all())
            x = x.to(torch.int64).numpy().astype("<u4")
        elif name == "i32":
            assert x.dtype == torch.int32 or bool((x.abs() < 2**31).all()), "an index or a sum beyond i32"
            x = x.to(torch.int32).numpy().astype("<i4")
        elif name == "bool":
            x = x.to(torch.uint8).numpy()
        else:
            x = x.numpy()
        data = x.tobytes()
        if data not in self.offsets:
            self.offsets[data] = len(self.blob)
            self.blob += data
        return [name, shape, self.offsets[data]]

    def name(self, op, inputs, options, note):
        name = " ".join(filter(None, [op, describe(inputs, options), note]))
        self.names[name] = self.names.get(name, 0) + 1
        return name if self.names[name] == 1 else f"{name} #{self.names[name]}"

    def cotangent(self, out):
        """Normal numbers, coarse enough that they are exact in float32."""
        values = torch.randn(out.shape, generator=self.cotangents, dtype=torch.float64)
        return (values * 256).round().div(256)

    # Cases.

    def entry(self, op, inputs, options, note):
        entry = {"name": self.name(op, inputs, options, note), "op": op}
        if self.reference:
            entry["reference"] = self.reference
        entry["inputs"] = [self.put(x) for x in inputs]
        return entry

    def case(self, op, fn, inputs, options=None, note="", grad=True):
        """
        Records `fn(*inputs)` and, where `grad` is true, the gradients of its float inputs
        (or of those whose positions `grad` lists) for random cotangents of its float outputs.
        """
        options = options or {}
        chosen = range(len(inputs)) if grad is True else grad or ()
        wanted = [i for i in chosen if is_float(inputs[i])]
        cotangents = []

        def run(xs):
            leaves = [x.clone().requires_grad_(True) if i in wanted else x.clone() for i, x in enumerate(xs)]
            outs = as_tuple(fn(*leaves))
            flowing = [out for out in outs if out.requires_grad]
            if not cotangents:
                cotangents.extend(self.cotangent(out) for out in flowing)
            if not flowing:
                return outs, {}
            grads = torch.autograd.grad(
                flowing,
                [leaves[i] for i in wanted],
                [c.to(out.dtype) for c, out in zip(cotangents, flowing)],
                allow_unused=True,
            )
            return outs, {i: g for i, g in zip(wanted, grads) if g is not None}

        outs, grads = run(inputs)
        if any(x.dtype == torch.float32 for x in inputs):
            doubles, precise = run([x.double() if x.dtype == torch.float32 else x for x in inputs])
            settled = [settle(a, b) if is_float(a) else a for a, b in zip(outs, doubles)]
            grads = {i: settle(g, precise[i]) for i, g in grads.items()}
        else:
            settled = outs
        entry = self.entry(op, inputs, options, note)
        if options:
            entry["options"] = plain(options)
        stored = []
        flowing = iter(cotangents)
        for out, value in zip(outs, settled):
            record = self.put(u32(value & 0xFFFFFFFF) if getattr(out, "is_u32", False) else value)
            if grads and out.requires_grad:
                record.append(self.put(next(flowing).to(value.dtype))[2])
            stored.append(record)
        entry["outputs"] = stored
        if grads:
            entry["grads"] = {str(i): self.put(g)[2] for i, g in grads.items()}
        self.cases.append(entry)

    def second(self, op, fn, inputs, options=None, squared=False):
        """
        Records d/dx_i of Σ_j <dL/dx_j, v_j> with L = <fn(x), c>: a Hessian times a vector. Float64 inputs only.
        `squared` squares what fn gives, without which linear operators would have nothing to show.
        """
        options = options or {}
        leaves = [x.clone().requires_grad_(True) if is_float(x) else x for x in inputs]
        wanted = [i for i, x in enumerate(leaves) if is_float(x)]
        out = as_tuple(fn(*leaves))[0]
        out = out**2 if squared else out
        c = self.cotangent(out)
        first = torch.autograd.grad((out * c).sum(), [leaves[i] for i in wanted], create_graph=True)
        v = [self.cotangent(g) for g in first]
        along = sum((g * d).sum() for g, d in zip(first, v))
        grads = [None] * len(wanted)
        if along.requires_grad:
            grads = torch.autograd.grad(along, [leaves[i] for i in wanted], allow_unused=True)
        grads = [torch.zeros_like(leaves[i]) if g is None else g for i, g in zip(wanted, grads)]
        note = "second derivative" + (", squared" if squared else "")
        entry = self.entry(op, inputs, options, note)
        if options:
            entry["options"] = plain(options)
        if squared:
            entry["squared"] = True
        entry["outputs"] = [[*self.put(out), self.put(c)[2]]]
        entry["directions"] = {str(i): self.put(d)[2] for i, d in zip(wanted, v)}
        entry["grads"] = {str(i): self.put(g)[2] for i, g in zip(wanted, grads)}
        self.cases.append(entry)

    def plain_case(self, op, inputs, outputs, options, note=""):
        """Records numbers that the caller computed."""
        entry = self.entry(op, inputs, options, note)
        entry["options"] = plain(options)
        entry["outputs"] = [self.put(x) for x in outputs]
        self.cases.append(entry)

    def index(self, made, digest):
        """The group's JSON: what made it, the digest of its numbers, and a case a line."""
        head = json.dumps({"made": made, "sha256": digest, "count": len(self.cases)})[:-1]
        lines = ",\n".join(json.dumps(case, separators=(",", ":"), allow_nan=False) for case in self.cases)
        return f'{head}, "cases": [\n{lines}\n]}}\n'.encode()
