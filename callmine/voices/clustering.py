"""How many voices there are, and what each is like.

Embeddings of windows are first put into more groups than there can be voices (k-means), then the
two groups that are most alike are merged, again and again. So a voice that says little is not
drowned by one that says much. Two voices are the rule in a sales call; there is only one where the
last two groups are as alike as one voice is to itself, and there are more where every group is a
voice's worth of speech and clearly unlike each of the others.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

from callmine.voices.encoder import SIZE, Embeddings, unit

SAME = 0.85
"""Two groups whose mean embeddings have at least this cosine are one voice."""

ENOUGH_S, ENOUGH_SHARE = 8.0, 0.15
"""A second voice says this much, in seconds or of everything said ..."""

EVEN_SHARE, EVEN_S, EVEN_CONTRAST, ALIKE = 0.25, 15.0, 0.47, 0.90
"""... or this share and so many seconds, in two compact groups (mean silhouette), and a cosine below
this: telephones make voices alike, but one voice does not fall into two compact halves ..."""

FEW_S, UNLIKE = 6.0, 0.70
"""... or at least so many seconds, with a cosine below this: people sound unlike themselves at times."""

APART = 0.82
"""With three and more voices, each pair's cosine must be below this ..."""

LEAST_S, LEAST_WINDOWS = 10.0, 8
"""... and each voice must speak so many seconds, in so many windows; smaller groups are no voice's."""

_GROUPS = 12
_WINDOWS_A_GROUP = 5
_HEARD_S = 1.0  # a smaller group is an outlier, and no voice
_BETTER = 0.05
_SURE_MS = 800  # shorter windows are too vague to make a group of

_NONE = np.zeros((0, SIZE), dtype=np.float32)

Floats = npt.NDArray[np.float64]


def voices_in(embeddings: Embeddings, ms: npt.NDArray[np.int64], *, most: int) -> Embeddings:
    """Return the mean embedding of each voice, shape (voices, 256), the one that says most first.

    No row means that it cannot be said whether one voice speaks or several.

    Args:
        embeddings: One row a window, length 1.
        ms: Length of each window; it counts by that.
        most: How many voices there may be at most, 1 or more.
    """
    sure = ms >= _SURE_MS
    if sure.sum() < 2:
        sure = ms > 0
    if not sure.any():
        return _NONE
    rows, seconds = embeddings[sure], ms[sure] / 1000
    levels = {len(groups): groups for groups in _merged(_groups(rows, seconds))}
    whole = [_Group(rows, seconds)]
    split = _split(rows, seconds, 2)
    if most == 1 or len(split) < 2:
        return np.stack([whole[0].mean])
    chosen = next((pair for pair in _pairs(levels.get(2, split), split) if _are_two(pair)), [])
    if not chosen and _closest(split) >= ALIKE:
        chosen = whole
    for groups in levels.values():
        heard = [g for g in groups if g.seconds >= LEAST_S and g.windows >= LEAST_WINDOWS]
        if max(2, len(chosen)) < len(heard) <= most and _closest(heard) < APART:
            chosen = heard
    chosen = sorted(chosen, key=lambda group: -group.seconds)
    return np.stack([group.mean for group in chosen]) if chosen else _NONE


def _closest(groups: Sequence[_Group]) -> float:
    """Return the highest cosine between the means of two groups."""
    means = np.stack([g.mean for g in groups])
    return float((means @ means.T)[np.triu_indices(len(means), 1)].max())


def _are_two(pair: Sequence[_Group]) -> bool:
    less, total = min(g.seconds for g in pair), sum(g.seconds for g in pair)
    cosine = _closest(pair)
    if less >= max(EVEN_S, EVEN_SHARE * total) and _contrast(pair) >= EVEN_CONTRAST:
        return cosine < ALIKE
    limit = SAME if less >= min(ENOUGH_S, ENOUGH_SHARE * total) else UNLIKE
    return less >= min(FEW_S, ENOUGH_SHARE * total) and cosine < limit


def _pairs(merged: list[_Group], split: list[_Group]) -> list[list[_Group]]:
    """Return two ways to make two groups, the better one first.

    Merging finds a voice that says little, splitting is steadier where both say much; so merging
    must be the better one by some distance.
    """
    if len(split) < 2:
        return [merged]
    better = _contrast(merged) > _contrast(split) + _BETTER
    return [merged, split] if better else [split, merged]


def _contrast(pair: Sequence[_Group]) -> float:
    """Return the mean silhouette (Rousseeuw 1987), by distances to the means: 1 is best, 0 is none."""
    total = 0.0
    for mine, other in ((pair[0], pair[1]), (pair[1], pair[0])):
        near, far = 1 - mine.rows @ mine.mean, 1 - mine.rows @ other.mean
        total += float(((far - near) / np.maximum(np.maximum(near, far), 1e-9)) @ mine.weights)
    return total / sum(g.seconds for g in pair)


class _Group:
    """Windows that are taken for one voice's."""

    def __init__(self, rows: Embeddings, seconds: Floats) -> None:
        self.rows, self.weights = rows, seconds
        self.seconds, self.windows = float(seconds.sum()), len(seconds)
        self.mean = unit((rows * seconds[:, None]).sum(axis=0))


def _groups(rows: Embeddings, seconds: Floats) -> list[_Group]:
    """Return more groups than there can be voices, outliers left out."""
    groups = _split(rows, seconds, min(_GROUPS, max(2, len(rows) // _WINDOWS_A_GROUP)))
    heard = [g for g in groups if g.seconds >= _HEARD_S]
    return heard or groups


def _split(rows: Embeddings, seconds: Floats, count: int) -> list[_Group]:
    from sklearn.cluster import KMeans

    if len(np.unique(rows, axis=0)) < count:
        return [_Group(rows, seconds)]
    labels = KMeans(count, n_init=10, random_state=0).fit_predict(rows, sample_weight=seconds)
    return [_Group(rows[labels == i], seconds[labels == i]) for i in np.unique(labels)]


def _merged(groups: Sequence[_Group]) -> Iterator[list[_Group]]:
    """Yield the groups, then with the two most alike merged, down to one."""
    left = list(groups)
    while left:
        yield list(left)
        if len(left) == 1:
            return
        means = np.stack([g.mean for g in left])
        likeness = np.triu(means @ means.T, 1)
        one, two = np.unravel_index(int(np.argmax(likeness)), likeness.shape)
        joined = _Group(
            np.concatenate([left[one].rows, left[two].rows]),
            np.concatenate([left[one].weights, left[two].weights]),
        )
        left = [g for i, g in enumerate(left) if i not in (one, two)] + [joined]
