#!/usr/bin/env python3
"""
Writes test/opinfo/cases: PyTorch's own samples (OpInfo) of the operators that test/opinfo/operators.ts has, and what PyTorch
makes of them, forward and backward.

    /usr/bin/python3 scripts/golden/opinfo.py                  # every operator
    /usr/bin/python3 scripts/golden/opinfo.py add nn.functional.relu
    /usr/bin/python3 scripts/golden/opinfo.py --check          # only says whether the files are what it would write

The operators of NEWER, which PyTorch 1.13 lacks, are left as they are unless a newer PyTorch runs this.
What is left out, and why, goes to test/opinfo/left-out.json.
"""

import gzip
import hashlib
import json
import math
import os
import platform
import random
import re
import sys
import types
import unittest
import warnings
from pathlib import Path

import numpy
import torch

sys.dont_write_bytecode = True
warnings.filterwarnings("ignore")
sys.modules["expecttest"] = types.ModuleType("expecttest")  # which torch.testing imports, but samples do not need
sys.modules["expecttest"].__dict__.update(ACCEPT=False, TestCase=unittest.TestCase)

from torch.testing._internal.common_device_type import toleranceOverride
from torch.testing._internal.common_methods_invocations import op_db

from opinfo_left_out import LACKING, NEWER, ROUNDING, differs
from recorder import NAMES, Recorder, is_float

OUT = Path(__file__).resolve().parents[2] / "test" / "opinfo"
TORCH = int(torch.__version__.split(".")[0])

DTYPES = (torch.float32, torch.int32, torch.uint8, torch.bool)
# Arguments about where and how numbers lie, which tensors do not show; and one that samples give its default.
UNSEEN = ("distance_function", "device", "generator", "memory_format", "copy", "non_blocking")
# A case holds at most so many numbers: in, out, cotangents and gradients.
MOST = 4200
# Beside float32's, which are all there, an operator has at most so many cases of a dtype.
MOST_OF_INTEGERS = 100


def tolerance_of(op):
    """The tolerance [rtol, atol] that PyTorch's own tests of float32 allow an operator; None where it is the usual one."""
    for decorator in op.decorators:
        if getattr(decorator, "cls_name", "") == "TestCommon" and decorator.test_name is None:
            for inner in decorator.decorators:
                if isinstance(inner, toleranceOverride) and torch.float32 in inner.d:
                    return [inner.d[torch.float32].rtol, inner.d[torch.float32].atol]
    return None


class LeftOut(Exception):
    """Why a sample is no case."""


def listed():
    """The operators that chainrule has: the table has one a line."""
    return re.findall(r'^  "?([\w.]+)"?: ', (OUT / "operators.ts").read_text(), re.MULTILINE)


def full_name(op):
    return ".".join(filter(None, [op.name, op.variant_test_name]))


def flat(out):
    """An operator's results as tensors."""
    if isinstance(out, (tuple, list)):
        return [x for item in out for x in flat(item)]
    if isinstance(out, torch.Tensor):
        return [out]
    if isinstance(out, bool):
        return [torch.tensor(out)]
    raise LeftOut(f"gives {type(out).__name__}, no tensor")


def taken_apart(value, tensors):
    """An argument as JSON, in which "@0" is the first of the tensors."""
    if isinstance(value, torch.Tensor):
        if value.layout != torch.strided:
            raise LeftOut("sparse")
        if value.dtype not in NAMES and value.dtype != torch.int64:
            raise LeftOut(str(value.dtype).replace("torch.", ""))
        tensors.append(value)
        return f"@{len(tensors) - 1}"
    if isinstance(value, (list, tuple)):
        return [taken_apart(item, tensors) for item in value]
    if isinstance(value, slice):
        return {"slice": [value.start, value.stop, value.step]}
    if value is Ellipsis:
        return "..."
    if isinstance(value, torch.dtype):
        if value == torch.int64:
            return "i32"
        if value not in NAMES:
            raise LeftOut(f"asks for {str(value).replace('torch.', '')}")
        return NAMES[value]
    if isinstance(value, complex):
        raise LeftOut("complex")
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    raise LeftOut(f"takes a {type(value).__name__}")


