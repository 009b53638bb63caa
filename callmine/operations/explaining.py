"""Why a finding was found and whether it counts: everything that is known of it, in one value."""

from __future__ import annotations

from collections.abc import Iterator

from pydantic import ValidationError

from callmine.domain import BY_PEOPLE, Json, Kind, Role
from callmine.errors import UsageError
from callmine.extractors import explain
from callmine.extractors.approved import SAME_MESSAGE, WORDED
from callmine.extractors.base import ENGLISH, Finder, Passage
from callmine.extractors.competitors import CompetitorExtractor
from callmine.extractors.examples import ExampleExtractor, is_comparable
from callmine.extractors.explain import Example, NameFound, Near, ReadAgain
from callmine.extractors.positioning import ECHO, PositioningExtractor
from callmine.extractors.trackers import phrase_in
from callmine.extractors.wording import share_said, wording
from callmine.operations.building import build_stages
from callmine.operations.counting import counted_from
from callmine.operations.explanation import Explanation, Maker, Score, UsedPlaybook
from callmine.operations.judged import JUDGED_KINDS, judged_right
from callmine.operations.recipes import Recipe
from callmine.operations.transcripts import waiting_edits
from callmine.playbook import Playbook, load_playbook
from callmine.reports.standing import Standing, standing_of
from callmine.reports.tally import least_score
from callmine.reports.text import plural
from callmine.stages.extract import ExtractStage, passages_of
from callmine.store import Store
from callmine.store.rows import EvidenceFilter, EvidenceRow
from callmine.workspace import Workspace


def explain_finding(workspace: Workspace, ref: str) -> Explanation:
    """Return why a finding is there; models are loaded and its utterance is read again.

    Args:
        workspace: Where.
        ref: Id of the finding, or its beginning.

    Raises:
        UsageError: There is no such finding, or its utterance changed.
        SettingsError: Today's playbook does not validate.
        ModelError: A model cannot be had.
    """
    today = load_playbook(workspace.playbook)
    with Store(workspace.database) as store:
        (row,) = store.evidence(EvidenceFilter(finding_id=store.find_finding(ref)))
        if row.utterance[row.start : row.end] != row.text:
            raise UsageError(
                f"the utterance of finding {row.finding_id} in {row.source} changed since: it is not"
                f" “{row.text}” any more",
                hint="Run `callmine run`, and see what is found there with"
                f" `callmine findings --call {row.call_id}`.",
            )
        return _Explainer(workspace, store, row, today).explanation()


