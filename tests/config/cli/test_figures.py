"""Benchmarks and proofs are found by their main()."""

from __future__ import annotations

from pathlib import Path

from config.cli.figures import listed


def test_modules_with_a_main_are_listed_with_their_first_line(tmp_path: Path) -> None:
    (tmp_path / "ladder.py").write_text(
        '"""Ladder against bare ffmpeg.\n\nMore."""\ndef main() -> int:\n    return 0\n'
    )
    (tmp_path / "machine.py").write_text('"""What this machine is."""\n')
    (tmp_path / "__init__.py").write_text("")
    assert listed(tmp_path) == {"ladder": "Ladder against bare ffmpeg."}


def test_a_missing_folder_lists_nothing(tmp_path: Path) -> None:
    assert listed(tmp_path / "none") == {}
