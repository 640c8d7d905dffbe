"""The names of acts in the ledger: moves by their life cycle, other acts by a table; no code is ever shown.

The house's own acts are here; the composition root makes those of the mechanisms known.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from biaochi.core.text import Text
from biaochi.registry.models.governed import Governed, governed_models

RECORDED = Text("记录在案", "recorded")
_NAMES: dict[str, Text] = {
    "create": Text("新建", "created"),
    "role_granted": Text("授予身份", "role given"),
    "role_ended": Text("终止身份", "role ended"),
    "api_key_issued": Text("发放接口密钥", "API key made"),
    "api_key_rotated": Text("更换接口密钥", "API key renewed"),
    "api_key_revoked": Text("停用接口密钥", "API key ended"),
    "parameter_set": Text("设定参数", "parameter set"),
    "taken_over": Text("作为证据采用", "taken over as evidence"),
    "outlook_kept": Text("留存路线展望", "outlook of a route kept"),
}


def register(names: Mapping[str, Text]) -> None:
    """Make names of acts known."""
    _NAMES.update(names)


def act_name(code: str, label: str = "") -> Text:
    """Return the name of an act: of a move in the life cycle of a model, else from the table, else "recorded".

    Parameters
    ----------
    code : str
        As the ledger holds it.
    label : str
        The model, such as ``sandbox.sandboxcase``; without one every life cycle is asked.
    """
    models = _models()
    asked = [models[label]] if label in models else list(models.values())
    for model in asked:
        for move in model.workflow.transitions:
            if move.code == code:
                return move.name
    return _NAMES.get(code, RECORDED)


def outcome_name(outcome: str, label: str) -> Text | None:
    """Return the name of an outcome that is a state or a move of the model; ``None`` for any other."""
    model = _models().get(label)
    if model is None:
        return None
    for state in model.workflow.states:
        if state.code == outcome:
            return state.name
    for move in model.workflow.transitions:
        if move.code == outcome:
            return move.name
    return _NAMES.get(outcome)


def model_of_subject(subject: str) -> type[Governed] | None:
    """Return the model an identifier belongs to, by its letters."""
    letters = subject.rsplit("-", 1)[0]
    return next((m for m in _models().values() if m.prefix == letters), None)


@lru_cache(maxsize=1)
def _models() -> dict[str, type[Governed]]:
    return {m._meta.label_lower: m for m in governed_models()}
