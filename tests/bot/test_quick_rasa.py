"""Our runner and policies against Rasa's own, with the trained model."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

import pytest
from rasa.core.policies.ensemble import DefaultPolicyPredictionEnsemble
from rasa.core.policies.memoization import MemoizationPolicy
from rasa.core.policies.policy import Policy, PolicyPrediction
from rasa.core.policies.rule_policy import RULES, RulePolicy
from rasa.engine.exceptions import GraphRunError
from rasa.engine.loader import load_predict_graph_runner
from rasa.engine.runner.dask import DaskGraphRunner
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.shared.core.constants import ACTION_LISTEN_NAME
from rasa.shared.core.events import ActionExecuted, Event, SessionStarted, SlotSet, UserUttered
from rasa.shared.core.slots import TextSlot
from rasa.shared.core.trackers import DialogueStateTracker

from components import quick_policies
from components.graph_runner import PlannedGraphRunner
from components.recent_turns import recent_turns
from tests.bot.conftest import ROOT
from tests.bot.test_dialogue import RULES as WRITTEN_RULES
from tests.bot.test_dialogue import STORIES

MODEL = ROOT / "models" / "helpline.tar.gz"
pytestmark = [
    pytest.mark.skipif(not MODEL.is_file(), reason="there is no model: make train"),
    # Of the libraries that the model's components are made of
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
]
CORE = "select_prediction"


@pytest.fixture(scope="module")
def runner(tmp_path_factory: pytest.TempPathFactory) -> Any:
    folder = tmp_path_factory.mktemp("model")
    _, runner = load_predict_graph_runner(folder, MODEL, LocalModelStorage, PlannedGraphRunner)
    return runner


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    for owner, name in (
        (Policy, "_prediction_states"),
        (RulePolicy, "_get_possible_keys"),
        (RulePolicy, "_find_action_from_rules"),
        (RulePolicy, "predict_action_probabilities"),
        (MemoizationPolicy, "predict_action_probabilities"),
    ):
        # Rasa's own methods, so that they are put back after the test
        monkeypatch.setattr(owner, name, getattr(owner, name))
    quick_policies.install()


def _conversations() -> Iterator[list[dict[str, Any]]]:
    """All stories, and all rules one after the other as one long conversation."""
    yield from STORIES
    yield list(itertools.chain.from_iterable(WRITTEN_RULES))


def _events(steps: list[dict[str, Any]]) -> Iterator[Event]:
    yield ActionExecuted("action_session_start")
    yield SessionStarted()
    yield ActionExecuted(ACTION_LISTEN_NAME)
    for number, step in enumerate(steps):
        if "intent" in step:
            yield UserUttered("", {"name": step["intent"], "confidence": 1.0})
            yield SlotSet("topic", f"topic{number}")
        if "action" in step:
            yield ActionExecuted(step["action"])
            if "action" not in steps[min(number + 1, len(steps) - 1)]:
                yield ActionExecuted(ACTION_LISTEN_NAME)


def _domain(runner: Any) -> Any:
    return DaskGraphRunner.run(runner, {}, ["domain_provider"])["domain_provider"]


def _predicted(run: Any, tracker: DialogueStateTracker) -> tuple[Any, ...]:
    found: PolicyPrediction = run({"__tracker__": tracker}, [CORE])[CORE]
    return found.probabilities, found.policy_name, found.hide_rule_turn, len(found.events)


def _all_predictions(runner: Any, run: Any) -> list[tuple[Any, ...]]:
    domain, found = _domain(runner), []
    for steps in _conversations():
        tracker = DialogueStateTracker("someone", domain.slots)
        for event in _events(steps):
            tracker.update(event, domain)
            if isinstance(event, ActionExecuted | SlotSet):
                found.append(_predicted(run, tracker))
    return found


def test_the_same_is_predicted_as_by_rasa_itself(
    runner: Any, request: pytest.FixtureRequest
) -> None:
    rasas = _all_predictions(runner, lambda *given: DaskGraphRunner.run(runner, *given))
    request.getfixturevalue("quick")
    ours = _all_predictions(runner, runner.run)
    assert len(ours) > 200
    assert ours == rasas


def test_of_a_long_conversation_only_its_end_is_looked_at(runner: Any, quick: None) -> None:
    domain = _domain(runner)
    ensemble = runner._instantiated_nodes[CORE]._component
    assert isinstance(ensemble, DefaultPolicyPredictionEnsemble)
    rules = next(
        node._component
        for node in runner._instantiated_nodes.values()
        if isinstance(node._component, RulePolicy)
    )
    steps = [{"intent": "thank"}, {"action": "utter_thank"}] * 40
    tracker = DialogueStateTracker("someone", domain.slots)
    tracker.update_with_events(list(_events(steps)), domain)
    longest = max(len(RulePolicy._rule_key_to_state(key)) for key in rules.lookup[RULES])
    states = rules._prediction_states(tracker, domain)
    assert longest <= len(states) < 10
    assert states[-1]["prev_action"] == {"action_name": "utter_thank"}


def test_where_no_rule_decides_a_story_is_remembered(runner: Any, quick: None) -> None:
    domain = _domain(runner)
    memory, rules = (
        next(
            node._component
            for node in runner._instantiated_nodes.values()
            if type(node._component) is policy
        )
        for policy in (MemoizationPolicy, RulePolicy)
    )
    tracker = DialogueStateTracker("someone", domain.slots)
    steps = list(_events(STORIES[0]))
    place = next(n for n, event in enumerate(steps) if isinstance(event, UserUttered))
    tracker.update_with_events(steps[: place + 1], domain)
    alone = memory.predict_action_probabilities(tracker, domain, rule_only_data=None)
    assert alone.max_confidence == 1.0
    # A rule that is sure leaves it nothing to say, until something else has happened
    assert rules.predict_action_probabilities(tracker, domain).max_confidence == 1.0
    silent = memory.predict_action_probabilities(tracker, domain, rule_only_data=None)
    assert silent.max_confidence == 0.0
    tracker.update(SlotSet("topic", None), domain)
    again = memory.predict_action_probabilities(tracker, domain, rule_only_data=None)
    assert again.max_confidence == 1.0


def test_a_missing_input_is_told_by_name(runner: Any) -> None:
    with pytest.raises(GraphRunError, match="__tracker__"):
        runner.run({}, [CORE])


class TestRecentTurns:
    SLOTS = (TextSlot("topic", mappings=[{}]), TextSlot("treatment", mappings=[{}]))

    def events(self, turns: int) -> list[Event]:
        steps = [{"intent": "thank"}, {"action": "utter_thank"}] * turns
        return list(_events(steps))

    def test_a_short_conversation_stays_as_it_is(self) -> None:
        events = self.events(3)
        assert recent_turns(events, 3, self.SLOTS) is events

    def test_slots_are_as_they_were(self) -> None:
        kept = list(recent_turns(self.events(5), 2, self.SLOTS))
        whole, short = (
            DialogueStateTracker.from_events("someone", events, self.SLOTS)
            for events in (self.events(5), kept)
        )
        assert short.current_slot_values() == whole.current_slot_values()
        assert sum(isinstance(event, UserUttered) for event in kept) == 2
        # Set before what was kept, so it comes first
        assert next(event.value for event in kept if isinstance(event, SlotSet)) == "topic4"
