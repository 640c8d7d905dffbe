"""YAML and JSON: bombs, duplicates and unknown keys are faults with their line; parameters are read and cited."""

from __future__ import annotations

from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict, Field

from biaochi.core.errors import DefinitionError, InputError
from biaochi.exchange.faults import Faults
from biaochi.exchange.parameter_files import load_parameters, parse_parameters
from biaochi.exchange.source import Source
from biaochi.exchange.structured import read_data, read_model


class Node(BaseModel):
    model_config = ConfigDict(extra="forbid")
    code: str
    weight: float = Field(1.0, ge=0)
    polarity: Literal["positive", "negative"] = "positive"


class Tree(BaseModel):
    model_config = ConfigDict(extra="forbid")
    nodes: list[Node]
    when: int = 0


def faults_of(text: str, name: str = "t.yaml") -> list[tuple[str, int, str]]:
    with pytest.raises(InputError) as error:
        read_model(Source(name, text.encode()), Tree, schema="tree/1")
    return [(f.code, f.row, f.column) for f in error.value.faults]


def test_a_clean_file() -> None:
    tree, source = read_model(Source("t.yaml", b"schema: tree/1\nnodes: [{code: a}]\n"), Tree, schema="tree/1")
    assert tree is not None
    assert tree.nodes[0].code == "a"
    assert source.name == "t.yaml"


def test_all_faults_with_their_lines() -> None:
    text = "schema: tree/2\nnodes:\n- code: a\n  weight: -1\n- weight: x\n  polarity: up\n  colour: red\nwhen: soon\n"
    assert faults_of(text) == [
        ("wrong_schema", 0, "schema"),
        ("out_of_range", 4, "nodes[0].weight"),
        ("missing_field", 5, "nodes[1].code"),
        ("not_a_number", 5, "nodes[1].weight"),
        ("unknown_value", 6, "nodes[1].polarity"),
        ("unknown_key", 7, "nodes[1].colour"),
        ("not_a_number", 8, "when"),
    ]


def test_faults_may_be_collected() -> None:
    faults = Faults()
    found, _ = read_model(Source("t.yaml", b"nodes: 3"), Tree, faults=faults)
    assert found is None
    assert len(faults) == 1


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("a: &x [1]\nb: *x\n", "alias_refused"),
        ("[" * 60 + "]" * 60, "too_deep"),
        ("a: 1\na: 2\n", "bad_yaml"),
        ("a: [1\n", "bad_yaml"),
        ("!!python/object/apply:os.system ['true']", "bad_yaml"),
        (" \n", "empty_file"),
    ],
)
def test_hostile_yaml(text: str, code: str) -> None:
    with pytest.raises(InputError) as error:
        read_data(Source("t.yaml", text.encode()))
    assert error.value.faults[0].code == code


def test_the_billion_laughs_do_not_expand() -> None:
    lines = ["a0: &a0 [x,x,x,x,x,x,x,x,x]"]
    lines += [f"a{n}: &a{n} [{','.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 12)]
    with pytest.raises(InputError, match="alias_refused"):
        read_data(Source("t.yaml", "\n".join(lines).encode()))


@pytest.mark.parametrize("text", ['{"a": 1, "a": 2}', "{", "[" * 100_000])
def test_hostile_json(text: str) -> None:
    with pytest.raises(InputError) as error:
        read_data(Source("t.json", text.encode()))
    assert error.value.faults[0].code in ("bad_json", "too_deep")


def test_a_list_where_a_mapping_is_due() -> None:
    assert faults_of("- a\n") == [("bad_structure", 0, "")]


@given(st.text(max_size=80))
def test_any_text_is_read_or_refused(text: str) -> None:
    for name in ("t.yaml", "t.json"):
        try:
            read_model(Source(name, text.encode()), Tree)
        except InputError as error:
            assert error.faults


PARAMETERS = """
schema: biaochi.parameters/1
parameters:
  - code: days
    name: {zh: 天数, en: days}
    unit: day
    values:
      - {effective_on: 2024-06-01, value: 20, status: unverified, citation: {title: 财库〔2024〕13号, article: 第十六条}}
"""


def test_parameters_are_dated_and_cited() -> None:
    (parameter,) = parse_parameters(Source("p.yaml", PARAMETERS.encode()))
    value = parameter.values[0]
    assert (value.value, str(value.citation)) == (20, "财库〔2024〕13号 第十六条")
    with pytest.raises(InputError):
        parse_parameters(Source("p.yaml", PARAMETERS.replace("status: unverified", "status: perhaps").encode()))


def test_a_package_without_parameters_is_a_mistake() -> None:
    with pytest.raises((DefinitionError, FileNotFoundError, NotADirectoryError)):
        load_parameters("biaochi.core")
