"""What every PyAV child runs: finds our package and PyAV, answers one request, prints one line of JSON.

Started as `python -I -S child.py <folders> <module> <request>` by the launcher, or without the request as a spare (see
sandbox.Spare), which loads the module and waits. -I and -S leave nothing but the standard library importable, so the
parent says where the rest lies: our package's own folder (the one around it holds more than a child may read) and that
of PyAV."""

from __future__ import annotations

import importlib
import json
import os
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
        request = argv[3] if len(argv) > 3 else _waited_for(argv[2])
        said = {"answer": importlib.import_module(argv[2]).answer(json.loads(request))}
    except PipelineError as error:
        said = {"error": {"code": error.code, "detail": error.detail}}
    except MemoryError:
        said = {"error": {"code": "out_of_memory", "detail": ""}}
    sys.stdout.write(json.dumps(said) + "\n")
    sys.stdout.flush()


def _waited_for(module: str) -> str:
    """The request, when it comes: all is loaded by then, and nothing that a user sent has been looked at."""
    from videos.pipeline import launcher  # noqa: PLC0415

    importlib.import_module(module)
    line = sys.stdin.readline()
    if not line:
        raise SystemExit  # nobody needs us
    limits, readable, folder, request = json.loads(line)
    os.chdir(folder)
    os.environ.update(HOME=folder, TMPDIR=folder)
    launcher.confine(limits, readable)
    return str(request)


if __name__ == "__main__":
    main(sys.argv)
