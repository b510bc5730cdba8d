"""Characters taken for one another by eye."""

import pytest

from domain.matching.shapes import lookalike


@pytest.mark.parametrize("pair", ["费贵", "闺闰", "亨亭", "浩洛", "雅雁", "泌沏", "部郡", "科料", "未末", "土士", "胎治"])
def test_look_alikes(pair: str) -> None:
    assert lookalike(pair[0], pair[1])
    assert lookalike(pair[1], pair[0])


@pytest.mark.parametrize("pair", ["得碍", "街行", "鑫海", "一王", "信达", "华国"])
def test_others_are_told_apart(pair: str) -> None:
    assert not lookalike(pair[0], pair[1])
