"""Compilation: a plan becomes Python that gathers, merges and projects by what is known when the plan is made."""

from gateway.execution.compile.program import Asking, Program

__all__ = ["Asking", "Program"]
