"""The glossary is true: what it points at is there, and no word stands in it twice."""

import re

from backend.embedded.place import REPOSITORY

ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in (REPOSITORY / "docs" / "glossary.md").read_text("utf-8").splitlines()
    if line.startswith("| ") and not line.startswith("| Word")
]


def test_every_word_has_its_chinese_its_meaning_and_a_place_that_exists() -> None:
    assert len(ROWS) > 50
    for word, chinese, meaning, where in ROWS:
        assert re.search(r"[\u4e00-\u9fff]|现在", chinese), word
        assert len(meaning) > 10, word
        for place in re.findall(r"`((?:backend|web)/[^`]+)`", f"{meaning} {where}"):
            assert (REPOSITORY / place).exists(), place


def test_a_word_stands_there_once() -> None:
    words = [one.strip() for row in ROWS for one in row[0].split(",")]
    assert sorted(words) == sorted(set(words))