class _Explainer:
    """Gathers what is known of one finding."""

    def __init__(self, workspace: Workspace, store: Store, row: EvidenceRow, today: Playbook) -> None:
        self.workspace = workspace
        self.store = store
        self.row = row
        self.counted = counted_from(workspace)
        self.notes: list[str] = []
        self.by, _, self.version = row.extractor.partition("/")
        self.label = row.found_label or row.label
        self.used = next((r for r in store.table_rows("playbooks") if r["playbook"] == row.playbook), {})
        self.today = self._stage(today)
        # As it was then: another playbook has other names to match, and other examples.
        self.playbook = self._playbook_then(today)
        then = self.today if self.playbook == today else self._stage(self.playbook)
        self.finders = _finders(then)
        assert then.encoder is not None
        self.encoder = then.encoder
        transcript, self.utterances, _ = store.transcript(row.call_id)
        self.language = transcript.language or "en"
        self.passages = passages_of(self.utterances, language=self.language)
        self.number = [u.index for u in self.utterances].index(row.utterance_index)
        self.span = (row.start, row.end)

    def _stage(self, playbook: Playbook) -> ExtractStage:
        recipe = Recipe(stages=("extract",))
        (stage,) = build_stages(self.workspace, playbook, self.store, recipe, workers=1)
        assert isinstance(stage, ExtractStage)
        return stage

    def _playbook_then(self, today: Playbook) -> Playbook:
        """Return the playbook that the finding was made with; today's where that cannot be read."""
        if self.row.playbook == today.digest:
            return today
        try:
            return Playbook.model_validate_json(self.used.get("text", ""))
        except ValidationError:
            self.notes.append("the playbook it was found with cannot be read; it is explained with today's")
            return today

    def explanation(self) -> Explanation:
        """Return all of it."""
        made_by = self._made_by()
        if waiting_edits((self.utterances[self.number],), self.store.edits(self.row.call_id)):
            self.notes.append("somebody corrected this turn; `callmine run` will look for findings anew")
        version, first = self.row.playbook, self.used.get("first_used_at")
        return Explanation(
            finding=self.row,
            score=self._score(),
            standing=self._standing(),
            people=tuple(self._people()),
            second_reader=self._second_reader(),
            made_by=made_by,
            playbook=UsedPlaybook(version, first, version == self.today.playbook.digest),
            read_again=self._read_again(),
            name=self._name(),
            tracker=self._tracker(),
            message=self._message(),
            takes_up=self._takes_up(),
            answers=tuple(self._answers()),
            nearest=tuple(self._nearest()),
            notes=tuple(self.notes),
        )

    def _made_by(self) -> Maker:
        today = _finders(self.today).get(self.by)
        same = True
        if self.row.extractor.startswith(BY_PEOPLE):
            self.notes.append("a person found it; there is nothing to read again")
        else:
            waiting = self.store.pending(self.today, payloads=False)
            same = all(job.key != self.row.call_id for job in waiting)
        if not same:
            self.notes.append(
                "it was found with another model, other settings or another playbook than today's; what is"
                " read again is read with today's model, and `callmine run` will look for findings anew"
            )
        settings = today.settings() if today else {}
        return Maker(self.by, self.version, today.version if today else None, settings, same)

    def _standing(self) -> Standing:
        return standing_of(self.row, self.today.playbook, self.counted)

    def _score(self) -> Score:
        value, least = self.row.score, least_score(self.row, self.counted)
        finder = _finders(self.today).get(self.by)
        return Score(value, finder.threshold if finder else None, least, value >= least)

    def _people(self) -> Iterator[Json]:
        """Yield what people said of the finding, or of all of its turn, newest first."""
        for said in self.store.corrections():
            of_turn = said.verdict in ("missed", "nothing") and self.row.kind is Kind.OBJECTION
            here = (said.call_id, said.utterance_index) == (self.row.call_id, self.row.utterance_index)
            # What was added to replace another finding is said of itself, and of no third one.
            if said.verdict == "missed" and said.replaces and said.text != self.row.text:
                continue
            if said.finding_id == self.row.finding_id or (of_turn and here):
                yield {
                    "verdict": said.verdict,
                    "label": said.label,
                    "by": said.made_by,
                    "at": said.made_at,
                    "replaced_by": said.replaced_by,
                    "replaces": said.replaces,
                }

    def _second_reader(self) -> Json | None:
        rows = self.store.table_rows("second_verdicts")
        found = next((row for row in rows if row["finding_id"] == self.row.finding_id), None)
        return {key: found[key] for key in ("verdict", "label", "model")} if found else None

    def _read_again(self) -> ReadAgain | None:
        question = explain.QUESTION_OF.get(self.by)
        if question is None:
            return None
        label = self.label if self.row.kind is Kind.OBJECTION else None
        return explain.read_again(self.encoder, self._asked(), question, label)

    def _asked(self, number: int | None = None) -> Passage:
        """Return a passage of the call, the finding's own unless another is named."""
        at = self.number if number is None else number
        return explain.in_conversation(self.encoder, self.passages, at)

    def _name(self) -> NameFound | None:
        finder = self.finders.get(self.by)
        if not isinstance(finder, CompetitorExtractor):
            return None
        finder.setup(self.playbook)
        found = explain.name_found(finder, self.passages, self.number, self.span, self.label)
        if found is None:
            self.notes.append(f"today's rules do not find {self.label} in these words any more")
        return found

    def _tracker(self) -> Json | None:
        if self.by != "trackers":
            return None
        wanted = (tracker for tracker in self.playbook.trackers if tracker.name == self.label)
        found = next((said for tracker in wanted if (said := phrase_in(tracker, self.row.text))), None)
        return {"phrase": found[0], "letter_by_letter": found[1]} if found else None

    def _message(self) -> Json | None:
        named = self.row.detail.get("message")
        text = next((one.text for one in self.playbook.messages if one.id == named), None)
        if named is None or text is None or self.by != PositioningExtractor.name:
            return None
        said = self.encoder.read([Passage(text, Role.REP)])[0].meanings.mean(
            axis=0
        )  # as when it is matched
        likeness = float(explain.meaning_of(self.encoder, self._asked(), self.span) @ said)
        worded = share_said(wording(text), self.row.text)
        return {
            "id": named,
            "text": text,
            "likeness": round(likeness, 4),
            "alike_from": SAME_MESSAGE,
            "worded": round(worded, 4),
            "worded_from": WORDED,
        }

    def _takes_up(self) -> Json | None:
        """Return the likest claim that was found in the turn which the finding takes up."""
        numbers = {u.index: number for number, u in enumerate(self.utterances)}
        number = numbers.get(self.row.detail.get("echoes", -1))
        if number is None or self.by != PositioningExtractor.name:
            return None
        index = self.utterances[number].index
        said = self.store.evidence(EvidenceFilter(kind=Kind.POSITIONING, call_id=self.row.call_id))
        claims = [one for one in said if one.utterance_index == index]
        if not claims:
            self.notes.append("the claim that it takes up is found no more")
            return None
        ours = explain.meaning_of(self.encoder, self._asked(), self.span)
        there = self._asked(number)
        meant = [explain.meaning_of(self.encoder, there, (one.start, one.end)) for one in claims]
        alike = PositioningExtractor(self.encoder).echo_likeness(ours, meant)
        best = int(alike.argmax())
        return {
            "finding_id": claims[best].finding_id,
            "text": claims[best].text,
            "play_ms": claims[best].play_ms,
            "likeness": round(float(alike[best]), 4),
            "alike_from": ECHO,
        }

    def _answers(self) -> Iterator[Json]:
        for finding_id in self.row.detail.get("answers", ()):
            for row in self.store.evidence(EvidenceFilter(finding_id=finding_id)):
                yield {"finding_id": finding_id, "label": row.label, "text": row.text}

    def _nearest(self) -> Iterator[Near]:
        """Yield the playbook's examples that are most like it, then what people judged right.

        Both are told with the cosine of what the encoder takes them to mean; with the former, what is
        said in any call is taken off, as where they are looked for.
        """
        texts = list(filter(is_comparable, self._own_examples()))
        compares = self.finders.get(ExampleExtractor.name)
        if texts and isinstance(compares, ExampleExtractor):
            apart = self.encoder.contrast.apart
            meant = zip(texts, apart(compares.meant(texts)), strict=True)
            own = [Example(text, self.label, meaning, "playbook") for text, meaning in meant]
            said = explain.meaning_of(self.encoder, self._asked(), self.span)
            yield from explain.nearest(apart(said), own)
        if self.row.kind in JUDGED_KINDS and self.language in ENGLISH:
            judged, unread = judged_right(self.store, self.row, self.encoder.reading_version())
            if unread:
                found = plural(unread, "finding")
                self.notes.append(
                    f"{found} judged right not compared: `callmine run` reads those calls first"
                )
            if judged:
                yield from explain.nearest(
                    explain.meaning_of(self.encoder, self._asked(), self.span), judged
                )

    def _own_examples(self) -> list[str]:
        """Return the playbook's examples of the finding's label."""
        if self.row.kind is Kind.OBJECTION:
            return [e for o in self.playbook.objections if o.label == self.label for e in o.examples]
        if self.row.kind is Kind.TRACKER:
            return [e for t in self.playbook.trackers if t.name == self.label for e in t.examples]
        return []


def _finders(stage: ExtractStage) -> dict[str, Finder]:
    """Return what finds evidence in a stage, by its name."""
    found: dict[str, Finder] = {e.name: e for e in stage.extractors}
    if stage.answers is not None:
        found[stage.answers.name] = stage.answers
    return found
