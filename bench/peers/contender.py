"""One Python contender, by child.mjs's protocol: `python contender.py torch|jax THREADS`."""

import importlib
import json
import os
import resource
import sys
import time

framework, threads = sys.argv[1], int(sys.argv[2])
os.environ["OMP_NUM_THREADS"] = str(threads)
if framework == "jax":
    # XLA's CPU client takes as many threads as the process may use processors.
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:threads])

job = None


def peak_memory():
    try:
        with open("/proc/self/status") as status:
            return 1024 * int(next(line for line in status if line.startswith("VmHWM")).split()[1])
    except OSError:
        return 1024 * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def answer(op, workload=None, steps=0, **range_):
    global job
    if op == "prepare":
        job = importlib.import_module(f"{framework}_peer").Job(workload, threads)
        return {"about": job.about, "parameters": getattr(job, "parameters", None)}
    if op == "check":
        job.step(0)
        return {"values": job.read()}
    first = range_["from"]
    start = time.perf_counter()
    for i in range(first, first + steps):
        job.step(i)
    if hasattr(job, "finish"):
        job.finish()
    return {"ms": (time.perf_counter() - start) * 1000, "memory": peak_memory()}


for line in sys.stdin:
    try:
        reply = answer(**json.loads(line))
    except Exception as error:
        reply = {"error": f"{type(error).__name__}: {error}"}
    print(json.dumps(reply), flush=True)
