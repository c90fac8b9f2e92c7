#!/usr/bin/env python3
"""
Writes test/opinfo/errors: the calls that PyTorch's own tests (OpInfo, ModuleInfo) expect to be refused, of the operators and
modules that chainrule has, and how many of the others are left out, by reason.

    python3 scripts/golden/opinfo_errors.py                    # first PyTorch 2's
    /usr/bin/python3 scripts/golden/opinfo_errors.py           # then what only PyTorch 1.13 has
    … --check                                                  # only says whether the files are what it would write

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

from opinfo import LACKING, OUT, TORCH, LeftOut, full_name, op_db, taken_apart
from recorder import NAMES

ERRORS = OUT / "errors"
LEFT_OUT = ERRORS / "left-out.json"
MOST = 64


def seeded():
    torch.manual_seed(0)
    numpy.random.seed(0)
    random.seed(0)


def operators():
    """The names in the tables of adapters: one a line."""
    text = (OUT / "operators.ts").read_text() + (ERRORS / "operators.ts").read_text()
    return set(re.findall(r'^  "?([\w.]+)"?(?:: |,$)', text, re.MULTILINE))


def plain(value):
    return value if isinstance(value, (bool, int)) or math.isfinite(value) else str(value)


def encoded(x):
    head = [NAMES.get(x.dtype, "i32"), list(x.shape)]
    return head if x.numel() > MOST else [*head, [plain(v) for v in x.detach().flatten().tolist()]]


def arguments(value, tensors):
    """`taken_apart`, and what samples do not hold: numbers that JSON lacks, other devices."""
    if isinstance(value, float) and not math.isfinite(value):
        return {"number": str(value)}
    if isinstance(value, (list, tuple)):
        return [arguments(item, tensors) for item in value]
    if isinstance(value, torch.Tensor) and value.device.type != "cpu":
        raise LeftOut("device mismatch")
    if isinstance(value, torch.Tensor) and value.numel() > 10**6:
        raise LeftOut("too large")
    try:
        return taken_apart(value, tensors)
    except LeftOut as reason:
        raise LeftOut("complex, half, sparse or named dtypes") from reason


def call(name, table, args, kwargs):
    """The call, or why it is left out."""
    if name not in table:
        return next((reason for reason, names in LACKING.items() if re.fullmatch(names, name)), "not in chainrule")
    if "out" in kwargs:
        return "out= argument"
    tensors = []
    named = {k: v for k, v in kwargs.items() if k != "device" and not isinstance(v, types.FunctionType)}
    try:
        made = {"args": arguments(args, tensors), "kwargs": {k: arguments(v, tensors) for k, v in named.items()}}
    except LeftOut as reason:
        return str(reason)
    return {"op": name, **made, "tensors": [encoded(x) for x in tensors]}


def shapes(case):
    """What tells calls of two PyTorches apart: not the random numbers."""
    tensors = [x[:2] if x[0] in ("f32", "f64") else x for x in case["tensors"]]
    return json.dumps({**case, "tensors": tensors})


def calls(table):
    for op in op_db:
        seeded()
        for error in op.error_inputs("cpu") if op.error_inputs_func else []:
            sample = error.sample_input
            yield full_name(op), call(op.name, table, [sample.input, *sample.args], sample.kwargs)
    if TORCH == 1:
        return  # which has none of modules
    from torch.testing._internal.common_modules import module_db

    for info in module_db:
        seeded()
        given = {"device": "cpu", "dtype": torch.float32, "requires_grad": False, "training": True}
        for error in info.module_error_inputs_func(info, **given) if info.module_error_inputs_func else []:
            made, forward = error.module_error_input.constructor_input, error.module_error_input.forward_input
            inputs = list(forward.args) if error.error_on.name == "FORWARD_ERROR" else None
            yield info.name, call(info.name, table, [list(made.args), inputs], made.kwargs)


def main():
    torch.empty = torch.ones  # whose numbers are known
    table = operators()
    files = [ERRORS / f"torch-{version}.jsonl" for version in (2, 1)]
    path = files[2 - TORCH]
    seen = {shapes(json.loads(line)) for line in files[0].read_text().splitlines()} if TORCH == 1 else set()
    cases, left = [], {}
    for name, case in calls(table):
        # In one version, calls that differ in their numbers are two.
        if not isinstance(case, str) and (shapes(case) in seen or case in cases):
            case = "the same call again"
        if isinstance(case, str):
            names = left.setdefault(case, {})
            names[name] = names.get(name, 0) + 1
        else:
            cases.append(case)
    known = json.loads(LEFT_OUT.read_text()) if LEFT_OUT.is_file() else {}
    known[f"PyTorch {TORCH}"] = {
        "refused there": len(cases) + sum(sum(names.values()) for names in left.values()),
        "cases": len(cases),
        **{f"{reason}: {sum(names.values())}": names for reason, names in sorted(left.items())},
    }
    texts = {
        path: "".join(json.dumps(case, separators=(",", ":"), allow_nan=False) + "\n" for case in cases),
        LEFT_OUT: json.dumps(dict(sorted(known.items(), reverse=True)), indent=1) + "\n",
    }
    stale = [file.name for file, text in texts.items() if not file.is_file() or file.read_text() != text]
    if "--check" in sys.argv:
        sys.exit(f"differs: {', '.join(stale)}" if stale else 0)
    for file, text in texts.items():
        file.write_text(text)
    print(path.name, len(cases), {reason: sum(names.values()) for reason, names in left.items()})


if __name__ == "__main__":
    main()
