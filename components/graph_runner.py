"""Runs the graph of a trained model: its components one after the other.

Rasa has dask work out at every message which component comes when, three times a message, and
writes all inputs into a log line that nobody reads. The order never changes, so it is kept.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from graphlib import TopologicalSorter
from typing import Any

import rasa.core.processor
from rasa.core.policies.memoization import MemoizationPolicy
from rasa.core.policies.rule_policy import RulePolicy
from rasa.engine.exceptions import GraphRunError
from rasa.engine.runner.dask import DaskGraphRunner


class PlannedGraphRunner(DaskGraphRunner):
    """Does what Rasa's runner does, in an order that is worked out once."""

    def run(
        self, inputs: Mapping[str, Any] | None = None, targets: Sequence[str] | None = None
    ) -> dict[str, Any]:
        """Run what the targets need and return what they give, by name.

        Raises:
            GraphRunError: a component got no input, or failed with a RuntimeError.
        """
        wanted = tuple(targets or self._graph_schema.target_names)
        given = {name: (name, value) for name, value in (inputs or {}).items()}
        outputs: dict[str, tuple[str, Any]] = {}
        try:
            for name, needs in self._plan(wanted):
                if name in given:
                    continue
                # A node that gets a name in place of a result says what is missing
                results = (given.get(need) or outputs.get(need) or need for need in needs)
                outputs[name] = self._instantiated_nodes[name](*results)
        except RuntimeError as error:
            raise GraphRunError("Error running runner.") from error
        return {name: (given.get(name) or outputs[name])[1] for name in wanted}

    @functools.cache  # noqa: B019  (a runner lives as long as the process)
    def _plan(self, targets: tuple[str, ...]) -> list[tuple[str, tuple[str, ...]]]:
        """Return the components that the targets need, in order, each with what it needs."""
        nodes = self._graph_schema.minimal_graph_schema(list(targets)).nodes
        needs = {name: tuple(node.needs.values()) for name, node in nodes.items()}
        # The rules before other policies, which have nothing to do where a rule has decided
        rules = tuple(name for name in needs if issubclass(nodes[name].uses, RulePolicy))
        after = {
            name: needs[name] + (rules if nodes[name].uses is MemoizationPolicy else ())
            for name in needs
        }
        order = TopologicalSorter(after).static_order()
        return [(name, needs[name]) for name in order if name in needs]


def install() -> None:
    """Let models that this process loads be run so."""
    rasa.core.processor.DaskGraphRunner = PlannedGraphRunner
