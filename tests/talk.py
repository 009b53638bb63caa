"""What a seller and a buyer say in an invented call, and what says nothing of either."""

from __future__ import annotations

SELLER = (
    "Hi Petra, this is Maya from Larkmoor. Thanks for taking the time.",
    "Could you walk me through how you plan the shifts today?",
    "Understood. And who else would need to be involved in a decision like that?",
    "Let me share my screen, so you can see how other customers of your size do it.",
    "Our platform takes the forecast and builds the rota, and our team will set it up with you.",
    "Shall I send you a proposal with our pricing by Friday?",
)
BUYER = (
    "Yeah, hi. I have to be honest, I've only got twenty minutes.",
    "Well, my manager does it in a spreadsheet, and he hates it. We already use a tool for the payroll.",
    "My boss would have to sign it, and I don't think he's got the money this year.",
    "Okay, but our current vendor told us that, too, and then nobody could make it work.",
    "And what would that cost us? I saw your prices and I nearly fell off my chair.",
    "I don't know. I'd have to talk to him, maybe send me something.",
)
SMALL_TALK = (
    "Good morning, how are you?",
    "Fine, thanks. It rained the whole weekend here.",
    "Here as well. The children were at home the whole time.",
    "Did the train come on time today?",
)


def talk(left: tuple[str, ...], right: tuple[str, ...]) -> list[tuple[int, str]]:
    """Return the turns of two people in turn: ``(0 or 1, text)``."""
    return [turn for one, two in zip(left, right, strict=True) for turn in ((0, one), (1, two))]
