"""States and the moves between them, as data: who may move what, when, and what must be true first.

A mechanism's ``lifecycle`` room declares a :class:`Workflow`; the site's one transition service, the command line
and the simulator all move objects through :meth:`Workflow.apply`.  Nothing here knows a clock or a database.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from biaochi.core.errors import DefinitionError, RefusedError
from biaochi.core.roles import Actor, Role
from biaochi.core.text import Lang, Text


class Subject(Protocol):
    """What a workflow moves: anything with a state and the instant it was entered."""

    @property
    def state(self) -> str: ...

    @property
    def entered_at(self) -> datetime: ...


@dataclass(frozen=True, slots=True)
class Guard:
    """A condition that must hold before a move.

    Parameters
    ----------
    code : str
        Stable machine name.
    text : Text
        What must be true, as a sentence; shown when it is not.
    test : callable
        ``(subject, actor, now) -> bool``, pure.
    """

    code: str
    text: Text
    test: Callable[[object, Actor, datetime], bool]


@dataclass(frozen=True, slots=True)
class State:
    """A state with its internal and its public name; ``final`` states may have no way out."""

    code: str
    name: Text
    public: Text
    final: bool = False


@dataclass(frozen=True, slots=True)
class Transition:
    """A move.

    Parameters
    ----------
    code : str
        Stable machine name, unique in the workflow.
    name : Text
        The label of the button.
    consequence : Text
        What the move will do, shown beside the button.
    sources : tuple of str
        States it starts from.
    target : str
        State it ends in.
    roles : tuple of Role
        Who may make it; ``Role.CLOCK`` for moves the system makes when due.
    guards : tuple of Guard
        All must hold.
    needs_reason : bool
        Whether a written reason is required.
    deadline : timedelta or None
        How long after entering the source state the move is due; past it the object is overdue.
    not_by : tuple of str
        Attributes of the subject that name persons who may not make this move (creator ≠ approver).
    not_from : tuple of str
        Attributes of the subject that name organisations whose people may not make it (reviewer's ≠ applicant's).
    own : str
        Attribute of the subject that names the only organisation whose people may make it; empty for no such rule.
    """

    code: str
    name: Text
    consequence: Text
    sources: tuple[str, ...]
    target: str
    roles: tuple[Role, ...]
    guards: tuple[Guard, ...] = ()
    needs_reason: bool = False
    deadline: timedelta | None = None
    not_by: tuple[str, ...] = ()
    not_from: tuple[str, ...] = ()
    own: str = ""


@dataclass(frozen=True, slots=True)
class Event:
    """A move that was made."""

    workflow: str
    transition: str
    source: str
    target: str
    actor: Actor
    at: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class Obstacle:
    """Why a move may not be made now."""

    code: str
    text: Text


@dataclass(frozen=True)
class Workflow:
    """A life cycle.

    Examples
    --------
    >>> states = (State("draft", Text("起草", "draft"), Text("准备中", "in preparation")),
    ...           State("issued", Text("已发布", "issued"), Text("已发布", "issued"), final=True))
    >>> issue = Transition("issue", Text("发布", "issue"), Text("公开可见", "becomes public"), ("draft",), "issued",
    ...                    (Role.OFFICER,), needs_reason=True)
    >>> notice = Workflow("notice", Text("公告", "notice"), "draft", states, (issue,))
    >>> notice.validate()
    """

    code: str
    name: Text
    initial: str
    states: tuple[State, ...]
    transitions: tuple[Transition, ...]

    def state(self, code: str) -> State:
        """Return a state by its code."""
        for state in self.states:
            if state.code == code:
                return state
        raise KeyError(f"workflow {self.code} has no state {code!r}")

    def transition(self, code: str) -> Transition:
        """Return a transition by its code."""
        for transition in self.transitions:
            if transition.code == code:
                return transition
        raise KeyError(f"workflow {self.code} has no transition {code!r}")

    def leaving(self, state: str) -> tuple[Transition, ...]:
        """Return the moves that start from a state, whoever may make them."""
        return tuple(t for t in self.transitions if state in t.sources)

    def obstacles(self, subject: Subject, code: str, actor: Actor, now: datetime) -> tuple[Obstacle, ...]:
        """Return everything that forbids this actor to make this move now; empty when it is allowed."""
        move = self.transition(code)
        found = list(_standing(move, subject, actor))
        if subject.state not in move.sources:
            here = self.state(subject.state).name
            found.append(
                Obstacle(
                    "wrong_state",
                    Text(
                        f"当前状态为“{here.zh}”，不能{move.name.zh}",
                        f"cannot {move.name.en} while “{here.en}”",
                    ),
                )
            )
        else:
            found.extend(Obstacle(g.code, g.text) for g in move.guards if not g.test(subject, actor, now))
        return tuple(found)

    def allowed(self, subject: Subject, actor: Actor, now: datetime) -> tuple[Transition, ...]:
        """Return the moves this actor may make now."""
        return tuple(t for t in self.open_to(subject, actor) if not self.obstacles(subject, t.code, actor, now))

    def open_to(self, subject: Subject, actor: Actor) -> tuple[Transition, ...]:
        """Return the moves from the present state that are this actor's to make, even if a guard still holds them."""
        return tuple(t for t in self.leaving(subject.state) if not list(_standing(t, subject, actor)))

    def apply(self, subject: Subject, code: str, actor: Actor, now: datetime, reason: str = "") -> Event:
        """Make a move, or raise :class:`RefusedError` with the first obstacle and all of them in its text."""
        try:
            move = self.transition(code)
        except KeyError as error:
            raise RefusedError("unknown_transition", Text(f"没有“{code}”这一步", f"no such step: {code}")) from error
        obstacles = list(self.obstacles(subject, code, actor, now))
        if move.needs_reason and not reason.strip():
            obstacles.append(Obstacle("reason_missing", Text("须写明理由", "a reason must be given")))
        if obstacles:
            text = Text("；".join(o.text.zh for o in obstacles), "; ".join(o.text.en for o in obstacles))
            raise RefusedError(obstacles[0].code, text)
        return Event(self.code, code, subject.state, move.target, actor, now, reason.strip())

    def due_at(self, subject: Subject) -> datetime | None:
        """Return the earliest deadline of the present state, or ``None``."""
        limits = [t.deadline for t in self.leaving(subject.state) if t.deadline is not None]
        return subject.entered_at + min(limits) if limits else None

    def overdue(self, subject: Subject, now: datetime) -> tuple[Transition, ...]:
        """Return the moves whose deadline has passed."""
        waited = now - subject.entered_at
        return tuple(t for t in self.leaving(subject.state) if t.deadline is not None and waited > t.deadline)

    def validate(self) -> None:
        """Raise :class:`DefinitionError` unless every state can be reached and, if not final, left."""
        problems = list(_problems(self))
        if problems:
            raise DefinitionError(f"workflow {self.code}", problems)

    def to_mermaid(self, lang: Lang = "zh") -> str:
        """Return the life cycle as a Mermaid state diagram."""
        lines = ["stateDiagram-v2", f"    [*] --> {self.initial}"]
        lines += [f"    {s.code}: {s.name.within(lang)}" for s in self.states]
        for t in self.transitions:
            lines += [f"    {source} --> {t.target}: {t.name.within(lang)}" for source in t.sources]
        lines += [f"    {s.code} --> [*]" for s in self.states if s.final]
        return "\n".join(lines)


