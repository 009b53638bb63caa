"""A plug-in for the real ``llm`` library: local models that answer by rule, and some that misbehave.

Nothing is sent anywhere. Which rule a model follows is in its name; every question that any of them
was asked is in :data:`ASKED`.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from typing import Any

import llm

ASKED: list[str] = []
"""The questions, in order, of all models."""

RELEASE = threading.Event()
"""Lets go of whoever asked the model that hangs."""


def turn_of(prompt: str) -> dict[str, Any]:
    """What stands between the marks of a question."""
    data = prompt[prompt.index("<data-") :].split("\n")[1]
    return dict(json.loads(data))


def label_of(prompt: str) -> str:
    """The label that is asked about."""
    return str(json.loads(prompt.split("\n")[0].removeprefix("Finding: "))["label"])


def answer(prompt: str, verdict: str, **changes: str) -> str:
    """An answer that passes, but for what is changed."""
    value = {"verdict": verdict, "label": label_of(prompt), "quote": turn_of(prompt)["marked"]}
    return json.dumps({**value, **changes})


def by_words(prompt: str) -> str:
    """Reject what is said of a budget, relabel what is said of a contract, confirm the rest."""
    if "quotes" in turn_of(prompt):
        return json.dumps({"headline": "Buyers say that the price is too high"})
    said = turn_of(prompt)["turn"]["text"]
    if "budget" in said:
        return answer(prompt, "reject")
    return answer(prompt, "relabel", label="contract") if "lock-in" in said else answer(prompt, "confirm")


def provider_down(prompt: str) -> str:
    """Fail as a provider does that is not there."""
    raise ConnectionError("the service is not there")


def hangs(prompt: str) -> str:
    """Answer only when the test is over."""
    RELEASE.wait(30)
    return by_words(prompt)


RULES: dict[str, Callable[[str], str]] = {
    "local-words": by_words,
    "local-yes": lambda p: answer(p, "confirm"),
    "local-not-json": lambda p: "Sure! Here is my verdict: confirm",
    "local-fenced": lambda p: f"```json\n{answer(p, 'confirm')}\n```",
    "local-unknown-label": lambda p: answer(p, "relabel", label="gossip"),
    "local-not-verbatim": lambda p: answer(p, "confirm", quote="words that nobody said"),
    "local-down": provider_down,
    "local-hangs": hangs,
}
"""Model name to how it answers."""


class LocalModel(llm.Model):
    """A model of the library like any other: it yields its answer and reports tokens."""

    class Options(llm.Options):
        """It can be told one thing."""

        temperature: float | None = None

    def __init__(self, model_id: str, rule: Callable[[str], str]) -> None:
        self.model_id = model_id
        self.rule = rule

    def execute(
        self, prompt: llm.Prompt, stream: bool, response: llm.Response, conversation: Any
    ) -> Iterator[str]:
        """Answer by the rule; a word is a token."""
        asked = prompt.prompt or ""
        ASKED.append(asked)
        said = self.rule(asked)
        response.set_usage(input=len(asked.split()), output=len(said.split()))
        yield said


class LockedModel(LocalModel):
    """One that needs a key which nobody has."""

    needs_key = "callmine-tests"


class Plugin:
    """What is registered with the library's plug-in manager."""

    @llm.hookimpl
    def register_models(self, register: Callable[..., None]) -> None:
        """Register every model, and another name for one of them."""
        for name, rule in RULES.items():
            register(LocalModel(name, rule), aliases=("words",) if name == "local-words" else ())
        register(LockedModel("local-locked", by_words))
