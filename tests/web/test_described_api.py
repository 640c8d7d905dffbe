"""The API against its own description: whatever is sent, no 500 and no answer that the description does not name."""

from __future__ import annotations

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from biaochi.core.roles import Role
from biaochi.registry import callers
from biaochi.registry.models import Membership
from biaochi.web.api import gate
from biaochi.web.urls import interface
from biaochi.web.wsgi import application

pytestmark = [pytest.mark.django_db, pytest.mark.xdist_group("rooms")]
CHECKS = (
    schemathesis.checks.not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
)
EXAMPLES = 5
SCOPES = ["read", "move", "import", "readings", "bids"]
OPERATIONS = len(interface.get_openapi_schema()["paths"])


@pytest.fixture
def headers(filled: list[str], monkeypatch: pytest.MonkeyPatch) -> list[dict[str, str]]:
    """Return the headers of the public, of a firm and of an officer, with room for more requests than a visitor has."""
    monkeypatch.setattr(gate, "PUBLIC_PER_MINUTE", 1_000_000)
    monkeypatch.setattr(gate, "KEY_PER_MINUTE", 1_000_000)
    found: list[dict[str, str]] = [{}]
    for role in (Role.FIRM, Role.OFFICER):
        held = Membership.objects.filter(role=role).order_by("pk")[0]
        found.append({"Authorization": f"Bearer {callers.issue(held, 'description', SCOPES)[1]}"})
    return found


def test_every_answer_is_one_the_description_names(headers: list[dict[str, str]]) -> None:
    described = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", application)
    wrong, asked = [], set()
    for found in described.get_all_operations():
        operation = found.ok()
        asked.add(operation.path)

        @settings(
            max_examples=EXAMPLES,
            derandomize=True,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
        )
        @given(case=operation.as_strategy())
        def ask(case: schemathesis.Case) -> None:
            for who in headers:
                case.call_and_validate(headers={**who, "Host": "localhost"}, checks=list(CHECKS))

        try:
            ask()
        except Exception as error:
            wrong.append(f"{operation.label}: {error}"[:600])
    assert not wrong, "\n\n".join(wrong)
    assert len(asked) == OPERATIONS
