"""Adding files in Chromium, without scripts: refused with reasons, kept, and opened as a download."""

from collections.abc import Callable

from playwright.sync_api import FilePayload, Page, expect
from sqlalchemy.orm import Session

from tests.attachments.specimens import pdf, picture
from tests.browser.conftest import Visitors, check_accessible
from tests.cast import Cast
from tests.factories.attachments import make_file
from tests.factories.referrals import make_draft

OpenAs = Callable[..., Page]


def chosen(name: str, content: bytes) -> FilePayload:
    return {"name": name, "mimeType": "application/octet-stream", "buffer": content}


def add(page: Page, name: str, content: bytes) -> None:
    page.get_by_label("Choose files").set_input_files(chosen(name, content))
    page.get_by_role("button", name="Add", exact=True).click()


def test_files_are_added_one_after_the_other_without_scripts_and_leave_as_downloads(
    open_as: OpenAs, visitors: Visitors, rows: Session, cast: Cast
) -> None:
    visitors.expect_complaints("422")
    draft = make_draft(rows, cast.officer)
    page = open_as(cast.officer, scripts=False, accept_downloads=True)
    page.goto(f"/share/{draft.reference}/check")
    page.get_by_role("link", name="Add a file").click()
    add(page, "map.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>")
    expect(page.get_by_role("alert")).to_contain_text("SVG drawings are not taken")
    add(page, "Letter of the school.pdf", pdf())
    add(page, "Two phones.jpg", picture("JPEG"))
    expect(page.get_by_role("link", name="Two phones")).to_be_visible()
    page.get_by_role("button", name="Take out Two phones").click()
    expect(page.get_by_role("link", name="Two phones")).to_have_count(0)
    with page.expect_download() as download:
        page.get_by_role("link", name="Letter of the school").click()
    assert download.value.suggested_filename.startswith("ATT-")
    assert download.value.suggested_filename.endswith(".pdf")


def test_the_page_of_files_is_accessible_with_files_and_with_an_error(
    open_as: OpenAs, visitors: Visitors, rows: Session, cast: Cast
) -> None:
    visitors.expect_complaints("422")
    draft = make_draft(rows, cast.officer)
    make_file(rows, draft, cast.officer, name="IMG_20261103_071122_as_cameras_write_their_names_without_end")
    page = open_as(cast.officer, phone=True)
    page.goto(f"/share/{draft.reference}/files")
    check_accessible(page)
    add(page, "map.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>")
    expect(page.locator("[data-upload-list] .govuk-error-message")).to_be_visible(timeout=60_000)
    check_accessible(page)


def test_files_that_were_chosen_at_once_go_one_by_one_and_say_that_they_belong_together(
    open_as: OpenAs, rows: Session, cast: Cast
) -> None:
    """Whoever is told of them is told once."""
    draft = make_draft(rows, cast.officer)
    page = open_as(cast.officer)
    sent: list[str] = []
    page.on("request", lambda one: sent.append(one.headers.get("x-one-file", "")))
    for sending in (1, 2):
        page.goto(f"/share/{draft.reference}/files")
        names = [f"{sending}-{number}.png" for number in range(2)]
        files = [chosen(name, picture(size=(40 + sending, 30 + number))) for number, name in enumerate(names)]
        page.get_by_label("Choose files").set_input_files(files)
        page.get_by_role("button", name="Add", exact=True).click()
        expect(page.locator("[data-upload-list] .app-uploads__done")).to_have_count(2, timeout=60_000)
        expect(page.locator("#added-files")).to_contain_text(f"{sending}-1", timeout=60_000)
    first, second, third, fourth = filter(None, sent)
    assert first == second != third == fourth
    assert len(first) == 32
