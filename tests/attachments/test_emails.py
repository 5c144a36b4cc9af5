"""Saved e-mails as they are read: their words alone are kept, and what they carry is read as any file is."""

from collections.abc import Callable
from email.message import EmailMessage
from email.mime.application import MIMEApplication

import pytest

from portal.files import Unacceptable
from portal.files.emails import DEEPEST, LONGEST, MOST_FILES, Email
from portal.files.reading import read
from portal.files.sandbox import read_apart
from portal.files.taken import TakenFile
from portal.records.attachments.vocabulary import FileKind
from tests.attachments.outlook_files import Folder, carrying, message, msg
from tests.attachments.specimens import docx, eml, packed, pdf, picture


def _said(taken: TakenFile) -> Email:
    assert taken.kind is FileKind.EMAIL
    return Email.unpacked(taken.content)


def _outlook(*files: tuple[str, bytes | Folder], **more: str | bytes) -> bytes:
    made = message(p0037="Friday", p0C1A="Quill Pell", p0C1F="quill@school.example", p0E04="Hub", **more)
    for name, content in files:
        carrying(made, name, content)
    return msg(made)


def test_who_wrote_to_whom_when_and_what_is_read_from_both_forms() -> None:
    for sent in (eml(text="She was there.\r\nTwice."), _outlook(p1000="She was there.\r\nTwice.")):
        said = _said(read(sent))
        assert said.sender == "Quill Pell <quill@school.example>"
        assert (said.to, said.subject, said.text) == ("Hub", "Friday", "She was there.\nTwice.")
        assert said.sent_at is not None
        assert said.left_out == ()
        assert Email.unpacked(said.packed()) == said


def test_letters_of_every_kind_in_the_head_and_the_words_are_read() -> None:
    sent = (
        b"From: =?iso-8859-1?Q?J=FCrgen?= <j@x.example>\nSubject: =?utf-8?B?xIDEgA==?=\n"
        b"Date: Fri, 27 Nov 2026 10:00:00 +0100\nContent-Type: text/plain; charset=nonsense\n\ncaf\xc3\xa9"
    )
    said = _said(read(sent))
    assert (said.sender, said.subject, said.text) == ("Jürgen <j@x.example>", "ĀĀ", "café")
    assert said.sent == "2026-11-27T09:00:00+00:00"


@pytest.mark.parametrize("marked", ["p1013", "html"])
def test_html_is_turned_into_words_and_nothing_of_it_is_kept(marked: str) -> None:
    page = (
        "<html><head><title>T</title><style>p{}</style></head><body><script>alert(1)</script>"
        "<p onclick='x()'>She &lt;was&gt; there</p><img src='https://track.example/1.png'>"
        "<a href='https://evil.example'>Look</a></body></html>"
    )
    sent = _outlook(p1013=page.encode()) if marked == "p1013" else eml(text="", html=page)
    taken = read(sent)
    assert _said(taken).text == "She <was> there\nLook"
    for gone in (b"script", b"alert", b"onclick", b"track.example", b"evil.example"):
        assert gone not in taken.content


def test_words_of_its_own_come_before_those_of_its_html() -> None:
    assert _said(read(eml(text="Plain", html="<p>Marked</p>"))).text == "Plain"


