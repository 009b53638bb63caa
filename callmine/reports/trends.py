"""Whether what was heard in a week is a change against the weeks before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from callmine.outcomes.counts import RateComparison, compare_rates, q_values
from callmine.reports.digest_values import DigestSettings
from callmine.reports.tally import Window
from callmine.reports.trend_values import Trend, TrendWord, WeekCount


def trends(
    weekly: Mapping[str, Sequence[WeekCount]], window: Window, settings: DigestSettings
) -> dict[str, Trend]:
    """Compare this week with the weeks before, for several labels looked at together.

    "Up" and "down" need the change in the share of deals to pass the false-discovery rate over
    all labels, and so do their ends "new" (none in the weeks before) and "gone" (none this
    week): one deal more or less than none is as likely to be chance as any other. "About the
    same" needs a change by ``same_within`` to be ruled out; otherwise there is too little to say.
    """
    if not window.baseline:
        return {label: Trend("no comparison") for label in weekly}
    compared: dict[str, RateComparison | None] = {}
    usual: dict[str, tuple[int, int]] = {}
    for label, counts in weekly.items():
        now = counts[-1]
        before = [c for c in counts if c.week in window.baseline]
        usual[label] = (sum(c.heard for c in before), sum(c.out_of for c in before))
        compared[label] = compare_rates(
            now.heard, now.out_of, earlier_count=usual[label][0], earlier_exposure=usual[label][1]
        )
    tested = [label for label, result in compared.items() if result]
    adjusted = dict(zip(tested, q_values([c.p_value for c in compared.values() if c]), strict=True))
    made: dict[str, Trend] = {}
    for label, result in compared.items():
        heard, out_of = usual[label]
        now_heard = weekly[label][-1].heard
        q = adjusted.get(label)
        word = _word(result, q, settings)
        made[label] = Trend(
            word=_ENDS.get((word, bool(heard), bool(now_heard)), word),
            before=heard,
            before_out_of=out_of,
            usual=round(heard / len(window.baseline), 3),
            usual_out_of=round(out_of / len(window.baseline), 3),
            weeks=len(window.baseline),
            ratio_low=round(result.low, 3) if result else None,
            ratio_high=round(result.high, 3) if result and result.high is not None else None,
            q_value=round(q, 4) if q is not None else None,
        )
    return made


_ENDS: dict[tuple[TrendWord, bool, bool], TrendWord] = {
    ("up", False, True): "new",
    ("down", True, False): "gone",
}


def _word(result: RateComparison | None, q: float | None, settings: DigestSettings) -> TrendWord:
    if result is None or q is None:
        return "too few to say"
    if q <= settings.max_q and result.low > 1:
        return "up"
    if q <= settings.max_q and result.high is not None and result.high < 1:
        return "down"
    within = result.low > 1 / settings.same_within and (result.high or float("inf")) < settings.same_within
    return "about the same" if within and result.low <= 1 <= (result.high or 1) else "too few to say"
