#!/usr/bin/env python3
"""
Writes test/golden: what PyTorch and other references compute, forward and backward, for what chainrule shares with them.

    /usr/bin/python3 scripts/golden/generate.py                 # every group that this Python can make
    /usr/bin/python3 scripts/golden/generate.py losses gan      # these groups
    /usr/bin/python3 scripts/golden/generate.py --check         # only says whether the files are what it would write

A group is a file of cases/ with `record(recorder)`. It may name the packages whose versions its files record as `MADE_WITH`
(PyTorch, unless it says otherwise), and the version of PyTorch that it needs as `TORCH` (1, which is Debian's).
"""

import hashlib
import importlib
import json
import platform
import sys
import warnings
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import torch

sys.dont_write_bytecode = True
warnings.filterwarnings("ignore", message="Using padding='same' with even kernel lengths")

from recorder import Recorder

HERE = Path(__file__).resolve().parent
OUT = HERE.parents[1] / "test" / "golden"
TORCH = int(torch.__version__.split(".")[0])


def version_of(package):
    return torch.__version__ if package == "torch" else version(package)


def suits(module):
    """Whether this Python has what a group's numbers are made with."""
    try:
        return getattr(module, "TORCH", 1) == TORCH and all(map(version_of, getattr(module, "MADE_WITH", ["torch"])))
    except PackageNotFoundError:
        return False


def main():
    torch.set_num_threads(1)  # the order of additions does not depend on the machine's cores
    asked = [name for name in sys.argv[1:] if not name.startswith("--")]
    stale = []
    for group in asked or sorted(path.stem for path in (HERE / "cases").glob("[a-z]*.py")):
        try:
            module = importlib.import_module(f"cases.{group}")
        except ModuleNotFoundError as error:
            print(f"{group}: left as it is, since {error.name} is not here")
            continue
        if not suits(module):
            print(f"{group}: left as it is, made with other versions")
            continue
        recorder = Recorder(group)
        module.record(recorder)
        blob = bytes(recorder.blob)
        made = {name: version_of(name) for name in getattr(module, "MADE_WITH", ["torch"])}
        index = recorder.index({"python": platform.python_version(), **made}, hashlib.sha256(blob).hexdigest())
        for name, data in ((f"{group}.json", index), (f"{group}.bin", blob)):
            if not (OUT / name).is_file() or (OUT / name).read_bytes() != data:
                stale.append(name)
                if "--check" not in sys.argv:
                    (OUT / name).write_bytes(data)
        print(f"{group}: {len(recorder.cases)} cases, {len(index) + len(blob)} bytes")
    if "--check" in sys.argv:
        sys.exit(f"differs: {', '.join(stale)}" if stale else 0)


if __name__ == "__main__":
    main()
