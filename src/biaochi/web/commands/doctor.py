"""``biaochi doctor``: looks at an installation and says what to do."""

from __future__ import annotations

from importlib import import_module

import typer

from biaochi.core.text import Text
from biaochi.exchange.command import Format, FormatOption, LangOption, Language, Options, OutOption, invocation
from biaochi.web import installation
from biaochi.web.installation import DataOption

app = typer.Typer(add_completion=False)


@app.command("doctor", help="检查安装并说明怎么办 / check the installation and say what to do")
def doctor(
    data: DataOption = None,
    format: FormatOption = Format.TABLE,
    lang: LangOption = Language.ZH,
    out: OutOption = None,
) -> None:
    """Exit 0 when all is well, 1 when something is to be done."""
    with invocation("biaochi.doctor/1", Options(out=out, format=format, lang=lang)) as call:
        folder = installation.folder_of(data)
        installation.open_installation(folder)
        checks = import_module("biaochi.web.checkup").checkup(folder)
        bad = [c for c in checks if not c.ok]
        call.finish(
            {
                "ok": not bad,
                "checks": [
                    {
                        "code": c.code,
                        "ok": c.ok,
                        "seen": c.seen.within(call.lang),
                        "fix": c.fix.within(call.lang) if c.fix else "",
                    }
                    for c in checks
                ],
            },
            summary=Text("一切正常", "all is well")
            if not bad
            else Text(f"{len(bad)} 项待处理", f"{len(bad)} to be done"),
            exit_code=1 if bad else 0,
        )
