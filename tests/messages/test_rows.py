"""Every row of who is told is driven by a test, and every line of the requirement is answered."""

import pytest
from flask import Flask

from portal.policy import current_policy
from portal.policy.telling import Tell
from tests.messages.driven import Driven, Told, by_test, exists, listed, required

#: Rows that the requirement has not, and why they are there.
MORE = {
    **dict.fromkeys(
        [f"child_held_by_link:{one}" for one in ("lead_unseen", "worker", "team")],
        "an alert on a linked record holds back what they work with, and they do not read it",
    ),
    **dict.fromkeys(
        ("looked_at_much:manager", "looked_at_much:governance"),
        "somebody opened, searched or took very much in an hour",
    ),
    **dict.fromkeys(
        [f"question_released:{one}" for one in ("asked", "worker", "asker")],
        "what they asked for, or were asked, is released: no withdrawal",
    ),
    **dict.fromkeys(
        [f"meeting_part_handed_over:{one}" for one in ("person", "leaving")],
        "who approves or writes the minutes of a meeting that was held changes",
    ),
    "meeting_gap_over:hub": "it need not look for anybody of a sector that the meeting lacked",
    **dict.fromkeys(
        ("case_reopened:follow_up", "case_reopened:outside"),
        "who was told that the case ended, and carries something on, hears that it is open again",
    ),
    "case_ended:prepares_panel": "an item on the agenda is about a case that is no more",
    "case_ended:hub": "it keeps the case, and can reopen it",
    "look_exception:person": "governance lets them go on",
    "entry_put_right:worker": "the readers, kind or date of an entry are put right",
    **dict.fromkeys(
        [f"level_differs:{one}" for one in ("lead_manager", "worker", "team", "hub")],
        "whoever answered otherwise hears that the level is lower than what the answers suggest",
    ),
    **dict.fromkeys(
        [f"assessment_refused:{one}" for one in ("asker", "lead_professional", "worker", "hub")],
        "a manager does not sign an assessment off",
    ),
    "minutes_level_answered:heard_before": "minutes that went out say for good that a lower level waits",
    "level_settled:second": "who was asked to agree hears that somebody else answered",
    "level_settled:worker": "what became of a level that a meeting proposed is news to all on the case",
    **dict.fromkeys(
        [f"level_overtaken:{one}" for one in ("asker", "second")],
        "likewise, where an assessment has changed the level and nobody is asked any more",
    ),
    **dict.fromkeys(
        [f"level_taken_back:{one}" for one in ("asker", "second", "lead_professional", "worker")],
        "likewise, where no second person answered: whoever runs the meeting takes it back",
    ),
    "entry_narrowed:leaving": "likewise: they read it no more",
    "entry_narrowed:cites": "likewise: what cites it may be read by others",
    "entry_widened:recipient": "likewise: they read it now",
    "interview_narrowed:leaving": "a return interview is read by fewer",
    "interview_widened:recipient": "likewise, by more",
    **{
        f"team_reached_elsewhere:{one}": "one administrator changed the address or number of a team"
        for one in ("manager", "agency_lead", "administrator")
    },
    **{
        f"team_left_desk:{one}": "likewise, that it is at a desk no more"
        for one in ("manager", "agency_lead", "administrator", "hub")
    },
    **{
        f"charge_ended:{one}": "whoever managed a team or led an agency sees no cases any more"
        for one in ("administrator", "manager", "agency_lead", "team", "hub")
    },
    **{
        f"missing_gives_away:{one}": "who merely reports a child writes what must not be disclosed of them"
        for one in ("keeper", "lead_unseen", "linked", "hub")
    },
    "by_hand_moot:owner_before": "something made it needless to tell somebody without an account",
    "minutes_family_version:outside": "the child, whom nobody else hands what is written for it",
    "minutes_for_outside:outside": "whoever has no account gets their minutes by hand, from whoever owes it",
    "form_reopened:outside": "a sender who was told by hand what was decided hears that it was taken back",
    "form_passed_on:owner": "a form is found to be about the child of a sealed case after it was sent",
    "red_form_passed_on:owner": "likewise, of a red one",
    "concern_child:hub": "a person of concern is a child, who is protected first",
    **{
        f"concern_known:{one}": "likewise: who may be a child whom they work with or know"
        for one in ("lead_unseen", "worker_unseen", "reader", "hub")
    },
    **{
        f"{one}:lead_unseen": "whoever leads a case that the panel's chair or the proposer does not read"
        for one in (
            *("panel_item_proposed", "panel_word_asked", "panel_item_put_on"),
            *("panel_item_declined", "panel_decided", "panel_decision_taken_back"),
        )
    },
    **{
        f"access_answered:{one}": "whoever was asked hears that somebody else answered, and that it was given"
        for one in ("lead_professional", "heard_before")
    },
    **{
        f"panel_proposal_gone:{one}": "whoever prepares the panel, or the hub, heard of the proposal"
        for one in ("chair", "hub")
    },
    "person_gone:manager": "somebody of their team can no longer use the portal, also where no work is left",
    "roles_changed:manager": "what somebody of their team may do has changed",
    **{
        f"teams_changed:{one}": "likewise, of which teams they are; nobody else says so where no work is left"
        for one in ("person", "manager")
    },
    "worker_gone:lead_unseen": "whoever leads a case looks at who does what somebody left",
    "missing_twice:reader": "of a sealed child neither the hub nor a desk reads both reports",
    "meeting_for_calendar:invited": "whoever says that they come has the entry, and is invited by nobody",
    "question_answered_in_meeting:chair": "whoever chairs a meeting that runs can still use the answer",
    **{
        f"form_sender_left:{one}": "whoever has a form in triage waits for an answer that nobody gives"
        for one in ("owner", "hub")
    },
    **{
        f"meeting_part_left:{one}": "likewise whoever runs a meeting, since managers hand no part in it over"
        for one in ("chair", "caller")
    },
    **{
        f"missing_closed_off:{one}": "whoever looks for a missing child reads no more of it"
        for one in ("police_desk", "social_care", "social_care_host", "hub", "leaving")
    },
    "missing_interview_owed:owner": "a duty of a team is given to nobody by its ladder",
    "missing_not_theirs:leaving": "a front door was told in case, and somebody says whose the child is",
    "cover_over:person": "what is due on their cases is theirs again, as their deputies hear",
    "social_care_decided:lead_professional": "a child whom the hub referred has a case, which somebody leads",
    **{
        f"roles_taken_back:{one}": "who was told that a change of roles waits hears that it waits no more"
        for one in ("administrator", "governance")
    },
    "outside_taken_back:heard_before": "the desk that was told that a form is theirs may be at work on it",
    "outside_part_taken_back:heard_before": "likewise, where another decision of the kind stands",
    **{
        f"red_form_on_case:{one}": "a red form is on a case: whoever works on it hears at any hour"
        for one in ("lead_professional", "worker", "team", "reader")
    },
    **{
        f"red_form_reopened_on_case:{one}": "likewise: that it was taken back reaches the same"
        for one in ("team", "reader")
    },
    **{
        f"moment_urgent:{one}": "an entry says what cannot wait: who has to act hears at any hour"
        for one in ("lead_professional", "lead_manager", "team", "reader", "hub")
    },
    **{
        f"warning_ended:{one}": "whoever was told of the alert hears that it ended, and first whose it was"
        for one in ("owner_before", "team", "reader", "action_owner", "invited_later")
    },
    **{
        f"process_ended:{one}": "whoever was told that it began hears that it ended"
        for one in ("team", "reader")
    },
    **{
        f"{event}:reader": "whoever is named on the case hears what its workers hear"
        for event in ("process_begun", "process_pressing", "enquiry_begun", "process_mistaken")
    },
    **{
        f"process_mistaken:{one}": "whoever was told that an enquiry began hears that it was none"
        for one in ("exploitation_desk", "social_care")
    },
    "alert_ended:owner_before": "somebody else ended an alert of theirs",
    "action_done:owner": "somebody else said at a meeting that it is done",
    "action_blocked:owner": "likewise, that it is blocked",
    "action_heard_of:owner": "likewise, that it is under way, or not done yet",
    **dict.fromkeys(
        ("action_given:outside", "action_changed:outside", "action_handed_over:outside"),
        "somebody without an account does an action, whom a person has to tell",
    ),
    **dict.fromkeys(
        ("order_recorded:worker", "order_recorded:worker_unseen"),
        "the terms of an order name where they are: they have to know of it before it is broken",
    ),
    **dict.fromkeys(
        ("order_changed:worker", "order_changed:worker_unseen"), "likewise, that it was served or runs longer"
    ),
    **dict.fromkeys(
        (
            *("order_ended:worker", "order_ended:worker_unseen", "order_ended:keeper"),
            *("order_ended:hub", "order_ended:lead_manager"),
        ),
        "whoever relied on an order, or was told that it was broken, relies on it no more",
    ),
    **{
        f"{event}:{to}": "whoever relies on what is recorded hears of a change, of danger at any hour"
        for event in ("concern_now", "concern_changed", "concern_ended", "concern_reopened")
        for to in (
            *("lead_professional", "worker", "lead_unseen", "worker_unseen", "keeper", "shown"),
            *("exploitation_desk", "hub", "council"),
        )
        if (event, to) not in {("concern_ended", "shown"), ("concern_reopened", "shown")}
    },
    **dict.fromkeys(
        (
            *("concern_linked:worker", "concern_linked:worker_unseen", "concern_linked:hub"),
            *("concern_unlinked:worker", "concern_unlinked:worker_unseen", "concern_unlinked:hub"),
            *("concern_linked_now:worker", "concern_linked_now:worker_unseen", "concern_linked_now:keeper"),
            *("concern_linked_now:exploitation_desk", "concern_linked_now:hub"),
            *("concern_unlinked_now:worker", "concern_unlinked_now:worker_unseen"),
            *("concern_unlinked_now:keeper", "concern_unlinked_now:hub", "concern_unlinked_now:heard_before"),
        ),
        "those who could act on a link see one end of it alone: the hub brings them together",
    ),
    **{
        f"{event}:{one}": "whoever acts on an entry acts on what it says now"
        for event in ("entry_corrected", "entry_corrected_now")
        for one in ("lead_professional", "team", "reader", "hub")
    },
    **{
        f"intelligence_doubted:{one}": "whoever acts on it hears that it is less sure, or bound again"
        for one in ("lead_professional", "worker", "team", "reader", "cites", "hub")
    },
    **dict.fromkeys(
        ("minutes_closed_changed:person", "minutes_closed_changed:caller"),
        "whoever plans by a closed part hears that it says something else",
    ),
    "minutes_family_chosen:chair": "the chair confirms each passage that the note-taker chose",
    **{
        f"safety_plan_changed:{one}": "what is changed in a plan in force waits until it is put in force"
        for one in ("lead_professional", "worker", "reader", "hub")
    },
    **{
        f"social_care_taken_back:{one}": "what social care decided for them was of a referral that is no more"
        for one in ("author", "outside", "lead_professional")
    },
    **{
        f"strategy_not_held:{one}": "who counts on a discussion hears that the case ended before it"
        for one in ("hub", "social_care", "author")
    },
    **{
        f"strategy_over:{one}": "whoever owed a discussion that social care decided owes it no more"
        for one in ("lead_professional", "lead_manager")
    },
    **dict.fromkeys(
        ("sign_off_lacks:hub", "sign_off_lacks:reader"),
        "a sign-off that nobody can do is somebody’s work to make possible",
    ),
    **{
        f"{event}:{one}": "whoever was to cover a case reads it no more, and somebody else has to"
        for event in ("cover_lost", "cover_lost_now")
        for one in ("manager", "lead_unseen", "reader", "hub", "person", "leaving")
    },
    **{
        f"safety_plan_part_left:{one}": "a plan in force counts on a team that works on the case no more"
        for one in ("lead_professional", "hub")
    },
    "safety_plan_part_changed:owner_before": "likewise: whoever wrote it acts by what they wrote",
    "safety_plan_ended_by_meeting:outside": "the child and the carer have it on paper, whoever ended it",
}