def put_together(value, tensors):
    """The argument of which `taken_apart` made the JSON, with other tensors: a copy of the arguments' structure."""
    if isinstance(value, torch.Tensor):
        return next(tensors)
    if isinstance(value, (list, tuple)):
        items = [put_together(item, tensors) for item in value]
        return type(value)(items) if type(value) in (list, tuple) else value
    return value


def scalars(value):
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, (list, tuple)):
        return [x for item in value for x in scalars(item)]
    return [value]


class Samples(Recorder):
    """Cases of one operator. Equal shapes have equal cotangents, which are stored once."""

    def cotangent(self, out):
        self.cotangents.manual_seed(math.prod(out.shape))
        return super().cotangent(out)

    def sample(self, op, sample):
        tensors = []
        kwargs = {k: v for k, v in sample.kwargs.items() if k not in UNSEEN}
        if kwargs.pop("layout", torch.strided) is not torch.strided:
            raise LeftOut("sparse")
        args = [sample.input, *sample.args]
        if self.group == "__getitem__" and not isinstance(args[1], tuple):
            several = isinstance(args[1], list) and not all(isinstance(item, int) for item in args[1])
            args[1] = tuple(args[1]) if several else (args[1],)  # in JSON, a list of positions would look like a tuple
        call = {
            "args": taken_apart(args, tensors),
            "kwargs": {key: taken_apart(value, tensors) for key, value in kwargs.items()},
        }
        if not any(is_float(x) for x in tensors) and tensors:
            if any(isinstance(x, float) and x.is_integer() for x in scalars([sample.args, kwargs])):
                raise LeftOut("a whole Python float beside integers: JavaScript has one kind of number")
        if sum(x.numel() for x in tensors) > MOST:
            raise LeftOut("too large")
        wanted = [i for i, x in enumerate(tensors) if x.requires_grad and is_float(x)]

        def run(*xs):
            xs = iter(xs)
            first, *rest = (put_together(x, xs) for x in args)
            outs = flat(op(first, *rest, **{key: put_together(x, xs) for key, x in kwargs.items()}))
            for out in outs:
                if out.dtype not in NAMES and out.dtype != torch.int64:
                    raise LeftOut(f"gives {str(out.dtype).replace('torch.', '')}")
            return outs

        inputs = [x.detach() for x in tensors]
        # Of some operands PyTorch has no derivative.
        for grad in (wanted, wanted[:1], wanted[1:], []):
            try:
                self.case(self.group, run, inputs, call, grad=grad)
                break
            except RuntimeError as error:
                if "derivative" not in str(error):
                    raise
        case = self.cases[-1]
        if case["name"] in ROUNDING:
            raise LeftOut("rounding dominates: PyTorch's own float32 misses its float64 result by as much")
        if tolerance_of(op):
            case["tolerance"] = tolerance_of(op)
        sizes = [math.prod(x[1]) * (2 if len(x) > 3 else 1) for x in case["outputs"]]
        sizes += [math.prod(x[1]) * (2 if str(i) in case.get("grads", {}) else 1) for i, x in enumerate(case["inputs"])]
        return sum(sizes)


def samples_of(op, dtype):
    """The samples, with the further ones of elementwise operators where PyTorch has them."""

    def seeded(generate):
        for seed in (torch.manual_seed, numpy.random.seed, random.seed):
            seed(0)
        return iter(generate("cpu", dtype, requires_grad=op.supports_autograd and dtype.is_floating_point))

    try:
        return [*seeded(op.reference_inputs)]
    except Exception:  # 1.13's generators of three operators' further ones fail
        return [*seeded(op.sample_inputs)]


