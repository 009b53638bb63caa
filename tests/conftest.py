"""Fixtures that the whole suite shares."""

from __future__ import annotations

import os

# Side by side with another worker one thread each is the fastest; libraries read this when imported.
if "PYTEST_XDIST_WORKER" in os.environ:
    os.environ.setdefault("OMP_NUM_THREADS", "1")

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from filelock import FileLock
from hypothesis import settings

from benchmarks.year import load_year
from benchmarks.year.values import Year
from callmine import weights
from callmine.domain import Role
from callmine.operations.comparing import compare_things
from callmine.operations.outcomes import outcome_report
from callmine.operations.running import run_workspace
from callmine.operations.workspaces import init_workspace
from callmine.reports.comparison import CompareReport
from callmine.reports.outcome_values import OutcomeReport
from callmine.workspace import Workspace, find_workspace
from tests.closed_store import small_year
from tests.generated import a_small_year
from tests.workbench import Workbench

# No deadline for an example: on a busy machine it says nothing of the code.
settings.register_profile("callmine", deadline=None)
settings.load_profile("callmine")


@pytest.fixture(scope="session")
def model_folder() -> Path:
    """The folder with real weights; fetched once a machine, checked by hash."""
    return weights.default_folder()


@pytest.fixture(scope="session")
def sample_workspace(tmp_path_factory: pytest.TempPathFactory, model_folder: Path) -> Path:
    """A workspace in which the sample went through every stage, from its audio, with base.

    It is shared, also by workers side by side: a test that changes it works on a copy.
    """
    shared = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        shared = shared.parent
    root, done = shared / "sample" / "calls", shared / "sample-is-there"
    with FileLock(shared / "sample.lock"):
        if not done.exists():
            init_workspace(root, sample=True)
            outcome = run_workspace(find_workspace(root))
            assert outcome.report.exit_code == 0, outcome.report
            done.touch()
    return root


@pytest.fixture(scope="session")
def chromium() -> str:
    """Path of a Chromium; without one the test is skipped, or fails where one is promised."""
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if path is None:
        reason = "no Chromium on this machine (Debian: apt-get install chromium)"
        if os.environ.get("CALLMINE_REQUIRE_BROWSER"):
            pytest.fail(reason)
        pytest.skip(reason)
    return path


@pytest.fixture(scope="session")
def pango() -> None:
    """Sets the text of PDFs; without it the test is skipped, or fails where it is promised."""
    try:
        import weasyprint  # noqa: F401
    except OSError as missing:
        reason = f"no Pango on this machine (Debian: apt-get install libpangoft2-1.0-0): {missing}"
        if os.environ.get("CALLMINE_REQUIRE_PANGO"):
            pytest.fail(reason)
        pytest.skip(reason)


@pytest.fixture(scope="session")
def spoken(tmp_path_factory: pytest.TempPathFactory, model_folder: Path) -> Path:
    """A workspace of imported transcripts, run once; read it, do not change it."""
    from commands import make_workspace

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CALLMINE_MODELS", str(model_folder))
        return make_workspace(tmp_path_factory.mktemp("spoken"))


@pytest.fixture(scope="session")
def generated(tmp_path_factory: pytest.TempPathFactory) -> tuple[Year, Workspace]:
    """A small generated year, and a workspace that holds it as if callmine had read it.

    They are shared: a test that changes the workspace works on a copy.
    """
    year = a_small_year()
    place, _ = init_workspace(tmp_path_factory.mktemp("generated") / "workspace")
    load_year(year, place)
    return year, place


@pytest.fixture
def own(spoken: Path, tmp_path: Path, model_folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of ``spoken`` that a test may change."""
    monkeypatch.setenv("CALLMINE_MODELS", str(model_folder))
    return Path(shutil.copytree(spoken, tmp_path / "workspace"))


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Workbench]:
    """A store with stages to run on it: real ones, with a scripted engine and light rules."""
    made = Workbench(tmp_path)
    yield made
    made.store.close()


@pytest.fixture
def local_models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Local models for a second reader, registered with the library's own plug-in manager.

    No settings and no keys of the user's are seen.
    """
    monkeypatch.setenv("LLM_USER_PATH", str(tmp_path / "llm"))
    import llm

    from tests import local_models as ours

    llm.get_models()  # whatever is installed is loaded first, as in a run
    llm.pm.register(registered := ours.Plugin())
    ours.ASKED.clear()
    ours.RELEASE.clear()
    yield
    ours.RELEASE.set()
    llm.pm.unregister(registered)


@pytest.fixture(scope="session")
def small_year_reports(tmp_path_factory: pytest.TempPathFactory) -> tuple[OutcomeReport, CompareReport]:
    """What goes with winning in a small year, and price against paper: frozen values to be rendered."""
    place = small_year(tmp_path_factory.mktemp("shown") / "workspace")
    report = outcome_report(place, now=datetime(2026, 10, 1, tzinfo=UTC))
    return report, compare_things(place, "price", "on paper", role=Role.PROSPECT)
