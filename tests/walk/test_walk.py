"""What a record of a walk keeps of a page, and what two of them are said to differ in."""

from pathlib import Path

import pytest
from bs4 import BeautifulSoup

from tests.walk import normalise
from tests.walk.compare import changed, differences, report

CASE, OTHER = "CRE-7KQ2-9XWD", "CRE-0000-0000"
ROW, UNKNOWN = "0190f3a2-0000-7000-8000-000000000001", "0190f3a2-0000-7000-8000-00000000000f"


def page(
    *,
    case: str = CASE,
    row: str = ROW,
    drawn: str = "one",
    once: str = UNKNOWN,
    fault: str = "SBGX-KEFZ",
    seen: str = "11:50am",
    script: str = "4f3e2d1c",
    word: str = "Who leads it",
    field: str = "lead",
    link: str = "plan",
    wrapped: str = "div",
) -> str:
    """A page with a bit of everything."""
    return f"""<!doctype html><title>Case {case}</title>
    <script src="/static/build/portal.{script}.js"></script>
    <{wrapped} class="{wrapped}"><h1>Case {case}</h1></{wrapped}>
    <a href="/cases/{case}/{link}?row={row}">The plan</a>
    <form method="post" action="/cases/{case}/lead">
      <input type="hidden" name="csrf_token" value="{drawn}"><input type="hidden" name="once" value="{once}">
      <label for="x">{word}</label><input id="x" name="{field}" value="Ada">
      <button>Save</button>
    </form>
    <p>Reference {fault}, 2027-2028, seen 15 March 2028 at {seen}</p>
    <table><tr><th>Due</th><td>Friday</td></tr></table>"""


def told(html: str, case: str = CASE, row: str = ROW) -> str:
    return normalise.page(BeautifulSoup(html, "html.parser"), normalise.Names({case: "CRE-1", row: "plan-4"}))


BEFORE = told(page())


def test_what_is_drawn_anew_each_time_is_no_difference() -> None:
    row = "0190f3a2-0000-7000-8000-000000000002"
    again = page(
        case=OTHER,
        row=row,
        drawn="two",
        once=row,
        fault="X1F2-P3E9",
        seen="12:02pm",
        script="11aa22bb",
        wrapped="section",
    )
    assert "section" in told(again, OTHER, row)
    again = page(
        case=OTHER,
        row=row,
        drawn="two",
        once=row,
        fault="X1F2-P3E9",
        seen="12:02pm",
        script="11aa22bb",
        wrapped="p",
    )
    assert told(again, OTHER, row) == BEFORE
    assert "/cases/CRE-1/plan?row=plan-4" in BEFORE


def test_where_in_its_form_a_hidden_field_stands_is_no_difference() -> None:
    hidden = '<input type="hidden" name="version" value="3">'
    first, last = (
        page().replace(where, found)
        for where, found in (("<label", f"{hidden}<label"), ("</form>", f"{hidden}</form>"))
    )
    assert told(first) == told(last) != BEFORE


@pytest.mark.parametrize(
    "after",
    [
        page(word="Who leads this"),
        page(field="leader"),
        page(link="plans"),
        page(link=f"plan/{UNKNOWN}"),
        page().replace("Friday", "Monday"),
        page().replace("<th>", "<td>").replace("</th>", "</td>"),
        page().replace("<button>", '<button name="do" value="end">'),
        page().replace('value="Ada"', 'value="Ada" disabled'),
        page().replace('<input type="hidden" name="once"', '<input type="hidden" name="twice"'),
        page(case=OTHER),
        page().replace("2027-2028", "2027-2029"),
        page(seen="11:43am"),
    ],
)
def test_what_people_read_follow_fill_in_or_press_is_a_difference(after: str) -> None:
    assert changed(BEFORE, told(after))


def test_what_a_link_leads_to_is_known_by_which_row_it_is() -> None:
    link = f'<a href="/cases/{CASE}">Open</a>'
    assert changed(told(link), told(link, case=OTHER))
    assert told(link) == told(link.replace(CASE, OTHER), case=OTHER)


def test_a_token_in_an_answer_to_a_script_is_no_difference() -> None:
    names = normalise.Names({ROW: "app_user-1"})
    one, two = (
        normalise.text(f'{{"person":"{who}","token":"{drawn}"}}', names)
        for who, drawn in ((ROW, ".eJw"), (UNKNOWN, ".eJx"))
    )
    assert one == two.replace("uuid-?", "app_user-1")
    assert changed(one, two)


def test_alike_differences_are_told_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before, after = tmp_path / "before", tmp_path / "after"
    for folder, word in ((before, "Closed"), (after, "Ended")):
        for person in ("ada", "cora"):
            (folder / person).mkdir(parents=True)
            (folder / person / "home.txt").write_text(f"200 text/html /home\nHome\n{word}\n", "utf-8")
    (before / "ada" / "gone.txt").write_text("200 text/html /gone\n", "utf-8")
    (before / "ada" / "refused.txt").write_text("200 text/html /refused\n", "utf-8")
    (after / "ada" / "refused.txt").write_text("403 text/html /refused\n", "utf-8")
    assert differences(before, after) == {
        (("Closed",), ("Ended",)): ["ada/home.txt", "cora/home.txt"],
        (("the page was recorded",), ()): ["ada/gone.txt"],
        (("200 text/html /refused",), ("403 text/html /refused",)): ["ada/refused.txt"],
    }
    assert report(before, after) == 1
    assert "2 pages, such as ada/home.txt" in capsys.readouterr().out
    assert report(before, before) == 0
