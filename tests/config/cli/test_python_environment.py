"""The environment is made from hash-pinned lists, on whatever Python there is, and only when something changed."""

from __future__ import annotations

import base64
import hashlib
import io
import os
import shutil
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest

from config.cli import debian, python_environment
from config.cli.checkout import Checkout
from config.cli.console import Console
from config.cli.faults import SetUpError

BASE_PYTHON = Path(sys._base_executable)  # type: ignore[attr-defined]  # the interpreter that venvs are made from
PIP = Path(sysconfig.get_path("purelib", vars={"base": sys.base_prefix})) / "pip"


@pytest.fixture
def printed() -> io.StringIO:
    return io.StringIO()


@pytest.fixture
def variables(tmp_path: Path) -> dict[str, str]:
    """pip finds the test's own wheels and asks no index."""
    return {
        **os.environ,
        "PIP_FIND_LINKS": str(tmp_path / "wheels"),
        "PIP_NO_INDEX": "1",
        "PIP_CONFIG_FILE": os.devnull,
    }


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    made = Checkout(tmp_path / "checkout")
    made.requirements.mkdir(parents=True)
    _pin(made, "base", _wheel(tmp_path / "wheels", "reel", "1.0"))
    return made


def _wheel(folder: Path, name: str, version: str) -> Path:
    """A package of one module, as a wheel."""
    info = f"{name}-{version}.dist-info"
    files = {
        f"{name}.py": f"VERSION = {version!r}\n",
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    rows = []
    for path, text in files.items():
        digest = base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode()
        rows.append(f"{path},sha256={digest},{len(text)}")
    files[f"{info}/RECORD"] = "\n".join([*rows, f"{info}/RECORD,,", ""])
    folder.mkdir(parents=True, exist_ok=True)
    wheel = folder / f"{name}-{version}-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        for path, text in files.items():
            archive.writestr(path, text)
    return wheel


def _pin(checkout: Checkout, name: str, *wheels: Path) -> None:
    lines = []
    for wheel in wheels:
        package, version = wheel.name.split("-")[:2]
        lines.append(f"{package}=={version} --hash=sha256:{hashlib.sha256(wheel.read_bytes()).hexdigest()}\n")
    (checkout.requirements / f"{name}.txt").write_text("".join(lines))


@pytest.fixture
def bare_python(tmp_path: Path) -> Path:
    """Makes environments quickly, because it has no ensurepip to run."""
    return _python_without(tmp_path, has_pip=True)


def _installed(checkout: Checkout) -> str:
    told = subprocess.run(
        [checkout.python, "-c", "import reel; print(reel.VERSION)"], capture_output=True, text=True, check=True
    )
    return told.stdout.strip()


def _python_without(tmp_path: Path, *, has_pip: bool) -> Path:
    """A real interpreter whose library lacks ensurepip, as plain Debian's does, and pip too if wanted."""
    home = tmp_path / "bare"
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    library = home / "lib" / version
    (library / "site-packages").mkdir(parents=True)
    (home / "bin").mkdir()
    for entry in Path(sysconfig.get_path("stdlib", vars={"installed_base": sys.base_prefix})).iterdir():
        if entry.name not in {"ensurepip", "site-packages"}:
            (library / entry.name).symlink_to(entry)
    if has_pip:
        (library / "site-packages" / "pip").symlink_to(PIP)
    python = home / "bin" / version
    shutil.copy2(BASE_PYTHON.resolve(), python)
    shared = BASE_PYTHON.resolve().parents[1] / "lib"
    for name in shared.glob("libpython*"):
        (home / "lib" / name.name).symlink_to(name.resolve())
    return python


@pytest.fixture
def bare_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No package manager on PATH."""
    (tmp_path / "empty").mkdir()
    monkeypatch.setenv("PATH", str(tmp_path / "empty"))


def test_it_is_made_filled_and_then_left_alone(
    checkout: Checkout, variables: dict[str, str], printed: io.StringIO
) -> None:
    python_environment.ensure(checkout, ["base"], variables=variables, console=Console(printed))
    assert python_environment.pip(checkout, outside=BASE_PYTHON) == [str(checkout.python), "-m", "pip"]
    assert _installed(checkout) == "1.0"
    assert [line.split(" …")[0].strip() for line in printed.getvalue().splitlines()] == [
        "Python environment",
        "Python packages (base)",
    ]
    said = printed.getvalue()
    # Nothing to install from: a second start needs no network.
    python_environment.ensure(
        checkout, ["base"], variables={**variables, "PIP_FIND_LINKS": os.devnull}, console=Console(printed)
    )
    assert printed.getvalue() == said


def test_a_changed_list_is_installed_into_the_same_environment(
    checkout: Checkout, variables: dict[str, str], printed: io.StringIO, tmp_path: Path, bare_python: Path
) -> None:
    python_environment.ensure(checkout, ["base"], variables=variables, console=Console(printed), python=bare_python)
    kept = checkout.venv / "kept"
    kept.touch()
    _pin(checkout, "base", _wheel(tmp_path / "wheels", "reel", "2.0"))
    python_environment.ensure(checkout, ["base"], variables=variables, console=Console(printed), python=bare_python)
    assert _installed(checkout) == "2.0"
    assert kept.exists()


def test_the_tests_list_holds_the_sites_list(
    checkout: Checkout, variables: dict[str, str], printed: io.StringIO, tmp_path: Path, bare_python: Path
) -> None:
    wheels = tmp_path / "wheels"
    _pin(checkout, "dev", _wheel(wheels, "reel", "1.0"), _wheel(wheels, "projector", "1.0"))
    python_environment.ensure(
        checkout, ["base", "dev"], variables=variables, console=Console(printed), python=bare_python
    )
    said = printed.getvalue()
    python_environment.ensure(checkout, ["base"], variables=variables, console=Console(printed), python=bare_python)
    assert printed.getvalue() == said


def test_a_file_with_another_hash_is_refused(
    checkout: Checkout, variables: dict[str, str], printed: io.StringIO, tmp_path: Path, bare_python: Path
) -> None:
    with zipfile.ZipFile(tmp_path / "wheels" / "reel-1.0-py3-none-any.whl", "a") as archive:
        archive.writestr("evil.py", "")
    with pytest.raises(SetUpError, match=r"requirements/base.txt could not be installed") as refused:
        python_environment.ensure(checkout, ["base"], variables=variables, console=Console(printed), python=bare_python)
    assert "HASH" in refused.value.tail.upper()
    assert "failed after" in printed.getvalue()


def test_an_environment_whose_python_is_gone_is_made_anew(
    checkout: Checkout, variables: dict[str, str], printed: io.StringIO, bare_python: Path
) -> None:
    python_environment.ensure(checkout, ["base"], variables=variables, console=Console(printed), python=bare_python)
    checkout.python.unlink()
    checkout.python.symlink_to("/nowhere/python")
    python_environment.ensure(checkout, ["base"], variables=variables, console=Console(printed), python=bare_python)
    assert _installed(checkout) == "1.0"


def test_without_ensurepip_an_outside_pip_fills_the_environment(
    checkout: Checkout, variables: dict[str, str], printed: io.StringIO, bare_python: Path
) -> None:
    python_environment.ensure(checkout, ["base"], variables=variables, console=Console(printed), python=bare_python)
    assert not list(checkout.venv.glob("lib/python3*/site-packages/pip"))
    assert python_environment.pip(checkout, outside=bare_python) == [
        str(bare_python),
        "-m",
        "pip",
        f"--python={checkout.python}",
    ]
    assert _installed(checkout) == "1.0"


@pytest.mark.usefixtures("bare_path")
def test_without_ensurepip_and_pip_the_one_command_that_mends_it_is_told(
    checkout: Checkout, variables: dict[str, str], tmp_path: Path
) -> None:
    python = _python_without(tmp_path, has_pip=False)
    with pytest.raises(SetUpError, match="neither ensurepip nor pip") as refused:
        python_environment.create(checkout.venv, python=python, variables=variables)
    assert "python3-venv" in refused.value.advice


def test_debians_package_is_installed_only_by_root_on_debian(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert not debian.may_install()
