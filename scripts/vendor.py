"""Bring the vendored assets into the tree: chart runtime, htmx, and the subset of Noto Sans SC.

Run by hand when a version changes::

    python scripts/vendor.py

Needs npm (only as a client that fetches packages by name) and fonttools.  Each package is checked against its
SHA-256 below, each licence text is kept beside what it covers.
"""

from __future__ import annotations

import hashlib
import io
import subprocess
import tarfile
import tempfile
from pathlib import Path

from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont

ROOT = Path(__file__).resolve().parents[1] / "src" / "biaochi"
SCRIPTS = ROOT / "web" / "static" / "vendor"
FONTS = ROOT / "exchange" / "fonts"

PACKAGES = {
    "vega@6.4.0": "3521fb6ff68a94a40323954f0ba4484ba4014b157bfd37f89a3b063082320c42",
    "vega-interpreter@2.3.2": "b83489633c1320e9d6f839781f0c84c661a5ca2666fe38cb83f7c52a531fffec",
    "htmx.org@2.0.11": "165a2655073e9e6e55e307a7c74e8ebcdb76afb7701f9c16cfd106a13add408e",
    "@expo-google-fonts/noto-sans-sc@0.4.3": "0d69d0f4971d2ff574e3d93cbc218dc950bf3f3f8f8e2c008d97687ed53aee59",
}


def fetch(package: str, folder: Path) -> tarfile.TarFile:
    """Return the package as an open archive, its digest checked."""
    subprocess.run(["npm", "pack", "--silent", "--pack-destination", str(folder), package], check=True)
    newest = max(folder.glob("*.tgz"), key=lambda p: p.stat().st_mtime_ns)
    data = newest.read_bytes()
    newest.unlink()
    seen = hashlib.sha256(data).hexdigest()
    if seen != PACKAGES[package]:
        raise SystemExit(f"{package}: digest {seen} is not the one expected")
    return tarfile.open(fileobj=io.BytesIO(data))


def member(archive: tarfile.TarFile, name: str) -> bytes:
    """Return one file of a package."""
    stream = archive.extractfile(f"package/{name}")
    if stream is None:
        raise SystemExit(f"the package has no {name}")
    return stream.read()


def put(path: Path, data: bytes) -> None:
    """Write a vendored file and say so."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    print(f"{path.relative_to(ROOT.parents[1])}  {len(data)} bytes")


def as_global(module: str) -> str:
    """Turn the interpreter's module into a plain script: only its first and its export line change."""
    lines = module.splitlines()
    first = next(i for i, line in enumerate(lines) if line.startswith("import "))
    last = next(i for i, line in enumerate(lines) if line.startswith("export "))
    names = lines[first].split("{")[1].split("}")[0].strip()
    lines[first] = f"(function () {{ const {{ {names} }} = vega;"
    lines[last] = "globalThis.vegaInterpreter = { expressionInterpreter: expression }; })();"
    return "\n".join(line for line in lines if "sourceMappingURL" not in line) + "\n"


def characters() -> set[int]:
    """Return what the subset holds: GB2312, Latin, punctuation, arrows, mathematics, full-width forms."""
    points = {
        *range(0x20, 0x7F),
        *range(0xA0, 0x180),
        *range(0x370, 0x400),
        *range(0x2000, 0x2070),
        *range(0x2070, 0x20A0),
    }
    points |= {*range(0x20A0, 0x20C0), *range(0x2100, 0x2200), *range(0x2190, 0x2200), *range(0x2200, 0x2300)}
    points |= {*range(0x2460, 0x2500), *range(0x25A0, 0x2600), *range(0x3000, 0x3040), *range(0xFF00, 0xFFF0)}
    for high in range(0xA1, 0xF8):
        for low in range(0xA1, 0xFF):
            try:
                points.add(ord(bytes([high, low]).decode("gb2312")))
            except UnicodeDecodeError:
                continue
    return points


def subset(data: bytes) -> bytes:
    """Return the font cut to :func:`characters`."""
    font = TTFont(io.BytesIO(data))
    options = Options()
    options.layout_features = ["kern", "liga", "tnum"]
    options.hinting = False
    options.name_IDs = ["*"]
    subsetter = Subsetter(options)
    subsetter.populate(unicodes=characters())
    subsetter.subset(font)
    stream = io.BytesIO()
    font.save(stream)
    return stream.getvalue()


def main() -> None:
    """Fetch, check and place everything."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        vega = fetch("vega@6.4.0", folder)
        put(SCRIPTS / "vega" / "vega.min.js", member(vega, "build/vega.min.js"))
        put(SCRIPTS / "vega" / "LICENSE", member(vega, "LICENSE"))
        interpreter = fetch("vega-interpreter@2.3.2", folder)
        module = member(interpreter, "build/vega-interpreter.js").decode()
        put(SCRIPTS / "vega-interpreter" / "vega-interpreter.js", as_global(module).encode())
        put(SCRIPTS / "vega-interpreter" / "LICENSE", member(interpreter, "LICENSE"))
        htmx = fetch("htmx.org@2.0.11", folder)
        put(SCRIPTS / "htmx" / "htmx.min.js", member(htmx, "dist/htmx.min.js"))
        put(SCRIPTS / "htmx" / "LICENSE", member(htmx, "LICENSE"))
        fonts = fetch("@expo-google-fonts/noto-sans-sc@0.4.3", folder)
        put(FONTS / "LICENSE-OFL.txt", member(fonts, "LICENSE_FONT"))
        for weight, source in (("Regular", "400Regular"), ("Bold", "700Bold")):
            put(FONTS / f"NotoSansSC-{weight}.ttf", subset(member(fonts, f"{source}/NotoSansSC_{source}.ttf")))


if __name__ == "__main__":
    main()
