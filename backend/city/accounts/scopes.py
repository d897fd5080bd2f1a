"""From a post to the slice of the city that it sees."""

from sqlalchemy.orm import Session

from backend.city.accounts.models import Post
from backend.city.areas import queries as areas
from backend.core.actor import INTAKE_COUNTY, Role, Slice
from backend.core.rights import WITHOUT_SCOPE
from gis import codes


def slices(session: Session, post: Post) -> tuple[Slice, ...]:
    """The ranges of area codes that a post sees, each inside one managing county."""
    code = post.area_code
    if code is None or Role(post.role) in WITHOUT_SCOPE:
        return ()
    level = codes.level_of(code)
    if level is codes.Level.CITY:
        return (
            *(Slice(county, code, codes.upper(code)) for county in areas.counties(session, code)),
            Slice(INTAKE_COUNTY, INTAKE_COUNTY, codes.upper(INTAKE_COUNTY)),
        )
    own = Slice(post.home_county, code, codes.upper(code))
    if level is not codes.Level.COUNTY:
        return (own,)
    # A functional zone manages towns whose codes begin with another county's digits.
    managed = areas.managed_towns(session, code)
    others = (Slice(code, t, codes.upper(t)) for t in sorted(managed) if not t.startswith(code))
    return (own, *others)
