"""What was made from these inputs is made again only when they change."""

from __future__ import annotations

from pathlib import Path

from config.cli.stamps import Stamp, digest


def test_the_order_of_files_does_not_matter_but_every_byte_and_word_does(tmp_path: Path) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    one.write_text("1")
    two.write_text("2")
    key = digest([one, two], "word")
    assert key == digest([two, one], "word")
    assert key != digest([one, two], "other word")
    two.write_text("3")
    assert key != digest([one, two], "word")


def test_a_missing_file_counts_as_one(tmp_path: Path) -> None:
    there = tmp_path / "there"
    without = digest([there])
    there.write_text("")
    assert without != digest([there])


def test_a_stamp_speaks_only_for_its_own_key(tmp_path: Path) -> None:
    stamp = Stamp(tmp_path / "deep" / "stamp")
    assert not stamp.says("a")
    stamp.write("a")
    assert stamp.says("a")
    assert not stamp.says("b")
