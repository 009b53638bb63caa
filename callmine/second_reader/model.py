"""Language models of the ``llm`` library: the only place that knows it.

Importing this file imports ``llm`` and the plug-ins that are installed with it, so it is imported only
where a workspace names a model. Which provider is asked, and with which key, is the library's affair.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from queue import Empty, SimpleQueue
from typing import Any

try:
    import llm
except ImportError as error:
    from callmine.errors import MissingDependency

    raise MissingDependency(
        f"a second reader needs the package llm, which cannot be loaded ({error})",
        hint='Install it (`pip install "callmine[second-reader]"`), or empty model under [second_reader].',
    ) from error
from pydantic import ValidationError

from callmine.domain import Json
from callmine.errors import MissingDependency, ModelError, SettingsError
from callmine.second_reader.reader import Answer, ProviderError
from callmine.validation import did_you_mean

_OFF = "or empty model under [second_reader]."


class LanguageModel:
    """A model of the ``llm`` library, by its name or alias.

    Attributes:
        name: The model's own id, whatever alias it was asked for by.
        options: The options that it is given with every question.
    """

    def __init__(self, name: str, *, options: Mapping[str, Any], timeout_s: float) -> None:
        """Find the model; nothing is loaded or asked yet.

        Args:
            name: Id or alias.
            options: Options of that model, such as ``temperature``.
            timeout_s: Seconds after which an answer is not waited for any longer.

        Raises:
            ModelError: There is no such model here.
            MissingDependency: It needs a key, and there is none; or a plug-in of ``llm`` cannot be loaded.
            SettingsError: The model does not know the options.
        """
        try:
            known = llm.get_model_aliases()
        except (ImportError, AttributeError) as error:
            raise MissingDependency(
                f"a plug-in of llm cannot be loaded: {error}",
                hint=f"See `llm plugins`; uninstall or mend it, {_OFF}",
            ) from error
        if name not in known:
            raise ModelError(
                f"[second_reader] model: llm knows no model {name!r}{did_you_mean(name, known)}",
                hint=f"See its names with `llm models`; `llm install` adds a provider's plug-in, {_OFF}",
            )
        self._model = known[name]
        self.name: str = self._model.model_id
        self.options: Json = dict(options)
        self._timeout_s = timeout_s
        try:
            self._model.Options(**self.options)
        except ValidationError as error:
            faults = "; ".join(f"{'.'.join(map(str, f['loc']))}: {f['msg']}" for f in error.errors())
            raise SettingsError(
                f"[second_reader] options do not suit {self.name}: {faults}",
                hint=f"See its options with `llm models --options -m {self.name}`.",
            ) from error
        try:
            self._model.get_key()
        except llm.NeedsKeyException as error:
            raise MissingDependency(
                f"the second reader {self.name} needs a key, and there is none",
                hint=f"Run `llm keys set {self._model.needs_key}`, {_OFF}",
            ) from error

    def ask(self, prompt: str, *, system: str, schema: Json) -> Answer:
        """Ask once and return the whole answer.

        Raises:
            ProviderError: The model or its provider failed, or did not answer in time.
        """
        # A thread of its own, because the library has no time limit; daemonic, because one that hangs
        # for good must not keep the program from ending.
        box: SimpleQueue[Answer | Exception] = SimpleQueue()
        threading.Thread(target=self._answer, args=(box, prompt, system, schema), daemon=True).start()
        try:
            found = box.get(timeout=self._timeout_s)
        except Empty:
            raise ProviderError(f"no answer from {self.name} within {self._timeout_s:g} s") from None
        if isinstance(found, Exception):
            raise ProviderError(f"{self.name}: {_short(found)}") from found
        return found

    def _answer(self, box: SimpleQueue[Answer | Exception], prompt: str, system: str, schema: Json) -> None:
        shape = dict(schema) if self._model.supports_schema else None
        try:
            response = self._model.prompt(
                prompt, system=system, schema=shape, options=dict(self.options), stream=False
            )
            text, usage = response.text(), response.usage()
        except Exception as error:  # noqa: BLE001 - a plug-in may raise anything; told by whoever asked
            box.put(error)
        else:
            box.put(Answer(text, usage.input or 0, usage.output or 0))


def _short(error: Exception) -> str:
    """Return an error on one line; providers' messages can hold whole requests."""
    line = " ".join(str(error).split())
    return f"{type(error).__name__}: {line[:200]}" if line else type(error).__name__
