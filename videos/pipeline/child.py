"""What every PyAV child runs: finds our package and PyAV, answers one request, prints one line of JSON.

Started as `python -I -S child.py <folders> <module> <request>`; -I and -S leave nothing but the standard
library importable, so the parent says where the rest lies: our package's own folder (the one around it holds more than
a child may read) and that of PyAV."""

from __future__ import annotations

import importlib
import json
import sys
import types


def main(argv: list[str]) -> None:
    """Prints {"answer": …} or {"error": {"code", "detail"}}."""
    own, *others = json.loads(argv[1])
    sys.path.extend(others)
    package = types.ModuleType("videos")
    package.__path__ = [own]
    sys.modules["videos"] = package
    from videos.pipeline.errors import PipelineError  # noqa: PLC0415 - found only now

    try:
        said = {"answer": importlib.import_module(argv[2]).answer(json.loads(argv[3]))}
    except PipelineError as error:
        said = {"error": {"code": error.code, "detail": error.detail}}
    except MemoryError:
        said = {"error": {"code": "out_of_memory", "detail": ""}}
    sys.stdout.write(json.dumps(said) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv)
