"""Rule packs: dated, cited rules as data, made ready to read a text on one day and for one kind of document."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any, Self

import yaml

from biaochi.core.canonical import sha256
from biaochi.core.errors import DefinitionError
from biaochi.core.text import Text
from biaochi.methods.textreview.force import Force
from biaochi.methods.textreview.lexicon import Prefilter, expand
from biaochi.methods.textreview.together import Together

SCHEMA = "biaochi.fairness.pack/1"
KINDS = ("tender", "first_purchase", "policy", "voucher", "fund", "scene", "pilot_zone")
EXECUTIONS = ("structural", "exception_sensitive", "context", "registry", "semantic", "preference", "market", "claim")
_ORDER = "TFSNDACIP"
_GAP = 14
Trigger = re.Pattern[str] | Together
_RULE_KEYS = frozenset(
    [
        "id",
        "title",
        "kinds",
        "roles",
        "execution",
        "valid_from",
        "valid_to",
        "jurisdiction",
        "citation",
        "also",
        "trigger",
        "clears",
        "context",
        "exceptions",
        "misuse",
        "numbers",
        "necessity",
        "evidence",
        "suggestion",
        "reason",
        "examples",
        "first_kind",
    ]
)


@dataclass(frozen=True, slots=True)
class RuleCitation:
    """Where a rule stands: document, article, item, and whether its source was seen."""

    title: str
    article: str
    item: str
    status: str

    def to_dict(self) -> dict[str, str]:
        """Return the record findings carry."""
        return {"title": self.title, "article": self.article, "item": self.item, "status": self.status}


@dataclass(frozen=True, slots=True)
class Numbers:
    """A number the words must hold, in percent unless ``unit`` says otherwise; outside the range is misuse."""

    pattern: re.Pattern[str]
    ranges: tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of a pack.

    Attributes
    ----------
    triggers : tuple of pattern or frame
        Places the rule speaks to, if the force around them is one of ``forces``; frames (``anchors``) are several
        slots in any order.
    bare : tuple of pattern
        Places that bind by themselves.
    weak, weak_bare : tuple of pattern
        As above, but only a person can tell: the state is CONTEXT_INSUFFICIENT.
    clears, context, exceptions, misuse : tuple of pattern
        Looked for around a place: what takes the restriction away, what leaves it open, what may excuse it, and (for
        preferences) what abuses it.
    """

    id: str
    title: Text
    kinds: frozenset[str]
    roles: frozenset[str]
    execution: str
    valid_from: date
    valid_to: date | None
    jurisdiction: str
    citation: RuleCitation
    forces: frozenset[Force]
    triggers: tuple[Trigger, ...]
    bare: tuple[Trigger, ...]
    weak: tuple[Trigger, ...]
    weak_bare: tuple[Trigger, ...]
    clears: tuple[re.Pattern[str], ...]
    sentence_clears: tuple[re.Pattern[str], ...]
    context: tuple[re.Pattern[str], ...]
    exceptions: tuple[re.Pattern[str], ...]
    misuse: tuple[re.Pattern[str], ...]
    numbers: Numbers | None
    necessity: bool
    evidence: Text | None
    suggestion: Text
    reason: Text
    further: tuple[RuleCitation, ...]
    examples: Mapping[str, Sequence[str]] = field(default_factory=dict)
    first_kind: bool = False

    @property
    def preference(self) -> bool:
        """Whether the rule is an authorised preference: its support is lawful, its misuse is not."""
        return self.execution == "preference"

    @property
    def groups(self) -> tuple[tuple[Trigger, ...], ...]:
        """The triggers by what they need and leave open: bare, with force, weak and bare, weak."""
        return self.bare, self.triggers, self.weak_bare, self.weak

    @property
    def reads_text(self) -> bool:
        """Whether the rule has patterns at all."""
        return bool(self.triggers or self.bare or self.weak or self.weak_bare)

    @property
    def rank(self) -> tuple[int, str]:
        """The order in which one finding a span is chosen: T F S N, D A, C I, P."""
        return _ORDER.find(self.id[0]), self.id

    def in_force(self, day: date) -> bool:
        """Whether the rule binds on a day."""
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)


