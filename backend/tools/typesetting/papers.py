"""Setting a paper with typst: a template, its data as JSON, and the pictures that lie beside it.

typst reads nothing outside its root, so each paper is set in a folder of its own, which holds the
template and what the caller puts there, and is gone afterwards.
"""

import json
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from shutil import copyfile
from typing import Any

import typst


@dataclass(frozen=True)
class Paper:
    """A paper while it is being set."""

    # Where pictures go; the data names them by their file names.
    root: Path
    template: str

    def pdf(self, data: Mapping[str, Any]) -> bytes:
        """The paper as PDF, not signed yet; the template reads ``data`` as ``sys.inputs.data``."""
        set_: bytes = typst.compile(
            str(self.root / self.template), root=str(self.root), format="pdf",
            sys_inputs={"data": json.dumps(data, ensure_ascii=False)},
        )  # fmt: skip
        return set_


@contextmanager
def paper(template: Path) -> Iterator[Paper]:
    """A folder with a template in it, for the length of one paper."""
    with tempfile.TemporaryDirectory(prefix="onemap-paper-") as folder:
        copyfile(template, Path(folder) / template.name)
        yield Paper(Path(folder), template.name)
