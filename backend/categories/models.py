"""The table of categories."""

from sqlalchemy import SmallInteger
from sqlalchemy.orm import Mapped, mapped_column

from backend.core.db import Base


class Category(Base):
    """One category of one version of the scheme. Published rows are never edited."""

    __tablename__ = "category"

    scheme_version: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    code: Mapped[str] = mapped_column(primary_key=True)
    parent_code: Mapped[str | None]
    name_zh: Mapped[str]
    name_en: Mapped[str]
    icon: Mapped[str]
    # Natural hours from filing to feedback, until the working calendar takes this over.
    limit_hours: Mapped[int]
    photo_required: Mapped[bool] = mapped_column(default=False)
    self_resolve_allowed: Mapped[bool] = mapped_column(default=False)
    position: Mapped[int] = mapped_column(SmallInteger)
