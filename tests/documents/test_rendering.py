"""Every document: accessible, marked, and made of what somebody wrote without ever obeying it."""

import resource
import subprocess
import sys
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest

from portal.documents import Document, NoDocument, Taker, blocks
from portal.documents import document as rendering
from portal.documents.blocks import SHOWN, showable
from portal.records.disclosures.vocabulary import CopyKind
from tests.documents.reading import Opened, flat, open_pdf

AT = datetime(2026, 11, 25, 22, 0, tzinfo=UTC)
TAKER = Taker("Otto Quilltaker", "Police", "CPY-1111-2222", AT)

HOSTILE = (
    '#read("/etc/passwd")',
    "#import sys: *",
    "] #panic()",
    "$ x^2 $",
    "@reference <label>",
    "*not bold* _not slanted_ `not code`",
    "= No heading",
    "- no list",
    "// no comment /* none */",
    "\\#[ \\u{1F600}",
    '"}}, {"heading": 1',
    "#sys.inputs.data",
    "{{ jinja }} {% raw %}",
    "https://agency.example/#fragment",
)


def document(*made: blocks.Block, **facts: Any) -> Document:
    values: dict[str, Any] = {
        "kind": CopyKind.CHRONOLOGY,
        "subject_id": uuid4(),
        "reference": "CRE-1234-5678",
        "title": "Chronology",
        "case_ids": [],
        "blocks": list(made),
    }
    return Document(**(values | facts))


def opened(*made: blocks.Block, **facts: Any) -> Opened:
    return open_pdf(document(*made, **facts).made_for(TAKER, service="Test portal"))


@pytest.fixture(scope="module")
def example() -> Opened:
    """A document of several pages with every block."""
    text = "What an agency knows of it. " * 40
    return opened(
        blocks.heading("About the case"),
        *blocks.facts([{"key": "Level", "value": "High"}, {"key": "Left out", "value": None}]),
        *blocks.table(("Agency", "Worker"), [("Police", "Quillworker"), ("Health", None)]),
        blocks.heading("Entries", 1),
        *(one for n in range(12) for one in (blocks.heading(f"Entry {n}", 2), *blocks.words(text))),
        *blocks.labelled("Conditions", "For nobody else"),
        blocks.said("How are you", answer="Well", words="She said so", by="Nora Nurse"),
        *blocks.bullets(["one thing"]),
        *blocks.numbered(["first thing"]),
        blocks.warning("Ring before a visit"),
        blocks.new_page(),
        *blocks.note("small type"),
        about=["Ada Quillchild"],
        warnings=["Do not contact the family"],
    )


def test_a_document_says_of_itself_that_it_is_accessible(example: Opened) -> None:
    assert "<pdfuaid:part>1</pdfuaid:part>" in example.facts
    assert example.root["/MarkInfo"]["/Marked"].value is True
    assert example.root["/Lang"] == "en-GB"
    assert example.root["/ViewerPreferences"]["/DisplayDocTitle"].value is True
    assert "Chronology CRE-1234-5678" in example.facts


def test_nothing_personal_is_among_the_facts_of_the_file(example: Opened) -> None:
    for name in ("Quillchild", "Quilltaker", "Quillworker"):
        assert name not in example.facts


def test_headings_lists_and_tables_are_real_ones(example: Opened) -> None:
    tags = example.tags()
    for tag in ("Title", "H1", "H2", "L", "LI", "Table", "TH", "TD", "P"):
        assert tag in tags, f"no {tag} in {sorted(set(tags))}"
    assert tags.count("TH") == 2, "a table says what its columns are"


def test_each_page_is_marked_above_and_below_and_says_whose_copy_it_is(example: Opened) -> None:
    assert len(example.pages) > 2
    for number, page in enumerate(example.pages, 1):
        assert page.count("OFFICIAL-SENSITIVE") == 2
        words = flat(page)
        assert f"Page {number} of {len(example.pages)}" in words
        assert "CRE-1234-5678. Copy CPY-1111-2222 for Otto Quilltaker, Police" in words
        assert "25 November 2026 at 10:00pm" in words


def test_a_document_holds_every_block(example: Opened) -> None:
    for words in (
        *("Ada Quillchild", "Do not contact the family", "Level: High", "Quillworker", "Entry 11"),
        *("Conditions: For nobody else", "How are you: Well", "She said so", "Nora Nurse", "one thing"),
        *("first thing", "Ring before a visit", "small type"),
    ):
        assert words in example.text
    assert "Left out" not in example.text, "what has no value is left out"


