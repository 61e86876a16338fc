"""Rasa's policies, without what they do for nothing at every prediction.

They make a state of every step of the conversation, though no rule looks further back than a turn
or two, compare it with every rule, and do both once more for rules on literal texts, of which there
are none. And they look for a memorised story where a rule has decided already, which no story can
outvote. That took almost half of a message's time.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Mapping, Sequence
from typing import Any

from rasa.core.policies.memoization import MemoizationPolicy
from rasa.core.policies.policy import Policy, PolicyPrediction
from rasa.core.policies.rule_policy import RULES, RulePolicy
from rasa.shared.core.constants import PREVIOUS_ACTION, USER
from rasa.shared.core.domain import Domain, State
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.nlu.constants import ACTION_NAME, INTENT, TEXT

from components.recent_turns import recent_turns

# A turn has at least this many states: before the answer, and before listening again
STATES_OF_A_TURN = 2

_prediction_states = Policy._prediction_states
_possible_keys = RulePolicy._get_possible_keys
_find_action_from_rules = RulePolicy._find_action_from_rules
_predict_by_rules = RulePolicy.predict_action_probabilities
_predict_from_memory = MemoizationPolicy.predict_action_probabilities

# On a tracker: after how many events a rule has decided. As sure as this no other policy can
# outvote it, because the ensemble asks the priority next.
_DECIDED, _SURE = "decided_by_rule_after", 1.0

# What can be told of a state at once: the action before, and the intent; None where it has none
_End = tuple[str | None, str | None]


class _Rules:
    """The rules of a policy by how they end."""

    def __init__(self, lookup: Mapping[str, str]) -> None:
        self.lookup = lookup
        self.longest = 0
        self.read_texts = False
        self._by_end: dict[_End, dict[str, str]] = defaultdict(dict)
        for key, action in lookup.items():
            states = RulePolicy._rule_key_to_state(key)
            self.longest = max(self.longest, len(states))
            self.read_texts |= any(TEXT in state.get(USER, {}) for state in states)
            self._by_end[_end(states[-1])][key] = action

    def that_may_fit(self, state: State) -> dict[str, str]:
        """Return the rules whose last state has the same action and intent, or leaves them open."""
        action, intent = _end(state)
        ends = {(a, i) for a in (action, None) for i in (intent, None)}
        return {key: rule for end in ends for key, rule in self._by_end.get(end, {}).items()}


def _end(state: Mapping[str, Any]) -> _End:
    return state.get(PREVIOUS_ACTION, {}).get(ACTION_NAME), state.get(USER, {}).get(INTENT)


def _rules_of(policy: RulePolicy) -> _Rules:
    lookup = policy.lookup[RULES]
    held: _Rules | None = vars(policy).get("quick_rules")
    if held is None or held.lookup is not lookup:
        held = _Rules(lookup)
        vars(policy)["quick_rules"] = held
    return held


def _states_looked_at(policy: Policy) -> int | None:
    """Return how many states back a policy can look; None for all."""
    if isinstance(policy, RulePolicy):
        return _rules_of(policy).longest
    featurizer = policy.featurizer
    return None if featurizer is None else getattr(featurizer, "max_history", None)


def prediction_states(
    policy: Policy, tracker: DialogueStateTracker, domain: Domain, *args: Any, **kwargs: Any
) -> list[State]:
    """Return the states of the last turns, at least as many as the policy can look at."""
    states = _states_looked_at(policy)
    if states is not None:
        tracker = _recent(tracker, states // STATES_OF_A_TURN + 1)
    found: list[State] = _prediction_states(policy, tracker, domain, *args, **kwargs)
    return found


def _recent(tracker: DialogueStateTracker, turns: int) -> DialogueStateTracker:
    events = list(tracker.events)
    kept = recent_turns(events, turns, tracker.slots.values())
    if kept is events:
        return tracker
    recent = tracker.init_copy()
    # States are made by playing the events again, so they need not be played here
    recent.events = deque(kept)
    return recent


def possible_keys(policy: RulePolicy, lookup: dict[str, str], states: Sequence[State]) -> set[str]:
    """Return the rules that fit, comparing only those that end alike."""
    rules = _rules_of(policy)
    if states and lookup is rules.lookup:
        lookup = rules.that_may_fit(states[-1])
    found: set[str] = _possible_keys(policy, lookup, list(states))
    return found


def find_action_from_rules(
    policy: RulePolicy,
    tracker: DialogueStateTracker,
    domain: Domain,
    use_text_for_last_user_input: bool,
) -> tuple[str | None, str | None, bool]:
    """Return what the rules say; nothing for a literal text, where no rule has one."""
    if use_text_for_last_user_input and not _rules_of(policy).read_texts:
        return None, None, False
    found: tuple[str | None, str | None, bool] = _find_action_from_rules(
        policy, tracker, domain, use_text_for_last_user_input
    )
    return found


def predict_by_rules(
    policy: RulePolicy, tracker: DialogueStateTracker, domain: Domain, *args: Any, **kwargs: Any
) -> PolicyPrediction:
    """Return what the rules say, and note on the tracker where they are sure."""
    found: PolicyPrediction = _predict_by_rules(policy, tracker, domain, *args, **kwargs)
    if found.max_confidence >= _SURE:
        vars(tracker)[_DECIDED] = len(tracker.events)
    return found


def predict_from_memory(
    policy: MemoizationPolicy,
    tracker: DialogueStateTracker,
    domain: Domain,
    *args: Any,
    **kwargs: Any,
) -> PolicyPrediction:
    """Return the memorised next action, none where a rule has decided."""
    if vars(tracker).get(_DECIDED) == len(tracker.events):
        return policy._prediction(policy._default_predictions(domain))
    found: PolicyPrediction = _predict_from_memory(policy, tracker, domain, *args, **kwargs)
    return found


def install() -> None:
    """Let the policies of this process work so; training is left as it is."""
    RulePolicy.predict_action_probabilities = predict_by_rules
    MemoizationPolicy.predict_action_probabilities = predict_from_memory
    Policy._prediction_states = prediction_states
    RulePolicy._get_possible_keys = possible_keys
    RulePolicy._find_action_from_rules = find_action_from_rules
