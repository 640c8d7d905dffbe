"""What can be wrong with a framework, its observations, a method or a design; all faults at once.

Tree::

    biaochi.core.errors.InputError
    └── CompositeError     carries every Fault found, each with its row and column
"""

from __future__ import annotations

from collections.abc import Iterable

from biaochi.core.errors import Fault, InputError
from biaochi.core.text import Text


class CompositeError(InputError):
    """The framework, the data, the method or the design is at fault; see :attr:`faults`."""


_WORDS: dict[str, tuple[Text, Text]] = {
    "duplicate_cell": (
        Text("同一单位、指标、时期、版本出现两次", "the same unit, indicator, period and vintage appears twice"),
        Text("请只留一行，或写明版本日期", "keep one row, or state the vintage"),
    ),
    "unknown_indicator": (
        Text("框架中没有这个指标", "the framework has no such indicator"),
        Text("请核对指标代码，或在框架中加上", "check the code, or add it to the framework"),
    ),
    "unknown_unit": (
        Text("单位表中没有这个单位", "the table of units has no such unit"),
        Text("请核对单位代码，或在单位表中加上", "check the code, or add it to the table of units"),
    ),
    "not_a_number": (
        Text("不是有限的数", "this is not a finite number"),
        Text("请写成数，缺失则留空", "write a number, or leave the cell empty when missing"),
    ),
    "negative_se": (
        Text("标准误不能为负", "a standard error cannot be negative"),
        Text("请写 0 或正数", "write zero or a positive number"),
    ),
    "bad_period": (
        Text("不是时期，或与文件中其他时期种类不同", "this is not a period, or not of the file's one kind"),
        Text(
            "请一律写成 2024、2024-Q3 或 2024-07 中的一种",
            "write all as one of 2024, 2024-Q3 or 2024-07",
        ),
    ),
    "bad_date": (
        Text("不是日期", "this is not a date"),
        Text("请写成 2026-03-31", "write it as 2026-03-31"),
    ),
    "unknown_value": (
        Text("没有这个选项", "there is no such choice"),
        Text("请用所列选项之一", "use one of the choices listed"),
    ),
    "denominator_zero": (
        Text("分母为零", "the denominator is zero"),
        Text("请改正分母，未知则留空", "correct it, or leave it empty when unknown"),
    ),
    "constant_indicator": (
        Text("指标在全部单位上取值相同，无法标准化", "the indicator has one value everywhere and cannot be normalised"),
        Text("请移除该指标，或改用目标值法（goalposts）", "remove the indicator, or use goalposts"),
    ),
    "orphan_node": (
        Text("节点没有接在树上", "the node does not hang on the tree"),
        Text("请写明存在的上级；只能有一个根", "name a parent that exists; there is one root only"),
    ),
    "cycle": (
        Text("节点的上级绕成了圈", "the node is its own ancestor"),
        Text("请改正上级", "correct the parents"),
    ),
    "duplicate_code": (
        Text("代码重复", "the code is used twice"),
        Text("每个节点、分母和单位用不同的代码", "give every node, denominator and unit a code of its own"),
    ),
    "weight_invalid": (
        Text(
            "权重须为非负有限数，且同一上级下不全为零", "weights are finite, not negative, not all zero within a parent"
        ),
        Text("请改正权重", "correct the weight"),
    ),
    "polarity_missing": (
        Text("指标没有写方向", "the indicator states no polarity"),
        Text("请写 positive、negative 或 band", "write positive, negative or band"),
    ),
    "band_invalid": (
        Text(
            "适度区间应为两个递增的数，且只用于 band 方向", "a band is two increasing numbers, for polarity band only"
        ),
        Text("请写成 band: [下限， 上限]", "write band: [low, high]"),
    ),
    "unknown_path": (
        Text("没有这个步骤、参数或选项", "there is no such step, parameter or choice"),
        Text("请对照方法的写法", "compare it with the method's form"),
    ),
    "step_absent": (
        Text("方法中没有这一步", "the method has no such step"),
        Text("请在方法中写上这一步", "add the step to the method"),
    ),
    "step_order": (
        Text("步骤的次序不对，或重复", "the steps are out of order, or one is repeated"),
        Text(
            "次序：denominate、impute 与 screen(可互换)、treat、normalise、weights、aggregate",
            "order: denominate, impute and screen (either first), treat, normalise, weights, aggregate",
        ),
    ),
    "nonpositive": (
        Text("几何、调和平均只能用于正数", "geometric and harmonic means need positive numbers"),
        Text("请把标准化区间的下限设为正数，如 to: [1, 100]", "normalise to a positive range, such as to: [1, 100]"),
    ),
    "group_missing": (
        Text("单位表中没有这个分组，或有单位未分组", "the units have no such group, or a unit is in none"),
        Text("请在单位表中补上分组列", "add the group column to the table of units"),
    ),
    "design_invalid": (
        Text("抽样设计不合要求", "the design is not valid"),
        Text(
            "replication 为不重复的正整数；每个因素一列，取 1…K 的整数或区间内的值",
            "replication: unique positive integers; one column a factor: a position 1…K, or a value in its range",
        ),
    ),
    "bad_structure": (
        Text("这里的写法不对", "this is not of the form needed"),
        Text("请对照格式说明", "compare it with the format's description"),
    ),
    "unknown_key": (
        Text("没有这样的键", "there is no such key"),
        Text("请删去或改正拼写", "remove it or correct its spelling"),
    ),
    "missing_field": (
        Text("缺少这一项", "this key is missing"),
        Text("请补上", "add it"),
    ),
    "missing_column": (
        Text("缺少这一列", "the column is missing"),
        Text("请补上该列", "add the column"),
    ),
    "no_data": (
        Text("没有可用的观测", "there is no usable observation"),
        Text("请核对文件与 --as-of", "check the file and --as-of"),
    ),
}

CODES = tuple(_WORDS)


def problem(
    code: str, *, file: str = "", row: int = 0, column: str = "", seen: object = "", detail: Text | None = None
) -> Fault:
    """Return the fault of a code, with its standard words; ``detail`` is added to the message."""
    message, fix = _WORDS[code]
    if detail is not None:
        message = Text(f"{message.zh}：{detail.zh}", f"{message.en}: {detail.en}")
    return Fault(code, message, fix, file, row, column, str(seen))


class Problems:
    """Collects faults and raises once."""

    def __init__(self, file: str = "") -> None:
        self.file = file
        self.faults: list[Fault] = []

    def __len__(self) -> int:
        return len(self.faults)

    def add(
        self,
        code: str,
        *,
        row: int = 0,
        column: str = "",
        seen: object = "",
        detail: Text | None = None,
        file: str | None = None,
    ) -> None:
        """Note one fault."""
        name = self.file if file is None else file
        self.faults.append(problem(code, file=name, row=row, column=column, seen=seen, detail=detail))

    def extend(self, faults: Iterable[Fault]) -> None:
        """Take over faults found elsewhere."""
        self.faults.extend(faults)

    def check(self) -> None:
        """Raise :class:`CompositeError` when there is at least one fault."""
        if self.faults:
            raise CompositeError(sorted(self.faults, key=lambda f: (f.file, f.row)))
