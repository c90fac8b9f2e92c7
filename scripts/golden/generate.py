#!/usr/bin/env python3
"""
Writes test/golden: what PyTorch computes, forward and backward, for the operators that chainrule shares with it.

    /usr/bin/python3 scripts/golden/generate.py          # writes the files
    /usr/bin/python3 scripts/golden/generate.py --check  # only says whether the files are what it would write
"""

import hashlib
import json
import platform
import sys
import warnings
from pathlib import Path

import torch

sys.dont_write_bytecode = True
warnings.filterwarnings("ignore", message="Using padding='same' with even kernel lengths")

from cases import attention, contractions, elementwise, indexing, movement, nn, optimizers, reductions, second, special
from recorder import Recorder

OUT = Path(__file__).resolve().parents[2] / "test" / "golden"
GROUPS = {
    "elementwise": elementwise,
    "reductions": reductions,
    "movement": movement,
    "contractions": contractions,
    "indexing": indexing,
    "nn": nn,
    "second": second,
    "special": special,
    "optimizers": optimizers,
    "attention": attention,
}


def main():
    torch.set_num_threads(1)  # the order of additions does not depend on the machine's cores
    files = {}
    manifest = {"torch": torch.__version__, "python": platform.python_version(), "groups": {}}
    for group, module in GROUPS.items():
        recorder = Recorder(group)
        module.record(recorder)
        index, blob = recorder.index(), bytes(recorder.blob)
        files[f"{group}.json"], files[f"{group}.bin"] = index, blob
        manifest["groups"][group] = {
            "cases": len(recorder.cases),
            "gradients": sum("grads" in case for case in recorder.cases),
            "sha256": {
                f"{group}.json": hashlib.sha256(index).hexdigest(),
                f"{group}.bin": hashlib.sha256(blob).hexdigest(),
            },
        }
        print(f"{group}: {len(recorder.cases)} cases, {len(index) + len(blob)} bytes")
    files["manifest.json"] = (json.dumps(manifest, indent=2) + "\n").encode()
    print(f"{sum(g['cases'] for g in manifest['groups'].values())} cases, {sum(map(len, files.values()))} bytes")
    if "--check" in sys.argv:
        stale = [
            name for name, data in files.items() if not (OUT / name).is_file() or (OUT / name).read_bytes() != data
        ]
        sys.exit(f"differs: {', '.join(stale)}" if stale else 0)
    OUT.mkdir(parents=True, exist_ok=True)
    for name, data in files.items():
        (OUT / name).write_bytes(data)


if __name__ == "__main__":
    main()
