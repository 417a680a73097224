"""What a run says in words and on a page: the HTML report, tables for LaTeX, the methods paragraph, the findings."""

from __future__ import annotations

from research.report._findings import StanceAgreement, leading_findings
from research.report._html import build_report
from research.report._latex import latex_table
from research.report._methods import methods_paragraph

__all__ = ["StanceAgreement", "build_report", "latex_table", "leading_findings", "methods_paragraph"]
