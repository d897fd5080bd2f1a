"""Codes: of areas, of categories, and the keys by which a table of ours is asked.

Patterns say ``[0-9]``: ``\\d`` would also take the digits of every other script.
"""

from typing import Annotated

from pydantic import BeforeValidator, StringConstraints

from backend.core.inputs.base import Checked
from backend.core.inputs.words import _clean_line

# City, county, town, village, grid, unit; nothing between.
AREA = r"^([0-9]{4}|[0-9]{6}|[0-9]{9}|[0-9]{12}|[0-9]{15}|[0-9]{18})$"

AreaCode = Annotated[str, StringConstraints(pattern=AREA, max_length=18), Checked("code")]
# Who holds a meeting governs at least a town.
ReviewArea = Annotated[
    str,
    StringConstraints(pattern=r"^([0-9]{9}|[0-9]{12}|[0-9]{15}|[0-9]{18})$", max_length=18),
    Checked("code"),
]
VillageCode = Annotated[str, StringConstraints(pattern=r"^[0-9]{12}$"), Checked("code")]
# Of a category, a condition, a reason: a local scheme may use what it likes but blanks.
CategoryCode = Annotated[
    str,
    StringConstraints(min_length=1, max_length=20, pattern=r"^\S+$"),
    BeforeValidator(_clean_line), Checked("code"),
]  # fmt: skip
# A word of ours that stands in a table: of a question, a reason, a step.
Key = Annotated[
    str, StringConstraints(min_length=1, max_length=40, pattern=r"^[A-Za-z0-9._-]+$"),
    Checked("code"),
]  # fmt: skip
# A key that names itself: begins with a letter, has no signs but the underscore.
SmallKey = Annotated[
    str, StringConstraints(max_length=40, pattern=r"^[a-z][a-z_]{1,39}$"), Checked("code")
]
# What a question of a category may be called by: any word, since cities name their own.
Choice = Annotated[
    str, StringConstraints(min_length=1, max_length=80), BeforeValidator(_clean_line),
    Checked("code"),
]  # fmt: skip
Username = Annotated[
    str, StringConstraints(min_length=1, max_length=80), BeforeValidator(_clean_line),
    Checked("code"),
]  # fmt: skip
# The managing county in a key: six digits, of the intake county too.
CountyCode = Annotated[str, StringConstraints(pattern=r"^[0-9]{6}$"), Checked("code")]
# The beginning of a code; may be empty.
Digits = Annotated[str, StringConstraints(pattern=r"^[0-9]{0,15}$"), Checked("code")]
Mail = Annotated[
    str,
    StringConstraints(max_length=200, pattern=r"^([^@\s\x00-\x1f]+@[^@\s]+\.[^@\s]+)?$"),
    BeforeValidator(_clean_line), Checked("mail"),
]  # fmt: skip
SixDigits = Annotated[str, StringConstraints(pattern=r"^[0-9]{6}$"), Checked("code")]
# The code of a meeting; those called before had six digits.
JoinCode = Annotated[str, StringConstraints(pattern=r"^[0-9]{6,8}$"), Checked("code")]
