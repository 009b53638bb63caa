"""Reports as PDF: their page, printed."""

from __future__ import annotations

from collections.abc import Callable, Iterable

PDF = "pdf"


def need(formats: Iterable[str]) -> None:
    """See that what formats need is there, before the work of building a report is done.

    Raises:
        MissingDependency: A PDF is wanted, and WeasyPrint or what it needs is not there.
    """
    if PDF in formats:
        from callmine.reports.render.pdf import library

        library()


def shown(format: str, text_in: Callable[[str], str]) -> str | bytes:
    """Return a report in a format; a PDF is made of its page.

    Args:
        format: ``pdf``, or a format that ``text_in`` knows.
        text_in: Renders the report in a format; ``html`` is one of them.

    Raises:
        CallmineError: A quote is not verbatim (a bug).
        MissingDependency: See :func:`need`.
    """
    if format != PDF:
        return text_in(format)
    from callmine.reports.render.pdf import render_pdf

    return render_pdf(text_in("html"))
