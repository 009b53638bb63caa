"""Which of the playbook's answers a rep gives: told by the finder, and by the stages that are built."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from callmine.domain import Kind, Mention, Role, check_detail
from callmine.extractors.answers import SAME_ANSWER, AnswerFinder
from callmine.extractors.approved import SAME_MESSAGE
from callmine.extractors.base import Passage
from callmine.extractors.encoder import Encoder
from callmine.operations.building import build_stages
from callmine.operations.recipes import Recipe
from callmine.playbook import Answer, Company, Playbook
from callmine.stages.extract import ExtractStage
from callmine.store import Store
from callmine.workspace import find_workspace
from tests.builders import a_conversation

QUARTER = "Set it against the overtime saved in one quarter"
EXIT = "Twelve months with a way out after ninety days"


@pytest.fixture(scope="module")
def encoder() -> Encoder:
    """The model that comes with the package."""
    return Encoder()


@pytest.mark.parametrize(
    ("label", "says", "given"),
    [
        ("price", f"Well, {QUARTER.lower()}.", QUARTER),
        ("price", "If you hold it against what you save on overtime in a quarter, it is paid.", QUARTER),
        ("price", "Most customers have it back within half a year, here are three who did.", None),
        ("price", f"Well. {EXIT}.", None),
        ("contract", f"Well. {EXIT}.", EXIT),
        ("contract", f"{QUARTER}. It's twelve months, and you can get out after ninety days.", EXIT),
        ("trust", f"Well, {QUARTER.lower()}.", None),
    ],
)
def test_an_answer_names_what_the_playbook_has_for_its_objection(
    encoder: Encoder, label: str, says: str, given: str | None
) -> None:
    """By meaning or nearly word for word; what is for another objection is not looked for."""
    ours = [Answer(objection="price", text=QUARTER), Answer(objection="contract", text=EXIT)]
    told = a_conversation(
        (Role.PROSPECT, "Honestly, that's not for us."), (Role.REP, says), (Role.PROSPECT, "Okay.")
    )
    objection = [Mention(Kind.OBJECTION, label, 0, 8, 0.9)]
    (answered,) = AnswerFinder(encoder, ours).find(told, [objection, [], []])
    assert answered.mention.detail.get("playbook") == given
    check_detail(Kind.ANSWER, answered.mention.detail)


@pytest.mark.parametrize(("above", "given"), [(-0.01, None), (0.01, QUARTER)])
def test_an_answer_is_named_from_its_bar_on(encoder: Encoder, above: float, given: str | None) -> None:
    """Whatever a rep replies is about the same thing: it takes more than a message does."""
    (meant,) = encoder.read([Passage(QUARTER, Role.REP)])[0].meanings
    other = np.eye(len(meant), dtype=np.float32)[0]
    other -= (other @ meant) * meant
    alike = SAME_ANSWER + above
    said = alike * meant + np.sqrt(1 - alike**2) * other / np.linalg.norm(other)
    passage = Passage("Well, have a look at your shifts.", Role.REP)
    reading = replace(encoder.read([passage])[0], meanings=said[None])
    finder = AnswerFinder(encoder, [Answer(objection="price", text=QUARTER)])
    assert finder.given(passage, reading, {"price"}) == given
    assert finder.given(passage, reading, {"contract"}) is None
    assert SAME_ANSWER > SAME_MESSAGE


def test_of_two_playbook_answers_in_one_turn_the_plainest_is_named(encoder: Encoder) -> None:
    """What is said word for word counts before what only means the same; a finding names one."""
    ours = [Answer(objection="price", text=QUARTER), Answer(objection="price", text=EXIT)]
    told = a_conversation(
        (Role.PROSPECT, "It's too expensive."),
        (Role.REP, f"Set it against what you save on overtime each quarter. {EXIT}."),
    )
    price = [Mention(Kind.OBJECTION, "price", 0, 19, 0.9)]
    (answered,) = AnswerFinder(encoder, ours).find(told, [price, []])
    assert answered.mention.detail["playbook"] == EXIT


def test_what_answers_the_objection_is_asked_of_the_playbook_first(encoder: Encoder) -> None:
    """Another objection's answer, however near, hides none: one turn may answer several objections."""
    ours = [Answer(objection="price", text=QUARTER), Answer(objection="contract", text=EXIT)]
    told = a_conversation(
        (Role.PROSPECT, "It's too expensive."),
        (Role.PROSPECT, "And we won't sign for three years."),
        (Role.REP, f"Well. {EXIT}."),
    )
    price, contract = (Mention(Kind.OBJECTION, label, 0, 8, 0.9) for label in ("price", "contract"))
    (answered,) = AnswerFinder(encoder, ours).find(told, [[price], [contract], []])
    assert (answered.objections, answered.mention.detail["playbook"]) == ((0, 1), EXIT)


def test_the_stage_listens_for_the_playbooks_answers(own: Path, model_folder: Path) -> None:
    """The stage that is built for a workspace hands them on, and is another one when they change."""
    workspace = find_workspace(own)
    told = a_conversation((Role.PROSPECT, "It's too expensive."), (Role.REP, f"Well, {QUARTER.lower()}."))
    price, found, settings = [Mention(Kind.OBJECTION, "price", 0, 19, 0.9)], [], []
    for answers in ((), (Answer(objection="price", text=QUARTER),)):
        playbook = Playbook(company=Company(name="Acme"), answers=answers)
        with Store(workspace.database) as store:
            stages = build_stages(workspace, playbook, store, Recipe(), workers=1)
        (stage,) = [one for one in stages if isinstance(one, ExtractStage)]
        assert stage.answers is not None
        (answered,) = stage.answers.find(told, [price, []])
        found.append(answered.mention.detail.get("playbook"))
        settings.append(stage.settings())
    assert found == [None, QUARTER]
    assert settings[0] != settings[1]
