"""Runs seeds in a process of its own and prints one line of JSON about each failure, then a sum.

Usage: python -m simulation.seeds FIRST LAST STEP [PLANTED]: every STEP-th seed of [FIRST, LAST);
every hundredth runs twice. With a planted bug it ends at the first seed that names what it breaks.
"""

import gc
import json
import logging
import sys
from collections import Counter

from . import planted
from .trial import Verdict, judge

TWICE = 100
COLLECT = 10
SHOWN = 3


def main(seeds: tuple[int, int, int], bug: str = "") -> None:
    """Run the seeds and print what came of them."""
    matrix: Counter[tuple[str, str, str]] = Counter()
    done, commands, trace = 0, 0, ""
    gc.freeze()
    logging.disable(logging.CRITICAL)
    with planted.bug(bug):
        for seed in range(*seeds):
            verdict = judged(seed)
            if done % COLLECT == 0:
                gc.collect()
            done, commands = done + 1, commands + verdict.commands
            matrix.update(verdict.matrix)
            trace = verdict.trace
            if verdict.faults:
                told = {"seed": seed, "trace": verdict.trace, "faults": told_of(verdict)}
                sys.stdout.write(json.dumps(told) + "\n")
                if any(it.startswith(f"{planted.CAUGHT_BY.get(bug)} ") for it in verdict.faults):
                    break
    cells = [[*cell, count] for cell, count in sorted(matrix.items())]
    total = {"done": done, "commands": commands, "matrix": cells, "trace": trace}
    sys.stdout.write(json.dumps(total) + "\n")


def told_of(verdict: Verdict) -> list[str]:
    """Return what was broken, three messages of each invariant at most."""
    seen: Counter[str] = Counter()
    told = []
    for fault in verdict.faults:
        invariant = fault.split()[0]
        seen[invariant] += 1
        told += [fault] if seen[invariant] <= SHOWN else []
    return told


def judged(seed: int) -> Verdict:
    """Return the verdict of a seed; a hundredth of all seeds must give it twice."""
    verdict = judge(seed)
    if seed % TWICE == 0:
        again = judge(seed)
        if again.trace != verdict.trace:
            verdict.faults.append(f"not repeatable: {verdict.trace} and then {again.trace}")
    return verdict


if __name__ == "__main__":
    main((int(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])), *sys.argv[4:])
