"""The second reader of a workspace: who it is, and the headlines it writes over a digest's quotes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from callmine.domain import Kind
from callmine.playbook import Playbook
from callmine.reports.digest_values import Digest, Headline, LabelCount
from callmine.second_reader import headlines
from callmine.second_reader.answers import Unusable
from callmine.second_reader.reader import ProviderError, Reader
from callmine.stage import Stage
from callmine.store import Store
from callmine.store.rows import KeptHeadline
from callmine.workspace import Workspace


def build_reader(workspace: Workspace) -> Reader | None:
    """Return the language model that the settings name; ``None`` where they name none.

    Raises:
        MissingDependency: The package, the model or its key is not there.
        SettingsError: The model does not know the options.
    """
    chosen = workspace.settings.second_reader
    if not chosen.model:
        return None
    from callmine.second_reader.model import LanguageModel

    return LanguageModel(chosen.model, options=chosen.options, timeout_s=chosen.timeout_s)


def build_second_read(workspace: Workspace, playbook: Playbook) -> Stage | None:
    """Return the stage that has findings read again; ``None`` where the settings name no model.

    Raises:
        MissingDependency: See :func:`build_reader`.
    """
    reader = build_reader(workspace)
    if reader is None:
        return None
    from callmine.stages.second_read import SecondReadStage

    chosen = workspace.settings.second_reader
    return SecondReadStage(
        reader, playbook, kinds=tuple(map(Kind, chosen.kinds)), max_calls=chosen.max_calls
    )


@dataclass
class _Writer:
    """Writes the headlines of one digest: from the store, else from the model while it may be asked."""

    reader: Reader
    store: Store
    budget: int
    progress: Callable[[str], None]

    def over(self, group: LabelCount) -> LabelCount:
        quotes = (*group.quotes, *group.others)[: headlines.MOST_QUOTES]
        texts = tuple(quote.before + quote.marked + quote.after for quote in quotes)
        if not texts:
            return group
        reader = self.reader
        key = headlines.key_of(group.title, texts, model=reader.name, options=reader.options)
        kept = self.store.headline(key)
        if kept is None and self.budget > 0:
            kept = self._write(key, group.title, texts, tuple(dict.fromkeys(q.call_id for q in quotes)))
        if kept is None or kept.text is None:
            return group
        return replace(group, headline=Headline(kept.text, kept.model))

    def _write(
        self, key: str, title: str, texts: tuple[str, ...], calls: tuple[str, ...]
    ) -> KeptHeadline | None:
        self.budget -= 1
        try:
            answer = self.reader.ask(
                headlines.prompt_of(title, texts), system=headlines.SYSTEM, schema=headlines.SCHEMA
            )
        except ProviderError as error:
            # A page without headlines is a whole page; whoever does not answer is not asked again for it.
            self.budget = 0
            self.progress(f"headlines are missing: the second reader failed: {error}")
            return None
        text, reason = None, ""
        try:
            text = headlines.check_headline(answer.text, texts)
        except Unusable as error:
            reason = str(error)
        kept = KeptHeadline(
            key=key,
            model=self.reader.name,
            prompt=headlines.PROMPT_VERSION,
            calls=calls,
            text=text,
            reason=reason,
            input_tokens=answer.input_tokens,
            output_tokens=answer.output_tokens,
        )
        self.store.keep_headline(kept)
        return kept


def with_headlines(digest: Digest, workspace: Workspace, *, progress: Callable[[str], None]) -> Digest:
    """Return the digest with a headline over each label's quotes, where the settings ask for them.

    Args:
        digest: The digest as it is built from the store.
        workspace: Where answers are kept; the same quotes are never asked about twice.
        progress: Is told when the model does not answer; the digest then goes without.

    Raises:
        MissingDependency: The package, the model or its key is not there.
    """
    chosen = workspace.settings.second_reader
    reader = build_reader(workspace) if chosen.headlines else None
    if reader is None:
        return digest
    with Store(workspace.database) as store:
        writer = _Writer(reader, store, chosen.max_calls, progress)
        return replace(digest, objections=tuple(map(writer.over, digest.objections)))
