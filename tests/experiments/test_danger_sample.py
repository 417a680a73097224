"""The draw of paragraphs about dangers."""

from __future__ import annotations

from collections import Counter

from experiments._danger_sample import draw_dangers

END = "and so it went on for weeks, as those who had been there from the first day on told the paper, without an end."


def article(number: int) -> dict[str, str]:
    lines = (
        f"On day {number} the ministry spoke of a threat to the town, {END}",
        f"On day {number} the ministry said that the outbreak was under control, {END}",
        f"On day {number} the ministry met as it does every week to hear its own reports, {END}",
        "A threat, but few words.",
    )
    return {"id": f"a{number}", "outlet": "o", "topic": "t", "title": "T", "text": "\n".join(lines)}


def test_half_of_the_paragraphs_speak_of_safety_as_well() -> None:
    articles = [article(number) for number in range(20)]
    drawn = draw_dangers(articles, {"a0"}, {articles[1]["text"].split("\n")[0]}, n=10)
    assert Counter(each.stratum for each in drawn) == {"danger": 5, "safety": 5}
    assert len({each.article for each in drawn}) == 10 and "a0" not in {each.article for each in drawn}
    assert all(("outbreak" in each.text) == (each.stratum == "safety") for each in drawn)
    assert not any("every week" in each.text or "few words" in each.text for each in drawn)
    assert "On day 1 the ministry spoke" not in " ".join(each.text for each in drawn)
    assert drawn == draw_dangers(articles, {"a0"}, {articles[1]["text"].split("\n")[0]}, n=10)