@dataclass(frozen=True)
class ActivePack:
    """The rules of a pack that bind one kind of document on one day."""

    code: str
    version: str
    digest: str
    day: date
    kind: str
    rules: tuple[Rule, ...]
    silent: tuple[str, ...]
    _shared: dict[tuple[str, ...], Prefilter] = field(default_factory=dict, compare=False, repr=False)

    @cached_property
    def places(self) -> tuple[tuple[int, int, Trigger], ...]:
        """Every trigger of every rule: the rule's position, the group (bare, trigger, weak bare, weak), the pattern."""
        return tuple(
            (number, group, pattern)
            for number, rule in enumerate(self.rules)
            for group, patterns in enumerate(rule.groups)
            for pattern in patterns
        )

    @cached_property
    def prefilter(self) -> Prefilter:
        """Which of :attr:`places` could match a text; shared by packs of one file with the same rules."""
        key = tuple(r.id for r in self.rules)
        if key not in self._shared:
            self._shared[key] = Prefilter([_sources(pattern) for _, _, pattern in self.places])
        return self._shared[key]

    def rule(self, identifier: str) -> Rule | None:
        """Return a rule by its id, or None when it does not bind here."""
        return next((r for r in self.rules if r.id == identifier), None)


@dataclass(frozen=True)
class RulePack:
    """A rule pack with all its rules, whenever they bind.

    Examples
    --------
    >>> pack = RulePack.from_yaml('''
    ... schema: biaochi.fairness.pack/1
    ... code: demo
    ... version: "1"
    ... rules:
    ...   - id: D01
    ...     title: {zh: 本地门槛, en: local barrier}
    ...     kinds: [tender]
    ...     execution: structural
    ...     valid_from: 2015-03-01
    ...     citation: {title: 政府采购法实施条例, article: "20", item: "7", status: confirmed}
    ...     trigger: {pattern: ["在本市注册"]}
    ...     suggestion: {zh: 删去, en: delete it}
    ...     reason: {zh: 以注册地排斥, en: excludes by place of registration}
    ... ''')
    >>> [r.id for r in pack.at(date(2026, 1, 1), "tender").rules]
    ['D01']
    """

    code: str
    version: str
    digest: str
    rules: tuple[Rule, ...]
    not_checked: tuple[str, ...] = ()
    _shared: dict[tuple[str, ...], Prefilter] = field(default_factory=dict, compare=False, repr=False)

    @classmethod
    def from_yaml(cls, text: str) -> Self:
        """Read a pack; raise :class:`DefinitionError` with every contradiction found."""
        try:
            raw = yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
        except yaml.YAMLError as error:
            raise DefinitionError("rule pack", [f"not well-formed YAML: {error}"]) from error
        if not isinstance(raw, dict) or raw.get("schema") != SCHEMA:
            raise DefinitionError("rule pack", [f"schema must be {SCHEMA}"])
        problems: list[str] = []
        lexicon = {str(k): _joined(v) for k, v in (raw.get("lexicon") or {}).items()}
        rules = []
        for entry in raw.get("rules") or []:
            try:
                rules.append(_rule(entry, lexicon))
            except (DefinitionError, KeyError, TypeError, ValueError, re.error) as error:
                name = entry.get("id", "?") if isinstance(entry, dict) else "?"
                problems.append(f"rule {name}: {type(error).__name__} {error}")
        seen = [r.id for r in rules]
        problems += [f"rule {i} is declared twice" for i in sorted({i for i in seen if seen.count(i) > 1})]
        if not rules and not problems:
            problems.append("a pack needs at least one rule")
        if problems:
            raise DefinitionError("rule pack", problems)
        silent = tuple(str(i) for i in raw.get("not_checked") or ())
        return cls(str(raw["code"]), str(raw["version"]), sha256(text), tuple(rules), silent)

    def at(self, day: date, kind: str, *, first_kind: bool = False) -> ActivePack:
        """Return the rules that bind one kind of document on a day.

        ``first_kind`` adds the rules that protect first units, batches and versions in any tender.
        """
        chosen = tuple(r for r in self.rules if r.in_force(day) and (kind in r.kinds or (first_kind and r.first_kind)))
        absent = {r.id for r in self.rules if kind in r.kinds and not r.in_force(day)}
        silent = (*sorted(absent), *(self.not_checked if kind not in ("tender", "first_purchase") else ()))
        return ActivePack(self.code, self.version, self.digest, day, kind, chosen, silent, self._shared)


def _joined(value: object) -> str:
    return "|".join(str(v) for v in value) if isinstance(value, list) else str(value)


def _compiled(values: object, lexicon: Mapping[str, str], where: str) -> tuple[re.Pattern[str], ...]:
    items = values if isinstance(values, list) else [values] if values else []
    return tuple(re.compile(expand(str(v), lexicon, where=where)) for v in items)


