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
    """Compare this week with the four weeks before, for several labels looked at together.

    "Up" and "down" need the change in the share of deals to pass the false-discovery rate over
    all labels, and so do their ends "new" (none in the weeks before) and "gone" (none this
    week): one deal more or less than none is as likely to be chance as any other. "About the
    same" needs a change by ``same_within`` to be ruled out; otherwise there is too little to say.
    """
    return _against(weekly, (window.baseline,), settings)[0]


def trends_of_both(
    weekly: Mapping[str, Sequence[WeekCount]], window: Window, settings: DigestSettings
) -> tuple[dict[str, Trend], dict[str, Trend]]:
    """Compare this week with the four and with the twelve weeks before, all of it one family.

    The second is empty where no more than four weeks have calls.
    """
    if not window.longer:
        return trends(weekly, window, settings), {}
    short, longer = _against(weekly, (window.baseline, window.longer), settings)
    return short, longer


def _against(
    weekly: Mapping[str, Sequence[WeekCount]],
    baselines: Sequence[Sequence[str]],
    settings: DigestSettings,
) -> tuple[dict[str, Trend], ...]:
    """Compare this week with each of several spans of weeks; their p-values are judged together."""
    asked = [(n, label) for n, weeks in enumerate(baselines) if weeks for label in weekly]
    usual = {(n, label): _sums(weekly[label], baselines[n]) for n, label in asked}
    compared = {
        (n, label): compare_rates(
            weekly[label][-1].heard,
            weekly[label][-1].out_of,
            earlier_count=usual[n, label][0],
            earlier_exposure=usual[n, label][1],
        )
        for n, label in asked
    }
    tested = {key: result.p_value for key, result in compared.items() if result}
    adjusted = dict(zip(tested, q_values(list(tested.values())), strict=True))
    made: tuple[dict[str, Trend], ...] = tuple({} for _ in baselines)
    for n, weeks in enumerate(baselines):
        for label, counts in weekly.items():
            key = n, label
            made[n][label] = (
                _trend(usual[key], counts[-1].heard, len(weeks), compared[key], adjusted.get(key), settings)
                if weeks
                else Trend("no comparison")
            )
    return made


def _sums(counts: Sequence[WeekCount], weeks: Sequence[str]) -> tuple[int, int]:
    before = [count for count in counts if count.week in weeks]
    return sum(count.heard for count in before), sum(count.out_of for count in before)


def _trend(
    usual: tuple[int, int],
    now: int,
    weeks: int,
    result: RateComparison | None,
    q: float | None,
    settings: DigestSettings,
) -> Trend:
    heard, out_of = usual
    word = _word(result, q, settings)
    return Trend(
        word=_ENDS.get((word, bool(heard), bool(now)), word),
        before=heard,
        before_out_of=out_of,
        usual=round(heard / weeks, 3),
        usual_out_of=round(out_of / weeks, 3),
        weeks=weeks,
        ratio_low=round(result.low, 3) if result else None,
        ratio_high=round(result.high, 3) if result and result.high is not None else None,
        q_value=round(q, 4) if q is not None else None,
    )


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
