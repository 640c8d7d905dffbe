#!/bin/sh
# The test suite, in parallel on two cores; browser tests run on one worker so that the machine is not overrun.
set -eu
bin=${VENV:-.venv}/bin
$bin/pytest -q -n 2 --dist loadgroup --doctest-modules tests src/biaochi
