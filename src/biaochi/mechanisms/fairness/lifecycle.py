"""The life of a review: drafted, screened, reviewed, concluded, issued; complaints after that.

Articles are those of 公平竞争审查条例（国务院令第783号）.  A text that was not reviewed, or failed, is not issued (18).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from biaochi.core.roles import Actor, Role
from biaochi.core.text import Text
from biaochi.core.workflow import Guard, State, Transition, Workflow


def _holds(attribute: str) -> Callable[[object, Actor, datetime], bool]:
    def test(subject: object, actor: Actor, now: datetime) -> bool:
        del actor, now
        return bool(getattr(subject, attribute, False))

    return test


def _not_lapsed(subject: object, actor: Actor, now: datetime) -> bool:
    del actor
    end = getattr(subject, "exception_ends_on", None)
    return end is None or now.date() <= end


HEARD = Guard(
    "stakeholders_heard",
    Text("须听取利害关系人意见（第十六条）", "stakeholders must be heard (Art 16)"),
    _holds("stakeholders_heard"),
)
REGULATOR_SEEN = Guard(
    "regulator_reviewed",
    Text(
        "以政府名义出台的，须经市场监管部门审查（第十四条）",
        "a text of the government itself goes to the market regulator (Art 14)",
    ),
    _holds("regulator_settled"),
)
NO_BLOCKING = Guard(
    "no_open_violation",
    Text(
        "尚有违反项，须修改，或由两名非起草人公开说明理由后放行（第十八条）",
        "an open violation blocks: revise, or two people other than the drafter override in public (Art 18)",
    ),
    _holds("clear_to_issue"),
)
IN_TIME = Guard(
    "exception_in_time",
    Text("例外已到期，须修改（第十二条）", "the exception has lapsed; revise the text (Art 12)"),
    _not_lapsed,
)

_STATES = (
    State("drafted", Text("已起草", "drafted"), Text("起草中", "being drafted")),
    State("screened", Text("已初筛", "screened"), Text("审查中", "under review")),
    State("first_review", Text("初审", "first review"), Text("审查中", "under review")),
    State("concluded", Text("已作结论", "concluded"), Text("已审查", "reviewed")),
    State("issued", Text("已出台", "issued"), Text("已出台", "issued")),
    State("complaint", Text("举报处理中", "complaint"), Text("举报处理中", "complaint under way")),
    State("upheld", Text("维持", "upheld"), Text("维持", "upheld"), final=True),
    State("amended", Text("已修改", "amended"), Text("已修改", "amended")),
    State("withdrawn", Text("已废止", "withdrawn"), Text("已废止", "withdrawn"), final=True),
)

REVIEW = Workflow(
    "fairness_review",
    Text("公平竞争审查", "fair-competition review"),
    "drafted",
    _STATES,
    (
        Transition(
            "screen",
            Text("机器初筛", "screen"),
            Text("逐条列出待查之处", "lists every point to look at"),
            ("drafted", "amended"),
            "screened",
            (Role.OFFICER, Role.BUYER, Role.COMPETITION_REVIEWER),
        ),
        Transition(
            "review",
            Text("初审", "review"),
            Text("由起草单位之外的审查员逐条处理", "a reviewer other than the drafter settles each point"),
            ("screened",),
            "first_review",
            (Role.COMPETITION_REVIEWER,),
            not_by=("drafter",),
        ),
        Transition(
            "conclude",
            Text("作出结论", "conclude"),
            Text("结论连同理由记入台账", "the conclusion and its reasons enter the ledger"),
            ("first_review",),
            "concluded",
            (Role.COMPETITION_REVIEWER,),
            guards=(HEARD,),
            needs_reason=True,
            not_by=("drafter",),
        ),
        Transition(
            "return",
            Text("退回修改", "return"),
            Text("退回起草单位修改", "goes back to the drafter"),
            ("screened", "first_review", "concluded"),
            "drafted",
            (Role.COMPETITION_REVIEWER,),
            needs_reason=True,
        ),
        Transition(
            "issue",
            Text("出台", "issue"),
            Text("公开可见并开始施行", "becomes public and takes effect"),
            ("concluded",),
            "issued",
            (Role.OFFICER, Role.BUYER),
            guards=(NO_BLOCKING, REGULATOR_SEEN, IN_TIME),
        ),
        Transition(
            "complain",
            Text("受理举报", "take a complaint"),
            Text("公开受理编号", "the receipt is public"),
            ("issued",),
            "complaint",
            (Role.COMPETITION_REVIEWER, Role.REGULATOR),
            needs_reason=True,
        ),
        Transition(
            "dismiss",
            Text("举报不成立", "dismiss"),
            Text("文件继续施行", "the text stays in force"),
            ("complaint",),
            "issued",
            (Role.COMPETITION_REVIEWER, Role.REGULATOR),
            needs_reason=True,
            not_by=("drafter",),
        ),
        Transition(
            "uphold",
            Text("维持并结案", "uphold"),
            Text("维持结论，案件终结", "the conclusion stands and the case is closed"),
            ("complaint",),
            "upheld",
            (Role.REGULATOR,),
            needs_reason=True,
        ),
        Transition(
            "amend",
            Text("修改", "amend"),
            Text("修改后重新审查", "is amended and reviewed again"),
            ("issued", "complaint"),
            "amended",
            (Role.OFFICER, Role.BUYER),
            needs_reason=True,
        ),
        Transition(
            "lapse",
            Text("例外到期", "exception lapses"),
            Text("须修改后重新审查", "must be revised and reviewed again"),
            ("issued",),
            "amended",
            (Role.CLOCK,),
            guards=(
                Guard(
                    "exception_lapsed",
                    Text("例外尚未到期", "the exception has not lapsed"),
                    lambda s, a, n: not _not_lapsed(s, a, n),
                ),
            ),
        ),
        Transition(
            "withdraw",
            Text("废止", "withdraw"),
            Text("不再施行", "is no longer in force"),
            ("issued", "complaint", "amended"),
            "withdrawn",
            (Role.OFFICER, Role.BUYER),
            needs_reason=True,
        ),
    ),
)

WORKFLOWS: tuple[Workflow, ...] = (REVIEW,)
