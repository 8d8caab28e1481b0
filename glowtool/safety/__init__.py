"""Safety: limits, zones, the lint of programs, and the gate through which every command passes."""

from glowtool.model.output import Output
from glowtool.safety.gate import Gate
from glowtool.safety.limits import CeilingValues, PersonalMax, ceilings_in_force
from glowtool.safety.lint import lint_program, require_clean
from glowtool.safety.rules.circumstances import Circumstances
from glowtool.safety.rules.finding import Finding, Rule, Severity
from glowtool.safety.zones import ZONE_RULES, Permission, ZoneRule, zone_rule

__all__ = [
    "ZONE_RULES",
    "CeilingValues",
    "Circumstances",
    "Finding",
    "Gate",
    "Output",
    "Permission",
    "PersonalMax",
    "Rule",
    "Severity",
    "ZoneRule",
    "ceilings_in_force",
    "lint_program",
    "require_clean",
    "zone_rule",
]