def record(op):
    """An operator's cases and, by reason, how many samples are none."""
    name = full_name(op)
    recorder = Samples(name)
    left = {}
    for dtype in DTYPES:
        if dtype not in op.dtypes:
            continue
        count = 0
        for sample in samples_of(op, dtype):
            undo = (len(recorder.cases), len(recorder.blob))
            try:
                if dtype != torch.float32 and count == MOST_OF_INTEGERS:
                    raise LeftOut(f"an integer dtype's, after {MOST_OF_INTEGERS} of them")
                reason = differs(op, sample, dtype)
                if reason:
                    raise LeftOut(reason)
                if recorder.sample(op, sample) > MOST:
                    raise LeftOut("too large")
                count += 1
            except Exception as error:
                cases, blob = undo
                del recorder.cases[cases:], recorder.blob[blob:]
                recorder.offsets = {data: at for data, at in recorder.offsets.items() if at < blob or not data}
                if isinstance(error, AssertionError):
                    reason = "sits on a discontinuity" if "discontinuity" in str(error) else "beyond i32"
                else:
                    reason = str(error) if isinstance(error, LeftOut) else "PyTorch itself throws"
                    if not isinstance(error, LeftOut):
                        print(f"  {name} {dtype}: {type(error).__name__} {str(error)[:150]}")
                left[reason] = left.get(reason, 0) + 1
    return recorder, left


def main():
    torch.set_num_threads(1)  # the order of additions does not depend on the machine's cores
    asked = [name for name in sys.argv[1:] if not name.startswith("--")]
    table = listed()
    path = OUT / "left-out.json"
    known = json.loads(path.read_text()) if path.is_file() else {"operators": {}, "samples": {}, "tolerances": {}}
    samples, stale = known["samples"], []
    for op in op_db:
        name = full_name(op)
        if op.name not in table or (asked and not {op.name, name} & set(asked)) or (op.name in NEWER) != (TORCH > 1):
            continue
        recorder, left = record(op)
        if tolerance_of(op):
            known["tolerances"][name] = dict(zip(("rtol", "atol"), tolerance_of(op)))
        for counts in [*samples.values(), *known["operators"].values()]:
            counts.pop(name, None)
        for reason, count in left.items():
            samples.setdefault(reason, {})[name] = count
        file = OUT / "cases" / f"{name}.gz"
        if not recorder.cases:
            file.unlink(missing_ok=True)
            continue
        blob = bytes(recorder.blob)
        made = {"python": platform.python_version(), "torch": torch.__version__}
        index = recorder.index(made, hashlib.sha256(blob).hexdigest())
        data = gzip.compress(index + b"\0" + blob, 9, mtime=0)
        if not file.is_file() or gzip.decompress(file.read_bytes()) != index + b"\0" + blob:
            stale.append(file.name)
            if "--check" not in sys.argv:
                file.write_bytes(data)
        print(f"{name}: {len(recorder.cases)} cases, {len(data)} bytes {left or ''}", flush=True)
    if TORCH == 1 and not asked:
        lacking = {}
        for op in op_db:
            if op.name not in table:
                reasons = [reason for reason, pattern in LACKING.items() if re.fullmatch(pattern, op.name)]
                reason = (reasons or ["not in chainrule"])[0]
                lacking.setdefault(reason, {})[full_name(op)] = (
                    len(samples_of(op, torch.float32)) if torch.float32 in op.dtypes else 0
                )
        known["operators"] = lacking
    known["samples"] = {reason: counts for reason, counts in sorted(samples.items()) if counts}
    text = re.sub(r"(?<=\de-)0", "", json.dumps(known, indent=2)) + "\n"  # as the formatter wants it
    if not path.is_file() or path.read_text() != text:
        stale.append(path.name)
        if "--check" not in sys.argv:
            path.write_text(text)
    if "--check" in sys.argv:
        sys.exit(f"differs: {', '.join(stale)}" if stale else 0)


if __name__ == "__main__":
    if os.environ.get("PYTHONHASHSEED") != "0":  # some samples come in the order of a set
        os.execve(sys.executable, [sys.executable, *sys.argv], {**os.environ, "PYTHONHASHSEED": "0"})
    main()
