"""The API of the site: ``/api/v1``, with the same rules as the pages."""

from __future__ import annotations

import copy
import logging
from typing import Any

from django.core.exceptions import BadRequest, SuspiciousOperation
from django.http import Http404, HttpRequest, HttpResponse
from django.http.multipartparser import MultiPartParserError
from ninja import NinjaAPI, Router
from ninja.errors import HttpError, ValidationError

from biaochi.core.errors import InputError, RefusedError
from biaochi.web.api import operations
from biaochi.web.api.operations import answers
from biaochi.web.api.problems import PROBLEM_JSON, of_refusal, problem
from biaochi.web.api.shapes import ImportedOut, PageOut, TableSchemaOut
from biaochi.web.sites import sites

log = logging.getLogger("biaochi.api")
_METHODS = ("get", "post", "put", "patch", "delete")


class Api(NinjaAPI):
    """The API; its description gives problems their media type and names the key."""

    def get_openapi_schema(self, **kwargs: Any) -> Any:
        """Return the OpenAPI 3.1 description."""
        schema = super().get_openapi_schema(**kwargs)
        schema.setdefault("components", {})["securitySchemes"] = {"key": {"type": "http", "scheme": "bearer"}}
        for path in schema["paths"].values():
            for method in (m for m in path if m in _METHODS):
                operation = path[method]
                operation["security"] = [{"key": []}, {}]
                for status, described in _described(schema).items():
                    operation["responses"].setdefault(status, described)
                for status, answer in operation["responses"].items():
                    content = answer.get("content", {})
                    if int(status) >= 400 and "application/json" in content:
                        answer["content"] = {PROBLEM_JSON: content["application/json"]}
        return schema


def _described(schema: Any) -> dict[str, Any]:
    """Return the problems as the house's operations describe them, for those a mechanism adds of its own."""
    told = schema["paths"]["/api/v1/me"]["get"]["responses"]
    return {status: copy.deepcopy(answer) for status, answer in told.items() if int(status) >= 400}


def build() -> Api:
    """Return the API with the operations of the house and of every mechanism."""
    api = Api(title="Biaochi 标尺", version="1", urls_namespace="api", docs_url=None, openapi_url="/openapi.json")
    api.add_router("", operations.house)
    for site in sites():
        router = Router(tags=[site.code])
        for model in site.models:
            name = str(model._meta.model_name)
            router.add_api_operation(
                f"/objects/{name}",
                ["GET"],
                operations.list_operation(model),
                response=answers(200, PageOut),
                summary=f"{model.workflow.name.en}: list",
                operation_id=f"{site.code}_{name}_list",
            )
        for importer in site.importers:
            router.add_api_operation(
                f"/imports/{importer.code}",
                ["POST"],
                operations.import_operation(importer),
                response=answers(201, ImportedOut),
                summary=f"{importer.title.en}: upload",
                operation_id=f"{site.code}_{importer.code}_import",
            )
            router.add_api_operation(
                f"/imports/{importer.code}/schema",
                ["GET"],
                operations.schema_operation(importer),
                response=answers(200, TableSchemaOut),
                summary=f"{importer.title.en}: table schema",
                operation_id=f"{site.code}_{importer.code}_schema",
            )
        api.add_router(f"/{site.code}", router)
        if site.api is not None:
            api.add_router(f"/{site.code}", site.api())
    _handle(api)
    return api


def _handle(api: Api) -> None:
    @api.exception_handler(RefusedError)
    def refused(request: HttpRequest, error: RefusedError) -> HttpResponse:
        return of_refusal(request, error)

    @api.exception_handler(InputError)
    def faulty(request: HttpRequest, error: InputError) -> HttpResponse:
        return problem(request, 422, code="faults", faults=error.faults)

    @api.exception_handler(ValidationError)
    def invalid(request: HttpRequest, error: ValidationError) -> HttpResponse:
        told = "; ".join(f"{'.'.join(str(p) for p in e['loc'])}: {e['msg']}" for e in error.errors[:20])
        return problem(request, 422, code="invalid", detail=told)

    @api.exception_handler(HttpError)
    def http(request: HttpRequest, error: HttpError) -> HttpResponse:
        return problem(request, error.status_code, detail=str(error))

    @api.exception_handler(Http404)
    def missing(request: HttpRequest, error: Http404) -> HttpResponse:
        return problem(request, 404)

    @api.exception_handler(MultiPartParserError)
    @api.exception_handler(SuspiciousOperation)
    @api.exception_handler(BadRequest)
    def unreadable(request: HttpRequest, error: Exception) -> HttpResponse:
        return problem(request, 400)

    @api.exception_handler(Exception)
    def broken(request: HttpRequest, error: Exception) -> HttpResponse:
        log.exception("the API failed")
        return problem(request, 500, code="internal")
