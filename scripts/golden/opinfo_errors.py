#!/usr/bin/env python3
"""
Writes test/opinfo/errors: the calls that PyTorch's own tests (OpInfo, ModuleInfo) expect to be refused, of the operators and
modules that chainrule has, and how many of the others are left out, by reason.

    /opt/peers/bin/python scripts/golden/opinfo_errors.py      # first PyTorch 2's
    /usr/bin/python3 scripts/golden/opinfo_errors.py           # then what only PyTorch 1.13 has
    … --check                                                  # only says whether the file is what it would write

A tensor is [dtype, shape, values]; the values of one with more than MOST numbers are left out, as only its shape is wrong.
"""

import json
import math
import random
import re
import sys
import types

import numpy
import torch

from opinfo import OUT, TORCH, LeftOut, full_name, op_db, taken_apart
from recorder import NAMES

ERRORS = OUT / "errors"
MOST = 64


def seeded():
    torch.manual_seed(0)
    numpy.random.seed(0)
    random.seed(0)


def operators():
    """The names in the tables of adapters: one a line."""
    text = (OUT / "operators.ts").read_text() + (ERRORS / "operators.ts").read_text()
    return set(re.findall(r'^  "?([\w.]+)"?(?:: |,$)', text, re.MULTILINE))


def number(value):
    return value if isinstance(value, (bool, int)) or math.isfinite(value) else str(value)


def encoded(x):
    name = NAMES.get(x.dtype, "i32")
    if x.numel() > MOST:
        return [name, list(x.shape)]
    return [name, list(x.shape), [number(v) for v in x.detach().flatten().tolist()]]


def arguments(value, tensors):
    """`taken_apart`, and numbers that JSON lacks."""
    if isinstance(value, float) and not math.isfinite(value):
        return {"number": str(value)}
    if isinstance(value, torch.Tensor) and value.device.type != "cpu":
        raise LeftOut("device mismatch")
    if isinstance(value, (list, tuple)):
        return [arguments(item, tensors) for item in value]
    return taken_apart(value, tensors)


def call(args, kwargs):
    if "out" in kwargs:
        raise LeftOut("out= argument")
    if kwargs.get("layout", torch.strided) is not torch.strided:
        raise LeftOut("complex, half, sparse or named dtypes")
    tensors = []
    kwargs = {k: v for k, v in kwargs.items() if k not in ("device", "layout") and not isinstance(v, types.FunctionType)}
    try:
        case = {
            "args": arguments(args, tensors),
            "kwargs": {key: arguments(value, tensors) for key, value in kwargs.items()},
        }
    except LeftOut as reason:
        if "device" in str(reason):
            raise
        raise LeftOut("complex, half, sparse or named dtypes") from reason
    return {**case, "tensors": [encoded(x) for x in tensors]}


def apart(case):
    """What tells one call from another: not the random numbers in it."""
    tensors = [x[:2] if x[0] in ("f32", "f64") else x for x in case["tensors"]]
    return json.dumps([case.get("module", case["op"].split(".")[0] if "nn." not in case["op"] else case["op"]),
                       case["args"], case["kwargs"], tensors, case.get("forward")])


def of_operators(table):
    for op in op_db:
        if not op.error_inputs_func:
            continue
        seeded()
        for error in op.error_inputs("cpu"):
            sample = error.sample_input
            try:
                if op.name not in table:
                    raise LeftOut("chainrule lacks the operator")
                yield full_name(op), {"op": full_name(op), **call([sample.input, *sample.args], sample.kwargs)}
            except LeftOut as reason:
                yield full_name(op), str(reason)


def of_modules(table):
    if TORCH == 1:
        return
    from torch.testing._internal.common_modules import module_db

    for info in module_db:
        if not info.module_error_inputs_func:
            continue
        seeded()
        for error in info.module_error_inputs_func(
            info, device="cpu", dtype=torch.float32, requires_grad=False, training=True
        ):
            made, given = error.module_error_input.constructor_input, error.module_error_input.forward_input
            try:
                if info.name not in table:
                    raise LeftOut("chainrule lacks the operator")
                forward = list(given.args) if given is not None and "FORWARD" in str(error.error_on) else None
                case = call([list(made.args), forward], made.kwargs)
                yield info.name, {"op": info.name, **case}
            except LeftOut as reason:
                yield info.name, str(reason)


def main():
    torch.use_deterministic_algorithms(True)  # which fills the memory of torch.empty
    table = operators()
    path = ERRORS / f"torch-{TORCH}.json"
    seen = set()
    if TORCH == 1:
        seen = {apart(case) for case in json.loads((ERRORS / "torch-2.json").read_text())["refused"]}
    cases, left = [], {}
    for name, case in [*of_operators(table), *of_modules(table)]:
        if isinstance(case, str):
            left.setdefault(case, {})
            left[case][name] = left[case].get(name, 0) + 1
            continue
        key = apart(case)
        # In one version, calls that differ in their numbers are two.
        if key in seen or (TORCH > 1 and case in cases):
            left.setdefault("the same call again", {})
            left["the same call again"][name] = left["the same call again"].get(name, 0) + 1
            continue
        cases.append(case)
    lines = ",\n  ".join(json.dumps(case, separators=(",", ":"), allow_nan=False) for case in cases)
    counts = {reason: {"": sum(names.values()), **names} for reason, names in sorted(left.items())}
    head = json.dumps({"torch": torch.__version__, "cases": len(cases), "leftOut": counts}, indent=1)
    text = f'{head[:-2]},\n "refused": [\n  {lines}\n ]\n}}\n'
    print(len(cases), {reason: sum(names.values()) for reason, names in left.items()})
    if "--check" in sys.argv:
        sys.exit(f"differs: {path.name}" if path.read_text() != text else 0)
    path.write_text(text)


if __name__ == "__main__":
    main()
