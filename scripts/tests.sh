#!/bin/sh
# The test suite on two cores, then every example in the docstrings of the library.
set -eu
bin=${VENV:-.venv}/bin
data=$(mktemp -d)
trap 'rm -rf "$data"' EXIT
mkdir "$data/static"
export BIAOCHI_DATA="$data"
$bin/pytest -q -n 2 --dist loadgroup tests
$bin/pytest -q -n 2 --doctest-modules src/biaochi/core src/biaochi/exchange src/biaochi/methods src/biaochi/programme
$bin/pytest -q tests/core --cov=biaochi.core --cov-branch --cov-fail-under=100