@pytest.mark.parametrize("of", [eml, _outlook])
def test_each_file_in_it_is_read_as_if_it_came_by_itself(of: Callable[..., bytes]) -> None:
    files = [
        ("map.png", picture("PNG") + b"<script>"),
        ("letter.pdf", pdf(marker="x")),
        ("run.exe", b"MZ\x90\x00" + b"\0" * 90),
        ("macro.docx", docx({"word/vbaProject.bin": b"\xd0\xcf\x11\xe0 macro"})),
        ("all.zip", packed({"a.exe": b"MZ"})),
        ("page.html", b"<html><script>alert(1)</script>"),
    ]
    sent = of(files=files) if of is eml else of(*files)
    taken = read_apart(sent)
    assert [(part.name, part.taken.kind) for part in taken.parts] == [
        ("map.png", FileKind.PNG),
        ("letter.pdf", FileKind.PDF),
    ]
    assert b"script" not in taken.parts[0].taken.content
    assert (taken.parts[0].sent, taken.parts[1].sent) == (files[0][1], files[1][1])
    assert taken.parts[1].taken.content == files[1][1]
    left_out = dict(_said(taken).left_out)
    assert list(left_out) == ["run.exe", "macro.docx", "all.zip", "page.html"]
    assert "Programs" in left_out["run.exe"]
    assert "macro" in left_out["macro.docx"]
    assert "ZIP" in left_out["all.zip"]
    assert "Web pages" in left_out["page.html"]
    assert taken.left_out == len(left_out)


def test_an_email_within_an_email_is_named_and_not_opened() -> None:
    inner = eml(text="Within", files=[("a.pdf", pdf())])
    around = EmailMessage()
    around["From"], around["Subject"], around["Date"] = (
        "a@x.example",
        "Fwd",
        "Fri, 27 Nov 2026 10:00:00 +0000",
    )
    around.set_content("Outside")
    held = EmailMessage()
    held["From"] = "b@x.example"
    held.set_content("Within")
    around.add_attachment(held)
    for sent in (
        around.as_bytes(),
        eml(text="Outside", files=[("inner.eml", inner)]),
        eml(text="Outside", files=[("inner.msg", _outlook(p1000="Within"))]),
        _outlook(("inner", message(p0037="x", p1000="Within")), p1000="Outside"),
    ):
        taken = read(sent)
        assert not taken.parts
        assert b"Within" not in taken.content
        assert "Another e-mail" in _said(taken).left_out[0][1]


def test_an_encrypted_or_sealed_one_is_refused_with_what_to_do() -> None:
    sealed = MIMEApplication(b"0\x80\x06", "pkcs7-mime", name="smime.p7m")
    sealed["From"], sealed["Date"] = "a@x.example", "Fri, 27 Nov 2026 10:00:00 +0000"
    pgp = eml(text="-----BEGIN PGP MESSAGE-----\r\n\r\nhQEMA\r\n-----END PGP MESSAGE-----")
    mime = (
        b'From: a@x.example\nTo: b\nContent-Type: multipart/encrypted; boundary="x"\n\n'
        b"--x\nContent-Type: application/pgp-encrypted\n\nVersion: 1\n--x--\n"
    )
    for sent in (
        sealed.as_bytes(),
        pgp,
        mime,
        msg(message(p001A="IPM.Note.SMIME")),
        _outlook(("message.rpmsg", b"x"), p1000="This message is protected"),
    ):
        with pytest.raises(Unacceptable, match="encrypted"):
            read(sent)


