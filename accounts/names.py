"""What names may consist of."""

from __future__ import annotations

import re
import unicodedata

from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.utils.translation import gettext_lazy as _

# No @: a name that looks like somebody's e-mail address would sign in, and be shown, as if it were theirs.
# A letter, digit or _ first: names are parts of addresses, and ".." is none.
USERNAME_VALIDATORS = [
    RegexValidator(
        re.compile(r"\A\w[\w.-]*\Z"),
        _("Please use letters, digits, dots, dashes and underscores, and begin with a letter or digit."),
        code="invalid_username",
    )
]

# Control, private-use, surrogate and line separators; of the invisible characters only the joiners that scripts need.
_REFUSED_CATEGORIES = frozenset({"Cc", "Co", "Cs", "Cn", "Zl", "Zp"})
_JOINERS = frozenset({"\u200c", "\u200d"})
_MARKS_IN_A_ROW = 4


def validate_shown_name(name: str) -> None:
    """Refuses what would turn the text around it, hide in it, or grow over the lines above. Raises ValidationError."""
    marks = 0
    for character in name:
        category = unicodedata.category(character)
        if category in _REFUSED_CATEGORIES or (category == "Cf" and character not in _JOINERS):
            raise ValidationError(_("A name cannot hold invisible characters."), code="invisible")
        marks = marks + 1 if category in {"Mn", "Me"} else 0
        if marks > _MARKS_IN_A_ROW:
            raise ValidationError(_("A name cannot hold that many marks on one letter."), code="marks")
