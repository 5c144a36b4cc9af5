"""No page, list or message blames a child.

The words follow published guides on language about exploited children. Say what was done to the child: is
being groomed, was targeted by, is missing.
"""

import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]

#: The page of guidance that sets the words to avoid beside better ones has to name them.
ABOUT_WORDS = "words-that-help.md"

BLAMING = {
    r"puts? (him|her|them|it|one)sel(f|ves) (at|in) (risk|danger)": "is at risk from",
    r"plac(es?|ing) (him|her|them|one)sel(f|ves) (at|in)": "is at risk from",
    r"associat(es|ing) with": "is targeted by, or spends time with",
    r"(boy|girl)friend": "adult or young person who has contact with the child",
    r"promiscuous": "(leave it out)",
    r"abscond(s|ed|ing|er)?": "missing",
    r"(child|underage|juvenile) prostitut\w*": "child who is sexually exploited",
    r"lifestyle choices?": "(leave it out)",
    r"(chose|chooses|choosing) to (stay|go|meet|have sex|sell|deal)": "was made to",
    r"street ?wise": "(leave it out)",
    r"attention[- ]seeking": "asking for help",
    r"(drug|county lines?) (runner|running|dealer)s?": "child who is made to move drugs",
    r"(risky|sexualised) behaviours?": "signs of harm",
    r"risk[- ]taking": "signs of harm",
    r"prolific": "(leave it out)",
    r"(fails?|failed|failing|refus(es|ed|ing)) to engage": "has not been reached yet",
    r"(hard|difficult) to engage": "has not been reached yet",
    r"non[- ]complian(t|ce)": "(say what happened)",
    r"wayward|troublesome|delinquent": "(leave it out)",
    r"allegedly|alleges": "says",
    r"sex(ual(ly)?)? active": "(leave it out)",
    r"sexual relationship": "sexual abuse",
    r"in a relationship with": "is being abused by",
    r"toyboy|sugar dadd(y|ies)": "adult who exploits",
    r"known offender": "child who is in contact with youth justice",
}


def texts() -> Iterator[Path]:
    """Everything that people read: templates, policy, labels, guidance, demo."""
    for folder, endings in (
        ("config/policy", {".toml", ".md"}),
        ("portal", {".html", ".txt", ".md", ".toml", ".py", ".typ", ".csv", ".json", ".js"}),
    ):
        for path in sorted((ROOT / folder).rglob("*")):
            if path.suffix in endings and "build" not in path.parts and path.name != ABOUT_WORDS:
                yield path


#: Each word to avoid is a group of its own, so that one pass over a text finds them all.
PATTERN = re.compile(
    r"\b(?:" + "|".join(f"(?P<w{number}>{one})" for number, one in enumerate(BLAMING)) + r")\b", re.IGNORECASE
)
BETTER = {f"w{number}": better for number, better in enumerate(BLAMING.values())}


def blaming(text: str) -> Iterator[str]:
    """What a text says that blames, each with better words."""
    for found in PATTERN.finditer(" ".join(text.split())):
        name = next(one for one, said in found.groupdict().items() if one in BETTER and said)
        yield f"“{found[0]}”; write: {BETTER[name]}"


def test_each_word_to_avoid_is_found() -> None:
    said = (
        "She was promiscuous, absconded, put herself at risk, a known offender; her boyfriend fails to engage"
    )
    assert len(list(blaming(said))) == 6


def test_nothing_that_people_read_blames_a_child() -> None:
    read = list(texts())
    faults = [
        f"{path.relative_to(ROOT)} says {one}" for path in read for one in blaming(path.read_text("utf-8"))
    ]
    assert not faults, "\n".join(faults)
    assert len(read) > 1000, "where have they gone?"
