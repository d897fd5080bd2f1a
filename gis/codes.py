"""Area codes: an area's code is its address in the one tree.

City 4 digits > county 6 > town 9 > village or community 12 > grid 15 > minimal unit 18. The first
twelve follow GB/T 2260 and the statistical division codes; grid and unit digits are local
(``code_source`` LOCAL), three digits a level.
"""

from enum import StrEnum


class Level(StrEnum):
    """A level of the tree, from the largest to the smallest."""

    CITY = "city"
    COUNTY = "county"
    TOWN = "town"
    VILLAGE = "village"
    GRID = "grid"
    UNIT = "unit"


LENGTH = {
    Level.CITY: 4,
    Level.COUNTY: 6,
    Level.TOWN: 9,
    Level.VILLAGE: 12,
    Level.GRID: 15,
    Level.UNIT: 18,
}
LEVEL_OF_LENGTH = {length: level for level, length in LENGTH.items()}
LEVELS = tuple(Level)


def level_of(code: str) -> Level:
    """The level that a code's length stands for.

    Parameters
    ----------
    code : str

    Returns
    -------
    Level

    Raises
    ------
    ValueError
        For anything but 4, 6, 9, 12, 15 or 18 digits.
    """
    if not (code.isascii() and code.isdigit() and len(code) in LEVEL_OF_LENGTH):
        raise ValueError(f"{code!r} is no area code: 4, 6, 9, 12, 15 or 18 digits")
    return LEVEL_OF_LENGTH[len(code)]


def chain(code: str) -> list[str]:
    """The code and its ancestors, the city first; empty for no code.

    Parameters
    ----------
    code : str
        4, 6, 9, 12, 15 or 18 digits; not checked here (`level_of` checks).

    Returns
    -------
    list of str
        From 4 digits up to the code itself.

    Examples
    --------
    >>> chain("359902101")
    ['3599', '359902', '359902101']
    """
    return [code[:length] for length in LENGTH.values() if length <= len(code)]


def parent(code: str) -> str | None:
    """The code one level up; None for a city.

    Parameters
    ----------
    code : str
        4, 6, 9, 12, 15 or 18 digits; not checked here (`level_of` checks).

    Returns
    -------
    str or None
    """
    shorter = chain(code)[:-1]
    return shorter[-1] if shorter else None


def county_of(code: str) -> str:
    """The county digits of a code at county level or below.

    Parameters
    ----------
    code : str
        At least 6 digits; a city's 4 come back as they are.

    Returns
    -------
    str
    """
    return code[:6]


def upper(code: str) -> str:
    """The least code after every descendant of ``code``: the ``hi`` of its range ``[lo, hi)``.

    Parameters
    ----------
    code : str
        4, 6, 9, 12, 15 or 18 digits; not checked here (`level_of` checks).

    Returns
    -------
    str
        Compares by bytes (collation ``C``); no area code itself when the last digit is 9.

    Examples
    --------
    >>> upper("359902"), upper("359909")
    ('359903', '35990:')
    """
    return code[:-1] + chr(ord(code[-1]) + 1)


def shown(code: str) -> str:
    """The form that people read: ``359902-101-001-003-007``.

    Parameters
    ----------
    code : str
        4, 6, 9, 12, 15 or 18 digits; not checked here (`level_of` checks).

    Returns
    -------
    str
    """
    county, rest = code[:6], code[6:]
    return "-".join([county, *(rest[i : i + 3] for i in range(0, len(rest), 3))])


def trim_statistical(code: str) -> str:
    """A 12-digit statistical code without the zero groups of the levels below its own.

    Parameters
    ----------
    code : str
        12 digits, as the National Bureau of Statistics publishes them.

    Returns
    -------
    str
        4, 6, 9 or 12 digits.

    Examples
    --------
    >>> trim_statistical("350302000000"), trim_statistical("350302100000")
    ('350302', '350302100')
    """
    for length in (9, 6, 4):
        if set(code[length:]) <= {"0"}:
            continue
        return code[: next(size for size in (4, 6, 9, 12) if size > length)]
    return code[:4]