@pytest.fixture
def policy(app: Flask) -> list[tuple[str, Tell]]:
    """Every row of the policy with its event."""
    return [(one.event, tell) for one in current_policy().telling.events for tell in one.tells]


def test_every_row_of_the_policy_is_listed_once_and_nothing_else(policy: list[tuple[str, Tell]]) -> None:
    rows = [(event, tell.to, tell.by, tell.kind) for event, tell in policy]
    lines = [one.row for one in listed()]
    assert len(set(lines)) == len(lines)
    assert set(rows) - set(lines) == set(), "name the test that drives it in rows.csv"
    assert set(lines) - set(rows) == set(), "the policy has no such row"


@pytest.mark.parametrize("line", listed(), ids=lambda one: f"{one.event}-{one.to}-{one.by}")
def test_a_row_has_a_test_or_says_why_none_can_be(line: Driven) -> None:
    assert bool(line.test) != bool(line.because)
    assert not line.test or exists(line.test), line.test


def test_a_row_that_no_test_can_drive_is_the_exception() -> None:
    undriven = [one for one in listed() if one.because]
    assert len(undriven) <= len(listed()) / 50, [one.row for one in undriven]


def test_a_test_that_looks_at_less_than_it_is_named_for_fails() -> None:
    """`tests/conftest.py` compares the two when a test has run: there is something to compare."""
    assert len(by_test()) > 100
    assert all(by_test().values())