def test_what_is_broken_is_refused() -> None:
    whole = eml(text="Words", files=[("a.pdf", pdf(marker="x" * 4000))])
    outlook = _outlook(("a.pdf", pdf(marker="x" * 9000)), p1000="Words")
    for sent in (
        whole[: len(whole) // 2],
        b"From: a@x.example\nTo: b\nContent-Type: multipart/mixed\n\nno boundary",
        outlook[:2000],
        outlook[: len(outlook) // 2],
        outlook[:76] + b"\xff" * 436 + outlook[512:],
    ):
        with pytest.raises(Unacceptable):
            read(sent)


def test_what_goes_round_in_circles_within_comes_to_an_end() -> None:
    """The table that says which piece follows which leads back to the first; then a folder holds itself."""
    sent = bytearray(_outlook(("a.pdf", b"%PDF-" + b"x" * 200_000), p1000="Words"))
    table = int.from_bytes(sent[76:80], "little")
    begins = (table + 1) * 512
    for piece in range(100):
        sent[begins + 4 * piece : begins + 4 * piece + 4] = (0).to_bytes(4, "little")
    taken = read_apart(bytes(sent))
    assert [name for name, _ in _said(taken).left_out] == ["a.pdf"]
    assert not taken.parts
    again = bytearray(_outlook(("a.pdf", pdf()), p1000="Words"))
    at = again.index("__attach".encode("utf-16-le"))
    again[at + 76 : at + 80] = (0).to_bytes(4, "little")  # its child is the folder that holds all
    with pytest.raises(Unacceptable):
        read_apart(bytes(again))


def test_what_carries_or_holds_too_much_is_refused() -> None:
    many = [(f"{number}.txt", b"x") for number in range(1_000)]
    for sent in (eml(text="x", files=many), _outlook(*many, p1000="x")):
        with pytest.raises(Unacceptable, match=f"more than {MOST_FILES} files"):
            read_apart(sent)
    for sent in (eml(html="y" * (5 * LONGEST)), eml(text="z " * LONGEST)):
        with pytest.raises(Unacceptable, match="says more"):
            read(sent)


def test_what_lies_too_deep_is_refused() -> None:
    def nested(depth: int) -> bytes:
        head = b"From: a@x.example\nTo: b\n"
        opening = b"".join(
            b'Content-Type: multipart/mixed; boundary="b%d"\n\n--b%d\n' % (at, at) for at in range(depth)
        )
        closing = b"".join(b"--b%d--\n" % at for at in reversed(range(depth)))
        return head + opening + b"Content-Type: text/plain\n\nWords\n" + closing

    assert _said(read(nested(3))).text == "Words"
    with pytest.raises(Unacceptable, match="too deep"):
        read(nested(DEEPEST + 2))
    with pytest.raises(Unacceptable):
        read_apart(nested(3_000))


def test_streams_that_share_their_pieces_cannot_fill_the_memory() -> None:
    """Fifteen files of 8 MB that lie in the same 8 MB."""
    made = message(p0C1A="Quill", p1000="Words")
    carrying(made, "a.bin", b"x" * 8_000_000)
    for number in range(14):
        carrying(made, f"{number}.bin", b"y" * 5000)
    sent = bytearray(msg(made))
    name = "__substg1.0_37010102".encode("utf-16-le")
    first = sent.index(name)
    place = sent[first + 116 : first + 128]
    at = sent.find(name, first + 1)
    while at > 0:
        sent[at + 116 : at + 128] = place
        at = sent.find(name, at + 1)
    with pytest.raises(Unacceptable):
        read_apart(bytes(sent))


@pytest.mark.parametrize(
    "sent",
    [
        b"From the school: she was there\n\nwords",
        b"To: a\nSubject: b\n\nNo sender",
        b"From: a@x.example\n\nNothing else",
        b"From: a\0b@x.example\nTo: b\n\nwords",
        b"MZ From: a\nTo: b\n\n",
        msg(Folder({"WordDocument": b"x"})),
        msg(message(p001A="IPM.Contact")),
    ],
)
def test_what_is_no_email_is_not_taken_for_one(sent: bytes) -> None:
    with pytest.raises(Unacceptable):
        read(sent)


def test_words_in_a_form_of_outlooks_alone_are_said_to_be_unreadable() -> None:
    with pytest.raises(Unacceptable, match="not read here"):
        read(_outlook(p1009=b"LZFu"))


def test_lines_of_the_head_stay_on_one_line_and_bounded() -> None:
    sent = b"From: a@x.example\nTo: b\nSubject: " + b"\n ".join([b"long " * 100] * 20) + b"\n\nWords"
    said = _said(read(sent))
    assert "\n" not in said.subject
    assert len(said.subject) <= 1_000


def test_its_text_file_says_what_the_page_says() -> None:
    email = Email("A", "B", "", "", "S", "Words", (("run.exe", "Programs are not taken"),))
    said = email.as_text("1 May 2026, 3:00pm").decode()
    for words in ("From: A", "To: B", "Sent: 1 May", "Subject: S", "Words", "run.exe. Programs"):
        assert words in said
    assert "Copied" not in said