def _standing(move: Transition, subject: object, actor: Actor) -> Iterable[Obstacle]:
    """Who the actor is: role, person, organisation."""
    if actor.role not in move.roles:
        names = [r.text for r in move.roles]
        yield Obstacle(
            "wrong_role",
            Text(
                f"只有{'、'.join(n.zh for n in names)}可以{move.name.zh}",
                f"only {', '.join(n.en for n in names)} may {move.name.en}",
            ),
        )
    for attribute in move.not_by:
        if actor.person and actor.person == getattr(subject, attribute, None):
            yield Obstacle(
                "same_person",
                Text("经办人不能审批自己的事项", "one's own matter must be decided by another person"),
            )
    for attribute in move.not_from:
        if actor.organisation and actor.organisation == getattr(subject, attribute, None):
            yield Obstacle(
                "same_organisation",
                Text("须由另一单位的人办理", "this must be done by a person of another organisation"),
            )
    if move.own and actor.role is not Role.CLOCK and actor.organisation != getattr(subject, move.own, None):
        yield Obstacle("other_organisation", Text("只有本单位可以办理", "only the organisation concerned may do this"))


def _problems(workflow: Workflow) -> Iterable[str]:
    codes = [s.code for s in workflow.states]
    moves = [t.code for t in workflow.transitions]
    yield from (f"state {c} is declared twice" for c in sorted({c for c in codes if codes.count(c) > 1}))
    yield from (f"transition {m} is declared twice" for m in sorted({m for m in moves if moves.count(m) > 1}))
    if workflow.initial not in codes:
        yield f"the initial state {workflow.initial} is not declared"
        return
    for t in workflow.transitions:
        yield from (
            f"transition {t.code} names the unknown state {s}" for s in (*t.sources, t.target) if s not in codes
        )
        if not t.sources:
            yield f"transition {t.code} starts nowhere"
        if not t.roles:
            yield f"transition {t.code} belongs to nobody"
        yield from (f"transition {t.code} is given to {r}, who never decides" for r in t.roles if not r.decides)
    reached, frontier = {workflow.initial}, [workflow.initial]
    while frontier:
        here = frontier.pop()
        new = {t.target for t in workflow.leaving(here)} - reached
        reached |= new
        frontier.extend(new)
    yield from (f"state {c} cannot be reached" for c in codes if c not in reached)
    for s in workflow.states:
        if not s.final and not workflow.leaving(s.code):
            yield f"state {s.code} cannot be left and is not final"
