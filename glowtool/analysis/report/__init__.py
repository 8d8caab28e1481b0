"""The report: one self-contained HTML file."""

from glowtool.analysis.report.page import render_html
from glowtool.analysis.report.series import Series, series_of

__all__ = ["Series", "render_html", "series_of"]
