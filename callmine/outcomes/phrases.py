"""Which phrases go with won deals, and which with lost ones.

The measure is the log-odds ratio with an informative Dirichlet prior (Monroe, Colaresi and Quinn,
"Fightin' Words", Political Analysis 16, 2008, sections 3.3 to 3.5), on counts that one deal can raise
by no more than a cap.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array
from scipy.special import ndtr

from callmine.outcomes.arrays import Flags, Floats, Ints, flags
from callmine.outcomes.counts import q_values
from callmine.outcomes.judging import further_cases, judge_interval
from callmine.outcomes.verdicts import Verdict
from callmine.outcomes.wording import PhraseCounts

Numbers = npt.NDArray[np.float32] | npt.NDArray[np.float64]

PRIOR_DEALS = 10
"""Average deals whose text the prior weighs as much as.

Monroe et al. take the words of an average day. Ten deals pull a phrase that five deals use well
towards the prior, and one that a hundred use hardly.
"""

LEAST = 0.5
"""Count in the prior of what its text lacks, and of all else that could be said; keeps odds finite."""

FEWEST = 3
"""Phrases that a share of the talk needs. Of one alone it is 1 whatever is said, and the ratio would only
tell how many deals were won: without any effect it was "found" in nearly every sample of 200 deals in
which one in ten was won; of two still in one sample of four."""


@dataclass(frozen=True, slots=True)
class PhraseContrast:
    """One phrase, and how much more of the talk in won deals it is than in lost ones.

    Attributes:
        phrase: In the words it is most often said in.
        key: Its canonical form.
        won: Won deals that use it.
        lost: Lost deals that use it.
        share_won: The same out of all won deals, 0..1; 0 where there are none.
        share_lost: Out of all lost deals.
        low: Lower end of the interval for ``share_won - share_lost``, -1..1.
        high: Upper end.
        log_odds: Above 0 where it is said more in won deals; drawn towards 0 by the prior.
        standard_error: Of ``log_odds``.
        z: The one divided by the other.
        p: Two-sided p-value.
        q: False-discovery rate among all phrases that were looked at together.
        verdict: What can be said.
        needed: Further deals that would show, four times in five, the smallest difference of shares
            that matters; 0 when there are enough, ``None`` when there are none of one outcome.
    """

    phrase: str
    key: str
    won: int
    lost: int
    share_won: float
    share_lost: float
    low: float
    high: float
    log_odds: float
    standard_error: float
    z: float
    p: float
    q: float
    verdict: Verdict
    needed: int | None


def contrast_phrases(
    said: PhraseCounts,
    won: npt.ArrayLike,
    *,
    prior: npt.ArrayLike | None = None,
    cap: int = 1,
    min_deals: int = 5,
    smallest_effect: float = 0.10,
    max_q: float = 0.05,
    resamples: int = 300,
    seed: int = 0,
) -> tuple[PhraseContrast, ...]:
    """Hold each phrase's share of the talk in won deals against that in lost ones.

    The standard error is the larger of two. The bootstrap over deals (Poisson weights) knows that
    what one deal says hangs together, but takes "never said in a lost deal" for certain: alone it
    finds 16 % of phrases of five to nine deals significant at 5 % where there is nothing to find.
    Monroe's own (equation 20) knows that a count of none may be chance, but takes mentions for
    independent: alone it finds up to 10 % of the frequent phrases of talkative deals significant.
    The larger one keeps the 5 % in both cases, and is cautious with rare phrases.

    Phrases of fewer than ``min_deals`` deals are left out first and do not count in the family. That
    looks at won and lost deals together, and so leaves the others' false-discovery rate (Benjamini
    and Hochberg, JRSS B 57, 1995) as it is. The order of the deals does not matter.

    Args:
        said: What each deal says, of the role and stage that are compared.
        won: Which of the deals were won; the others were lost. Shape (deals,).
        prior: How often some other text has each phrase, shape (phrases,), as by
            :func:`~callmine.outcomes.wording.counts_in`; if not given, the text of all these deals is
            the prior.
        cap: Mentions by which one deal raises a phrase's count at most.
        min_deals: Deals that have to use a phrase, 1 or more.
        smallest_effect: Smallest difference that matters between the shares of won and of lost deals
            that use a phrase, up to 0.5.
        max_q: False-discovery rate up to which something counts as found.
        resamples: Bootstrap samples, 2 or more.
        seed: Of the random numbers; the same one gives the same result.

    Returns:
        One contrast per phrase, the one that speaks most for winning first. With fewer than ``FEWEST``
        phrases, or one outcome only, there is nothing to compare: every p-value is 1.

    Raises:
        ValueError: Arrays do not fit each other, or a number is out of its range.
    """
    outcome = flags(won, "won")
    if said.counts.shape != (len(outcome), len(said.keys)):
        raise ValueError(
            f"counts of shape {said.counts.shape}: {len(outcome)} deals, {len(said.keys)} phrases"
        )
    if cap < 1 or min_deals < 1 or resamples < 2:
        raise ValueError("cap and min_deals are at least 1, resamples at least 2")
    capped, kept = _supported(said.counts, cap, min_deals)
    if not len(kept):
        return ()
    weights = _pseudo_counts(capped, prior, kept, len(said.keys))
    counts = _sums(capped, outcome), _sums(capped, ~outcome)
    log_odds = _log_odds(*counts, weights)
    names = np.array([zlib.crc32(said.keys[number].encode()) for number in kept], np.int64)
    error = np.maximum(
        np.sqrt(1 / (counts[0] + weights) + 1 / (counts[1] + weights)),
        _bootstrap(capped, outcome, weights, names, resamples=resamples, seed=seed),
    )
    used = capped.copy()
    used.data = np.ones_like(used.data)
    users = np.stack([_sums(used, outcome), _sums(used, ~outcome)]).astype(np.int64)
    groups = int(outcome.sum()), int((~outcome).sum())
    z = log_odds / error if len(kept) >= FEWEST and all(groups) else np.zeros(len(kept))
    p = 2 * ndtr(-np.abs(z))
    q = q_values(p.tolist())
    low, high = _intervals(users, groups)
    needed = _needed(users[1], groups, smallest_effect)
    rows = [
        PhraseContrast(
            phrase=said.phrases[number],
            key=said.keys[number],
            won=int(users[0, at]),
            lost=int(users[1, at]),
            share_won=int(users[0, at]) / max(1, groups[0]),
            share_lost=int(users[1, at]) / max(1, groups[1]),
            low=float(low[at]),
            high=float(high[at]),
            log_odds=float(log_odds[at]),
            standard_error=float(error[at]),
            z=float(z[at]),
            p=float(p[at]),
            q=q[at],
            verdict=judge_interval(
                z[at], (low[at], high[at]), q=q[at], smallest_effect=smallest_effect, max_q=max_q
            ),
            needed=needed[int(users[1, at])],
        )
        for at, number in enumerate(kept)
    ]
    return tuple(sorted(rows, key=lambda row: (-row.z, row.key)))


def _supported(counts: csr_array, cap: int, min_deals: int) -> tuple[csr_array, Ints]:
    """Return the capped counts of the phrases that enough deals use, and which those are."""
    counts = csr_array(counts, dtype=np.float64, copy=True)
    counts.eliminate_zeros()
    kept = np.flatnonzero(np.bincount(counts.indices, minlength=counts.shape[1]) >= min_deals)
    capped = csr_array(counts[:, kept])
    capped.data = np.minimum(capped.data, cap)
    return capped, kept


def _sums(counts: csr_array, deals: Flags) -> Floats:
    sums: Floats = np.asarray(counts[deals].sum(axis=0), dtype=np.float64)
    return sums


def _pseudo_counts(counts: csr_array, prior: npt.ArrayLike | None, kept: Ints, phrases: int) -> Floats:
    """Return what the prior adds to each phrase's count, on each side."""
    text = np.asarray(counts.sum(axis=0), dtype=np.float64)
    if prior is not None:
        text = np.asarray(prior, dtype=np.float64)
        if text.shape != (phrases,) or text.min() < 0:
            raise ValueError(
                f"a prior of shape {text.shape} for {phrases} phrases, or a count below 0 in it"
            )
        text = np.maximum(text[kept], LEAST)
    weights: Floats = text / text.sum() * (PRIOR_DEALS * float(counts.sum()) / counts.shape[0])
    return weights


