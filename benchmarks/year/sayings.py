"""What people say in a generated year: sentences with the words that matter between ``[[`` and ``]]``."""

from __future__ import annotations

OBJECTIONS: dict[str, tuple[str, ...]] = {
    "price": (
        "I showed it to finance, and [[they said it is twice what we pay today]].",
        "Look, the product is fine, but [[nine euros a head will not fly here]].",
        "For a company like ours [[that is a lot of money every month]].",
    ),
    "timing": (
        "Honestly, [[nothing new gets signed before the summer]].",
        "The board has frozen everything, so [[come back to us next year]].",
        "We are in the middle of a move, and [[this is not the quarter for it]].",
    ),
    "authority": (
        "I like it, but [[this goes to the group and they decide]].",
        "You should know that [[I can not sign anything myself]].",
        "At that size [[our owner has the last word]].",
    ),
    "no_need": (
        "There are nine of us, [[the spreadsheet works well enough]].",
        "To be frank, [[I do not see what we would use it for]].",
        "We plan once a month, so [[we have no real problem there]].",
    ),
    "incumbent": (
        "You know, [[we have had the same tool for six years and it does the job]].",
        "Our people [[are happy with what they have]].",
        "It took us a year to get used to the old one, and [[nobody wants to switch]].",
    ),
    "trust": (
        "I had not heard of you before, and [[you are a very small company for us]].",
        "What worries me is that [[nobody I know has worked with you]].",
        "The last vendor promised the same, and [[I do not quite believe it]].",
    ),
    "feature_gap": (
        "We found out that [[it can not split a shift between two sites]].",
        "Our planners miss something, [[there is no view by qualification]].",
        "For us [[the missing export is a problem]].",
    ),
    "integration": (
        "Before we go on, [[it has to write the hours back to our payroll by itself]].",
        "The data sits in a system from 2009, and [[I doubt that you can read that]].",
        "IT says that [[your connector does not know our version]].",
    ),
    "security": (
        "Our data protection officer says [[sick leave must not leave the country]].",
        "Legal asked [[where the works council data ends up]], and nobody could tell.",
        "IT stopped the last two tools because [[there was no single sign-on]].",
    ),
    "implementation": (
        "Who is going to do all that? [[My two planners already work on weekends]].",
        "The last rollout took nine months, and [[I can not put the sites through that again]].",
        "[[Training all the crews is the part that scares me]].",
    ),
    "contract": (
        "Our lawyers read it, and [[three years are too long for us]].",
        "There is one thing, [[the notice period is not acceptable]].",
        "Procurement insists that [[liability can not be capped like that]].",
    ),
    "brush_off": (
        "Thanks for calling, but [[just send me something by mail]].",
        "I have to run, and [[we will come back to you if anything changes]].",
        "Really, [[please do not call every month]].",
    ),
}

THEME = "One more thing about {word}: [[what you do with {word} is not enough for us]]."
"""How an extra label is said; the word is its own."""

COMPETITORS: tuple[tuple[str, str, str], ...] = (
    ("evaluating", "neutral", "We are also looking at [[{name}]], to be fair."),
    ("evaluating", "positive", "We had a demo of [[{name}]] last week, and the planners liked it."),
    ("evaluating", "negative", "We talked to [[{name}]], and they could not show it live."),
    ("incumbent", "negative", "Today we run on [[{name}]], and every change costs a ticket."),
)
"""Relation, stance and words of a prospect who speaks of a competitor."""

CHOSEN = "I wanted to tell you myself, we signed with [[{name}]] on Monday."
REP_NAMES = "And how does that compare with [[{name}]], which you mentioned?"

MESSAGES: dict[str, tuple[str, ...]] = {
    "rota-in-an-hour": (
        "So what changes is that [[you build the week's rota in an hour instead of two days]].",
        "Most of our customers [[do the rota in one hour, not in two days]].",
    ),
    "overtime-down": (
        "What we see is that [[overtime goes down by a fifth in the first quarter]].",
        "On average [[overtime falls by a fifth within one quarter]].",
    ),
    "no-last-minute-calls": (
        "If somebody is ill, [[the open shift is filled in minutes, without ringing round]].",
        "[[You fill an open shift in minutes and nobody has to ring round]].",
    ),
    "one-view-of-all-sites": (
        "Here [[you see every site's staffing on one screen]].",
        "The point is that [[all sites are on one screen]].",
    ),
}

