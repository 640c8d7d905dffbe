#!/bin/sh
# More lanes: the library without any extra, the built wheel, and the newest supported Python where it is found.
set -eu
venv=${VENV:-.venv}
uv=$venv/bin/uv
mkdir -p .lanes

echo "lane bare: the library without extras"
$uv venv -q --clear --python "$venv/bin/python" .lanes/bare
$uv pip install -q --python .lanes/bare/bin/python -c requirements/run.txt pytest hypothesis .
.lanes/bare/bin/python -m pytest -q -c scripts/bare.ini --rootdir . tests/lanes

echo "lane wheel: the demonstration from the built wheel in a clean environment"
"$venv/bin/python" scripts/demo_from_wheel.py .lanes/wheel

newest=""
for candidate in python3.13 "$HOME"/.pyenv/versions/3.13*/bin/python3.13; do
  if command -v "$candidate" >/dev/null 2>&1 && "$candidate" -c '' 2>/dev/null; then newest=$candidate; fi
done
if [ -n "$newest" ]; then
  echo "lane 3.13"
  $uv venv -q --clear --python "$newest" .lanes/py313
  $uv pip install -q --python .lanes/py313/bin/python -r requirements/dev.txt
  $uv pip install -q --python .lanes/py313/bin/python --no-deps -e .
  .lanes/py313/bin/python -m pytest -q -n 2 -m "not browser and not postgres and not slow and not reference" tests/core tests/exchange tests/methods tests/registry
else
  echo "lane 3.13 not run: no interpreter"
fi

timeout 120 "$venv/bin/pip-audit" --progress-spinner off --disable-pip --require-hashes -r requirements/run.txt >.lanes/audit.txt 2>&1 && status=0 || status=$?
if grep -q "known vulnerabilit" .lanes/audit.txt && ! grep -qi "no known vulnerabilit" .lanes/audit.txt; then
  cat .lanes/audit.txt
  exit 1
elif [ "$status" -ne 0 ] || grep -q "could not be audited" .lanes/audit.txt; then
  echo "audit not run"
else
  echo "audit: no known vulnerability"
fi