@pytest.mark.usefixtures("app")
@pytest.mark.parametrize("line", required(), ids=lambda one: f"{one.id}-{one.to[:30]}")
def test_a_line_of_the_requirement_is_answered(line: Told) -> None:
    policy = current_policy()
    answers = list(line.answers)
    assert answers
    for sort, what in answers:
        if sort == "row":
            event, _, ground = what.partition(":")
            assert ground in {one.to for one in policy.telling.of(event)}, what
        elif sort == "ladder":
            assert what in policy.reminders.ladders, what
        elif sort == "test":
            assert exists(what), what
        elif sort == "open":
            assert what == line.priority
            assert what != "1", "what matters most is not left open"


#: The stronger first. What somebody is told by hand, and what is news, no way of the portal is weaker than.
STRENGTH = ("mail", "bell", "digest", "weekly")
#: What comes by e-mail, if by itself or with others: the rest is only shown, and nobody can switch that off.
E_MAILS = {"mail", "digest", "weekly"}


@pytest.mark.usefixtures("app")
@pytest.mark.parametrize("line", required(), ids=lambda one: f"{one.id}-{one.to[:30]}")
def test_a_line_is_answered_by_the_way_it_asks_for_and_can_be_switched_off_only_if_it_says_so(
    line: Told,
) -> None:
    policy = current_policy()
    kinds, rows = policy.reminders.kinds, list[Tell]()
    for sort, what in line.answers:
        event, _, ground = what.partition(":")
        rows += [one for one in policy.telling.of(event) if one.to == ground] if sort == "row" else []
    if not rows:
        return
    e_mails = [kinds[one.kind] for one in rows if one.by in E_MAILS]
    if line.urgent:
        assert any(one.urgent for one in e_mails)
    differs = any(one.statutory is line.optional for one in e_mails)
    alone = all(sort == "row" for sort, _ in line.answers)
    if alone and line.channel in STRENGTH:
        as_strong = STRENGTH[: STRENGTH.index(line.channel) + 1]
        differs |= not any(
            one.by in as_strong or (one.by, line.channel) == ("weekly", "digest") for one in rows
        )
    assert differs is bool(line.differs), line


def test_every_row_of_the_policy_answers_a_line_or_says_why_it_is_there(
    policy: list[tuple[str, Tell]],
) -> None:
    answering = {what for line in required() for sort, what in line.answers if sort == "row"}
    rows = {f"{event}:{tell.to}" for event, tell in policy}
    assert rows - answering == MORE.keys()
