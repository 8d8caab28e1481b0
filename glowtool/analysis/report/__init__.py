"""The report: one self-contained HTML file."""

from glowtool.analysis.report.page import render_html
from glowtool.analysis.report.series import Series, series_of
from glowtool.analysis.report.write import report_path, write_report

__all__ = ["Series", "render_html", "report_path", "series_of", "write_report"]
