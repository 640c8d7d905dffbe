"""The method card of the framework in force, and the bundle of files behind every number."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.views import View

from biaochi.core.text import Text
from biaochi.exchange.parameter_files import load_parameters
from biaochi.mechanisms.ruler.files import Bundle
from biaochi.mechanisms.ruler.web import readings, words
from biaochi.mechanisms.ruler.web.models import Framework
from biaochi.registry.views import Item


def card_items(framework: Framework, files: Bundle) -> list[Item]:
    """Return the method card: what was counted, how, and from which files."""
    made = readings.built(files)
    tree = made.composite.dataset.framework
    scored = sum(1 for code in tree.leaves if tree.by_code[code].scored)
    steps = {next(iter(s)): next(iter(s.values())) for s in made.composite.method.to_list()}
    normalise, weights = steps.get("normalise", {}), steps.get("weights", {})
    return [
        Item(
            Text("指标", "indicators"),
            Text(f"{len(tree.leaves)} 项，计分 {scored} 项", f"{len(tree.leaves)}, {scored} scored"),
        ),
        Item(Text("归一", "normalisation"), words.METHODS.get(str(normalise.get("method", "")), Text.same("–"))),
        Item(Text("权重", "weights"), words.METHODS.get(str(weights.get("method", "declared")), Text.same("–"))),
        Item(
            Text("不确定性", "uncertainty"),
            Text(
                f"{len(made.plan.factors)} 个因素，{readings.REPLICATIONS} 次",
                f"{len(made.plan.factors)} factors, {readings.REPLICATIONS} replications",
            ),
        ),
        Item(Text("框架摘要", "framework digest"), Text.same(f"{tree.digest[:4]}…{tree.digest[-4:]}")),
        Item(Text("数据摘要", "data digest"), Text.same(f"{files.basis[:4]}…{files.basis[-4:]}")),
    ]


def bundle_name(files: Bundle) -> str:
    """Return the file name of a bundle."""
    return f"biaochi-ruler-{files.basis[:12]}.zip"


class CardPage(View):
    """The method card of the framework in force, with its tree, weights, screening and coherence."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show the card."""
        framework = readings.adopted()
        if framework is None:
            raise Http404
        files = readings.bundle(framework)
        made = readings.built(files)
        found = readings.audit_reading(framework, files)
        tree = made.composite.dataset.framework
        names = {p.code: p.name for p in load_parameters("biaochi.mechanisms.ruler")}
        names |= {f"band:{n.code}": Text(f"适度区间：{n.name.zh}", f"band: {n.name.en}") for n in tree.nodes}
        weights = {w["node"]: w for w in made.composite.weights().to_dict("records")}
        nodes = [(tree.by_code[c], weights.get(c, {})) for c in tree.by_code]
        return render(
            request,
            "ruler/card.html",
            {
                "framework": framework,
                "items": card_items(framework, files),
                "nodes": nodes,
                "coherence": [{**c, "name": tree.by_code[c["node"]].name} for c in found["coherence"]],
                "gate": found["gate"],
                "basis": files.basis,
                "file": bundle_name(files),
                "rules": [
                    {
                        **r,
                        "name": names.get(str(r["code"]), Text.same(str(r["code"]))),
                        "status": words.STATUS[str(r["status"])],
                    }
                    for r in [*readings.rules().to_records(), *made.bands.to_records()]
                ],
                "as_of": files.as_of,
            },
        )


class BundleDownload(View):
    """The files behind every published number."""

    def get(self, request: HttpRequest) -> HttpResponseBase:
        """Give the bundle as an archive."""
        framework = readings.adopted()
        if framework is None:
            raise Http404
        files = readings.bundle(framework)
        headers = {"Content-Disposition": f'attachment; filename="{bundle_name(files)}"'}
        return HttpResponse(
            files.to_zip(readings.built(files).composite), content_type="application/zip", headers=headers
        )
