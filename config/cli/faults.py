"""The one error of the command line: what failed, the end of what it printed, and what to do."""

from __future__ import annotations


class SetUpError(Exception):
    """Stops the command. `tail` is the end of the failed program's output; `advice` tells what to do next."""

    def __init__(self, what: str, *, advice: str, tail: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.advice = advice
        self.tail = tail

    def __str__(self) -> str:
        parts = [self.what]
        if self.tail:
            parts.append("\n".join("    " + line for line in self.tail.splitlines()))
        parts.append(self.advice)
        return "\n".join(parts)
