"""Which language is answered in: RFC 9110, section 12.5.4, with cases by hand."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.core.language import SUPPORTED, choose


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("", "zh-CN"), ("zh-CN", "zh-CN"), ("en", "en"), ("EN-gb", "en"), ("zh-Hant-TW", "zh-CN"),
        # The first wins among equals, the weight before that, with any blanks around it.
        ("en, zh-CN", "en"), ("zh,en", "zh-CN"), ("zh;q=0.5,en", "en"), ("zh ; q=0.5 , en ; q=0.9", "en"),
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh-CN"), ("en-US,en;q=0.9,zh-CN;q=0.8", "en"),
        ("zh-CN;q=0.1,en;q=0.5,zh-TW;q=0.9", "zh-CN"), ("en;Q=0.2,zh;q=0.1", "en"),
        # Nothing of ours: Chinese first. `*` is whatever is not named.
        ("fr", "zh-CN"), ("fr, *;q=0.1", "zh-CN"), ("*", "zh-CN"), ("en;q=0.3,*;q=0.5", "zh-CN"),
        ("en;q=0.5,*;q=0.3", "en"), ("zh;q=0.2,*", "en"),
        # 0 refuses.
        ("zh;q=0", "en"), ("zh;q=0,*;q=0.5", "en"), ("en;q=0", "zh-CN"), ("zh;q=0,en;q=0", "zh-CN"),
        ("zh;q=0.000,en;q=0.001", "en"), ("*;q=0", "zh-CN"), ("en,*;q=0", "en"),
        # Other languages that only begin alike, and what is no weight.
        ("zha,en;q=0.1", "en"), ("eng,zh;q=0.1", "zh-CN"), ("en;q=nan,zh;q=0.1", "zh-CN"),
        ("en;q=inf,zh;q=0.1", "zh-CN"), ("en;q=2,zh;q=0.1", "zh-CN"), ("en;q=-1", "zh-CN"),
        ("en;q=1e9,zh;q=0.1", "zh-CN"), (";,;q=,,en", "en"), ("en;q=0.5;q=1", "zh-CN"),
    ],
)  # fmt: skip
def test_the_language_that_is_wanted_most_is_chosen(header: str, language: str) -> None:
    assert choose(header) == language


@given(st.text(max_size=200))
def test_any_header_gives_a_language_that_we_have(header: str) -> None:
    assert choose(header) in SUPPORTED
