"""Loss reasons as objections: what they speak of, what they deny, and a company's own phrases."""

from __future__ import annotations

import pytest

from callmine.crm import parse_mapping, reason_labels
from callmine.crm.reasons import _built_in
from callmine.domain import LOST_TO_COMPETITOR, OBJECTION_LABELS


@pytest.mark.parametrize(
    ("reason", "labels"),
    [
        ("Price", "price"),
        ("Too expensive / no budget", "price"),
        ("Missing features: offline mode", "feature_gap"),
        ("Bad timing, revisit next year", "timing"),
        ("No decision maker access", "authority"),
        ("Built in-house", "no_need"),
        ("Went with another vendor", "lost_competitor"),
        ("Stayed with Northwind", "incumbent"),
        ("Price - stayed with Northwind", "incumbent price"),
        ("Poor references", "trust"),
        ("No integration with NetSuite", "integration"),
        ("Failed the security review (GDPR)", "security"),
        ("Migration too complex; lack of resources", "implementation"),
        ("Contract length, auto-renewal", "contract"),
        ("Not interested", "brush_off"),
        ("PREIS", "price"),
        ("Zu teuer", "price"),
        ("Datenschutzbedenken", "security"),
        ("Price was not the issue", ""),
        ("Not about price, they lacked the API", "integration"),
        ("Went silent", ""),
        ("No security concerns; budget cut", "price"),
        ("Pricing was fine, missing functionality", "feature_gap"),
        ("Other", ""),
        ("Unknown", ""),
        ("priceless", "price"),
        ("Capistrano", ""),
        ("Chose Lantern", "lost_competitor"),
        ("Lost to competitor", "lost_competitor"),
        ("Competitor - Lantern", "lost_competitor"),
        ("Went with Lantern, their existing vendor", "incumbent"),
        ("Sticking with Lantern", "incumbent"),
        ("Price; an den Wettbewerb verloren", "lost_competitor price"),
        ("No competitor, price", "price"),
        ("Chose to wait", ""),
        ("Lost to No Decision", ""),
        ("No competition, in terms of price too high", "price"),
        ("", ""),
        (None, ""),
    ],
)
def test_reasons_and_their_labels(reason: str | None, labels: str) -> None:
    """Whole words in any case; what is denied does not count, and nothing is read into the rest."""
    assert sorted(reason_labels(reason)) == labels.split()


def test_own_phrases_go_first() -> None:
    """Where one of the mapping's is found, built-in ones are not asked; elsewhere they are."""
    mapping = parse_mapping('[reason_labels]\nfeature_gap = ["price list*"]\nsecurity = "audit * failed"\n')
    assert reason_labels("Price lists missing", mapping) == {"feature_gap"}
    assert reason_labels("Audit in May failed", mapping) == {"security"}
    assert reason_labels("Price", mapping) == {"price"}


def test_the_mapping_says_who_lost_to_a_competitor() -> None:
    """Its phrases of ``[loss_reasons]`` say it beside what else a reason speaks of, unless denied."""
    mapping = parse_mapping('[loss_reasons]\nlost_competitor = ["the other side"]\n')
    assert reason_labels("Price: the other side won", mapping) == {"price", LOST_TO_COMPETITOR}
    assert reason_labels("Not the other side; price", mapping) == {"price"}


def test_every_label_has_phrases() -> None:
    """The twelve, and losing to a competitor; each phrase finds its own label."""
    assert set(_built_in()) == {*OBJECTION_LABELS, LOST_TO_COMPETITOR}
    for label, rules in _built_in().items():
        for rule in rules:
            assert label in reason_labels(rule.replace("*", "")), rule