def _log_odds(first: Numbers, second: Numbers, weights: Numbers) -> Numbers:
    """Return Monroe's equation 16 for each row of counts, of shape (phrases,) or (phrases, samples)."""
    whole = weights.sum() + LEAST
    one, other = first + weights, second + weights
    ratio = one * (second.sum(axis=0) + whole - other) / (other * (first.sum(axis=0) + whole - one))
    return np.asarray(np.log(ratio), dtype=ratio.dtype)


def _bootstrap(
    counts: csr_array, outcome: Flags, weights: Floats, names: Ints, *, resamples: int, seed: int
) -> Floats:
    """Return the standard deviation of each log-odds ratio over resamples of the deals.

    Each deal has a Poisson weight of its own. Deals are sorted by what is said in them, and the outcome
    with more behind it comes first, so that neither the order of the deals nor a swap of won and lost
    changes what a deal is drawn with.
    """
    content = counts @ names
    first = outcome if content[outcome].sum() >= content[~outcome].sum() else ~outcome
    order = np.lexsort((~first, content))
    counts, first = csr_array(counts[order], dtype=np.float32), first[order]
    drawn = np.random.default_rng(seed).poisson(1.0, (len(order), resamples)).astype(np.float32)
    one, other = (csr_array(counts[deals].T) @ drawn[deals] for deals in (first, ~first))
    ratios = _log_odds(one, other, weights.astype(np.float32)[:, None])
    return np.asarray(ratios.std(axis=1, ddof=1, dtype=np.float64))


def _intervals(users: Ints, groups: tuple[int, int]) -> Floats:
    """Return Newcombe's interval of the difference of shares for each phrase, shape (2, phrases)."""
    if not all(groups):
        return np.tile([[-1.0], [1.0]], users.shape[1])
    from statsmodels.stats.proportion import confint_proportions_2indep

    low, high = confint_proportions_2indep(
        users[0], groups[0], users[1], groups[1], method="newcomb", compare="diff"
    )
    return np.stack([np.maximum(low, -1), np.minimum(high, 1)])


def _needed(lost: Ints, groups: tuple[int, int], smallest_effect: float) -> dict[int, int | None]:
    """Return, for each number of lost deals that use a phrase, how many more deals are needed."""
    return {
        int(users): further_cases(
            int(users) / groups[1] if groups[1] else None,
            smallest_effect,
            first=groups[0],
            second=groups[1],
        )
        for users in np.unique(lost)
    }