MESSAGE_TEXTS = {
    "rota-in-an-hour": "Build the week's rota in an hour instead of two days",
    "overtime-down": "Cut overtime by a fifth in the first quarter",
    "no-last-minute-calls": "Fill an open shift in minutes, without ringing round",
    "one-view-of-all-sites": "See every site's staffing on one screen",
}

ANSWERS: dict[str, tuple[str, ...]] = {
    "evidence": (
        "I understand. A hotel group of your size saved four hundred hours, I can put you in touch.",
        "Fair point. Last year's audit shows it in numbers, and I will send you the report.",
    ),
    "discount": (
        "I hear you. If you sign this month, we can take fifteen per cent off.",
        "Let me see what I can do, perhaps we drop the set-up fee.",
    ),
    "reframing": ("It depends what you compare it with. Set it against the overtime of one quarter.",),
    "question": ("Can I ask what is behind that, what would have to be true for you?",),
    "deferral": ("Let us take that offline, my colleague will get back to you on it.",),
}
"""Kinds of answers; to other objections than price they are given without any effect."""

REACTIONS = {
    "yes": "Okay, that helps, I can work with that.",
    "no": "I am not sure that changes anything for us.",
}
ACCEPTED = {"evidence": 0.55, "discount": 0.4, "reframing": 0.35, "question": 0.3, "deferral": 0.15}
"""How often a kind of answer is accepted; of the rest, half is refused and half unclear."""

REQUESTS = (
    "Could you [[send me the slides and a price list]]?",
    "It would help to [[have a reference in our industry]].",
    "Please [[share the security questionnaire with our IT]].",
)
POSITIONING = (
    ("pain", "Every Friday [[I spend half a day on the phone to fill the gaps]]."),
    ("pain", "At the moment [[nobody knows who works where until Monday]]."),
    ("success", "In the pilot [[the plan was done before lunch for the first time]]."),
)
"""What prospects say of their trouble and of what went well."""

CLAIMS = (
    "With us [[the whole plan is one page that everybody sees]].",
    "What we are known for is that [[a new planner needs one day to learn it]].",
    "And [[people swap shifts on their phone, you only confirm]].",
)
"""What reps say for us that is no message of the playbook."""

PHRASED = "What I really want is [[{phrase}]] for my planners."

REP_FILLER = (
    "Thanks for taking the time today, shall we begin?",
    "How do you plan the shifts at the moment?",
    "Let me share my screen and show you the week view.",
    "Who else should be part of this conversation?",
    "I will send a summary after the call.",
)
FILLER = (
    "Yes, I can see your screen now.",
    "We are about four hundred people at eleven sites, most of them part-time.",
    "Right now it is a spreadsheet and a lot of phone calls.",
    "Sure, that makes sense to me.",
    "My colleague joins in five minutes, he had another meeting.",
    "Let me think about that for a moment and talk to the team.",
)
CHATTER = (
    "By the way, the weather up here has been dreadful, and half of the drivers are down with the flu,"
    " so forgive me if I sound a bit tired, it has been one of those weeks again.",
    "You know how it is, one site wants it this way and the other one that way, and in the end somebody"
    " sits there on a Sunday and calls everybody one by one until the plan is full.",
)
"""Of people who talk much."""
STRANGER = (
    "I am calling about your advertising budget for the next year.",
    "We would like to list you in our partner directory.",
    "The candidate could begin in March, should I send the papers?",
    "Our export does not open since the update, can somebody look at it?",
)
THEME_WORDS = tuple(
    f"{a}{b}"
    for a in (
        "badge",
        "roster",
        "invoice",
        "tariff",
        "depot",
        "uniform",
        "canteen",
        "locker",
        "ferry",
        "kiosk",
    )
    for b in (
        " forms",
        " rules",
        " codes",
        " lists",
        " audits",
        " zones",
        " cards",
        " limits",
        " plans",
        " labels",
    )
)
"""What extra labels are about."""


def theme_word(number: int) -> str:
    """Return what the extra label with this number, from 0, is about."""
    return THEME_WORDS[number % len(THEME_WORDS)]
