"""The report: one HTML file that needs nothing but itself."""

from glowtool.analysis.report.page import render_html
from glowtool.analysis.report.series import Series, series_of
from glowtool.analysis.report.write import report_path, write_report

__all__ = ["Series", "render_html", "report_path", "series_of", "write_report"]