def _sources(trigger: Trigger) -> str | tuple[str, ...]:
    return trigger.pattern if isinstance(trigger, re.Pattern) else tuple(s.pattern for s in trigger.slots)


def _frames(values: object, lexicon: Mapping[str, str], where: str) -> tuple[Together, ...]:
    frames = []
    for value in values if isinstance(values, list) else []:
        slots, gap = (value["all"], int(value.get("gap", _GAP))) if isinstance(value, dict) else (value, _GAP)
        frames.append(Together(_compiled(slots, lexicon, where), gap))
    return tuple(frames)


def _citation(raw: Mapping[str, Any]) -> RuleCitation:
    status = str(raw.get("status", "confirmed"))
    if status not in ("confirmed", "unverified"):
        raise ValueError(f"status must be confirmed or unverified, seen {status}")
    return RuleCitation(str(raw["title"]), str(raw.get("article", "")), str(raw.get("item", "")), status)


def _day(value: object) -> date | None:
    if value is None or isinstance(value, date):
        return value
    return date.fromisoformat(str(value))


def _rule(raw: Mapping[str, Any], lexicon: Mapping[str, str]) -> Rule:
    unknown = sorted(set(raw) - _RULE_KEYS)
    if unknown:
        raise ValueError(f"unknown keys {', '.join(unknown)}")
    identifier = str(raw["id"])
    kinds = frozenset(raw["kinds"])
    if not kinds <= set(KINDS):
        raise ValueError(f"unknown kinds {sorted(kinds - set(KINDS))}")
    if raw["execution"] not in EXECUTIONS:
        raise ValueError(f"unknown execution {raw['execution']}")
    trigger = raw.get("trigger") or {}
    stray = sorted(
        set(trigger) - {"pattern", "bare", "weak", "weak_bare", "force", "anchors", "bare_anchors", "weak_anchors"}
    )
    if stray:
        raise ValueError(f"unknown trigger keys {', '.join(stray)}")
    start = _day(raw["valid_from"])
    if start is None:
        raise ValueError("valid_from is missing")
    clears = raw.get("clears") or []
    near = [c for c in clears if not str(c).startswith("S:")]
    wide = [str(c)[2:] for c in clears if str(c).startswith("S:")]
    numbers = raw.get("numbers")
    return Rule(
        id=identifier,
        title=Text.from_mapping(raw["title"]),
        kinds=kinds,
        roles=frozenset(raw.get("roles") or ()),
        execution=str(raw["execution"]),
        valid_from=start,
        valid_to=_day(raw.get("valid_to")),
        jurisdiction=str(raw.get("jurisdiction", "CN")),
        citation=_citation(raw["citation"]),
        forces=frozenset(Force(f) for f in trigger.get("force") or ("gate", "score")),
        triggers=(
            *_compiled(trigger.get("pattern"), lexicon, identifier),
            *_frames(trigger.get("anchors"), lexicon, identifier),
        ),
        bare=(
            *_compiled(trigger.get("bare"), lexicon, identifier),
            *_frames(trigger.get("bare_anchors"), lexicon, identifier),
        ),
        weak=(
            *_compiled(trigger.get("weak"), lexicon, identifier),
            *_frames(trigger.get("weak_anchors"), lexicon, identifier),
        ),
        weak_bare=_compiled(trigger.get("weak_bare"), lexicon, identifier),
        clears=_compiled(near, lexicon, identifier),
        sentence_clears=_compiled(wide, lexicon, identifier),
        context=_compiled(raw.get("context"), lexicon, identifier),
        exceptions=_compiled(raw.get("exceptions"), lexicon, identifier),
        misuse=_compiled(raw.get("misuse"), lexicon, identifier),
        numbers=Numbers(
            re.compile(expand(str(numbers["pattern"]), lexicon, where=identifier)),
            tuple((float(low), float(high)) for low, high in numbers["ranges"]),
        )
        if numbers
        else None,
        necessity=bool(raw.get("necessity", False)),
        evidence=Text.from_mapping(raw["evidence"]) if raw.get("evidence") else None,
        suggestion=Text.from_mapping(raw["suggestion"]),
        reason=Text.from_mapping(raw["reason"]),
        further=tuple(_citation(c) for c in raw.get("also") or ()),
        examples=raw.get("examples") or {},
        first_kind=bool(raw.get("first_kind", False)),
    )
