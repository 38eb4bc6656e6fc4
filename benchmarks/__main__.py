"""Print every figure of every area as `name=value`, or of the areas named.

An area is a module of this package with `figures() -> dict[str, float]`; adding one is adding a file. Only one core is used for arithmetic libraries, so that
figures of machines with different numbers of cores compare.
"""

import os
import sys
from pathlib import Path

os.environ.update(dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1"))


def areas() -> list[str]:
    """Names of all areas, ascending."""
    import pkgutil  # noqa: PLC0415  the thread settings above must precede every other import

    return sorted(module.name for module in pkgutil.iter_modules([str(Path(__file__).parent)]) if not module.name.startswith("_"))


def main(arguments: list[str]) -> int:
    """Run the areas named (all without arguments); 2 when one does not exist."""
    import importlib  # noqa: PLC0415

    known = areas()
    unknown = [name for name in arguments if name not in known]
    if unknown:
        print(f"no benchmark area {', '.join(unknown)}; there are: {', '.join(known)}", file=sys.stderr)
        return 2
    for name in arguments or known:
        module = importlib.import_module(f"benchmarks.{name}")
        for figure, value in module.figures().items():
            print(f"{figure}={value:.6g}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
