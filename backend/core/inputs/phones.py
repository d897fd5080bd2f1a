"""Telephone numbers: read by Google's tables, stored in one form."""

import re
import unicodedata
from typing import Annotated, Any

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumberFormat, ValidationResult
from pydantic import BeforeValidator, StringConstraints
from pydantic_core import PydanticCustomError

from backend.core.inputs.base import Checked

HOME = "CN"
_BETWEEN = re.compile(r"[\s().\-\u2010-\u2015\u2212\u30fc\u00b7/]+")
_DIGITS = re.compile(r"^\+?[0-9]{5,15}$")  # ITU-T E.164: fifteen at most
_POSSIBLE = (ValidationResult.IS_POSSIBLE, ValidationResult.IS_POSSIBLE_LOCAL_ONLY)


def read_phone(value: str) -> str:
    """A number as it is stored: its digits for China (area code with its 0), E.164 for elsewhere.

    Full-width digits and the usual separators are understood. Service numbers (12345) and local
    numbers without an area code are kept as they are.

    Raises
    ------
    PydanticCustomError
        This is no number that could be called: a ``ValueError``.
    """
    # Words are turned into digits by the library (vanity numbers); here they are no number.
    typed = _BETWEEN.sub("", unicodedata.normalize("NFKC", value))
    if _DIGITS.match(typed):
        typed = re.sub(r"^(00|\+)86(?=[0-9]{5})", "", typed)
        typed = re.sub(r"^00(?=[1-9])", "+", typed)
        try:
            number = phonenumbers.parse(typed, HOME)
        except NumberParseException:
            number = None
        if number is not None:
            possible = phonenumbers.is_possible_number_with_reason(number) in _POSSIBLE
            if possible and number.country_code != 86:
                return phonenumbers.format_number(number, PhoneNumberFormat.E164)
            if possible or phonenumbers.is_possible_short_number_for_region(number, HOME):
                return typed
    raise PydanticCustomError("phone", "is no telephone number: {right}", {"right": "13800000000"})


def _phone(value: Any) -> Any:
    return read_phone(value) if isinstance(value, str) else value


def _phone_or_none(value: Any) -> Any:
    return (read_phone(value) if value.strip() else "") if isinstance(value, str) else value


Phone = Annotated[str, StringConstraints(max_length=20), BeforeValidator(_phone), Checked("phone")]
# Of an organization that may have none: empty.
PhoneOrNone = Annotated[
    str, StringConstraints(max_length=20), BeforeValidator(_phone_or_none), Checked("phone")
]