def test_what_somebody_wrote_is_text_wherever_it_stands() -> None:
    made = opened(
        *(blocks.heading(one) for one in HOSTILE),
        *(one for text in HOSTILE for one in blocks.words(f"words {text}")),
        *blocks.facts({"key": f"key {text}", "value": f"value {text}"} for text in HOSTILE),
        *blocks.table(["A", "B"], [(f"cell {text}", text) for text in HOSTILE]),
        *(blocks.said(f"label {text}", answer=text, words=text, by=f"by {text}") for text in HOSTILE),
        *blocks.bullets(f"item {text}" for text in HOSTILE),
        about=[f"about {text}" for text in HOSTILE],
        warnings=[f"warning {text}" for text in HOSTILE],
        reference="#panic()",
    )
    for text in HOSTILE:
        for place in ("words", "key", "value", "cell", "label", "by", "item", "about", "warning"):
            assert flat(f"{place} {text}") in made.text
    assert "root:" not in made.text


def test_paragraphs_and_lines_stay_as_they_were_typed() -> None:
    made = opened(*blocks.words("First line\r\nsecond line\r\n\r\nNext paragraph"))
    lines = [line.strip() for line in made.pages[0].splitlines()]
    assert [line for line in lines if line in {"First line", "second line", "Next paragraph"}] == [
        "First line",
        "second line",
        "Next paragraph",
    ]
    assert made.tags().count("P") == opened(*blocks.words("One")).tags().count("P") + 1


def test_the_fonts_show_every_sign_that_is_said_to_be_shown() -> None:
    signs = [chr(code) for first, last in SHOWN for code in range(first, last + 1)]
    data = [one for one in signs if blocks.showable(one) == one]
    assert len(data) > 2000
    asked = document(*blocks.bullets(data)).data(TAKER, service="Test portal")
    rendering._compile("record", asked, AT)


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("Zażółć Ελένη Мария שלום", "Zażółć Ελένη Мария שלום"),
        ("sad 😢", "sad [crying face]"),
        ("李", "Li "),
        ("left\u202egnp.exe", "leftgnp.exe"),
        ("a\x00b\x07c", "abc"),
        ("lone \ud800 half", "lone  half"),
        ("private \ue000", "private [?]"),
        ("a\x0bb\u2028c", "a\nb\nc"),
        ("x" * 130, f"{'x' * 60}\u200b{'x' * 60}\u200b{'x' * 10}"),
    ],
)
def test_what_no_font_has_is_written_another_way(typed: str, shown: str) -> None:
    assert showable(typed) == shown
    opened(*blocks.words(typed))


def test_a_sign_that_is_wrongly_taken_for_one_that_is_shown_is_no_reason_for_no_document(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(blocks, "SHOWN", ((0x20, 0x1FFFF),))
    assert "before [crying face] after" in opened(*blocks.words("before 😢 after")).text


def test_a_name_in_letters_of_another_script_can_be_told() -> None:
    made = opened(*blocks.words("ਮਨਪ੍ਰੀਤ came with 王芳"))
    assert "Wang Fang" in made.text


def test_a_process_of_its_own_makes_it_and_is_told_no_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://secret")
    told: dict[str, Any] = {}
    run = subprocess.run

    def listen(command: list[str], **more: Any) -> Any:
        told.update(more, command=command)
        return run(command, check=False, **{key: value for key, value in more.items() if key != "check"})

    monkeypatch.setattr(subprocess, "run", listen)
    opened(*blocks.words("words"))
    assert told["env"] == {}
    assert told["command"][:2] == [sys.executable, "-I"]
    assert b"secret" not in told["input"]


def test_what_is_too_large_or_takes_too_long_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(NoDocument, match="too many"):
        opened(*blocks.words("x" * rendering.LARGEST))
    monkeypatch.setattr(rendering, "SOON", 0.001)
    with pytest.raises(NoDocument, match="not made within"):
        opened(*blocks.words("words"))


def test_a_template_that_does_not_fit_its_data_makes_no_document() -> None:
    with pytest.raises(NoDocument):
        rendering.render("record", {"heading": {}}, at=AT)
    with pytest.raises(NoDocument, match="heading"):
        opened(blocks.heading("Far down", 3))


def test_templates_read_nothing_outside_their_folder_and_fetch_nothing() -> None:
    found = list(rendering.TEMPLATES.glob("*.typ"))
    assert found
    for path in found:
        source = path.read_text("utf-8")
        assert "@" not in source, f"{path.name} imports a package, which would be fetched"
        for function in ("read(", "eval(", "image(", "plugin(", "cbor(", "csv(", "toml(", "yaml("):
            assert function not in source.replace("thread(", ""), f"{path.name} calls {function}"
    assert not (rendering.TEMPLATES / "no-packages").exists()


def test_two_hundred_entries_take_less_than_two_seconds_of_a_core() -> None:
    text = "What an agency knows of it, in a paragraph of usual length. " * 12
    entries = [
        one
        for n in range(200)
        for one in (blocks.heading(f"Entry {n}", 1), *blocks.words(text), *blocks.note("By somebody"))
    ]
    before = _spent()
    document(*entries).made_for(TAKER, service="Test portal")
    assert _spent() - before < 2


def _spent() -> float:
    """Seconds that processes of ours had a core for."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
