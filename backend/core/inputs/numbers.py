"""Numbers: finite, and no larger than what stores or measures them."""

from typing import Annotated

from pydantic import AfterValidator, Field

from backend.core.inputs.base import Checked

# Half of the earth's girth: a position that is less accurate says nothing at all.
ACCURACY_MOST_M = 20_037_508.0
INT_MOST = 2**31 - 1
SMALLINT_MOST = 2**15 - 1


def _accuracy(value: float) -> float:
    # Browsers report absurd accuracies where they have no fix; a report is not lost over that.
    # Millimetres are enough, and there is one zero.
    return round(min(value, ACCURACY_MOST_M), 3) + 0.0


_NUMBER = Checked("number")

Lon = Annotated[float, Field(ge=-180, le=180), _NUMBER]
Lat = Annotated[float, Field(ge=-90, le=90), _NUMBER]
# A coordinate in whatever system its position names: degrees, or metres with a zone in front.
Coordinate = Annotated[float, Field(ge=-1e8, le=1e8), _NUMBER]
Accuracy = Annotated[float, Field(ge=0), AfterValidator(_accuracy), _NUMBER]
# Nearer than a metre no position is known.
Radius = Annotated[float, Field(ge=1, le=500), _NUMBER]
Money = Annotated[float, Field(ge=0, le=1e11), _NUMBER]
Count = Annotated[int, Field(ge=0, le=INT_MOST), _NUMBER]
Percent = Annotated[int, Field(ge=0, le=100), _NUMBER]
# How far a log had been read; and the edition of a scheme.
Seen = Annotated[int, Field(ge=0, le=INT_MOST), _NUMBER]
Version = Annotated[int, Field(ge=1, le=SMALLINT_MOST), _NUMBER]
