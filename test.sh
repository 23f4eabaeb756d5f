#!/usr/bin/env bash
# ./test.sh: the same set-up as ./run.sh, then all tests: the C++ programs (ctest), then the tests from outside (pytest).
# See tools/setup.sh for PARACRINE_NO_APT, PARACRINE_PYTHON and JOBS. Status 0: all passed; 77 where packages may not be installed.
set -euo pipefail
cd -- "$(dirname -- "$(readlink -f -- "${BASH_SOURCE[0]}")")"
if [[ ${1:-} == -h || ${1:-} == --help ]]; then
  sed -n 's/^# //p' test.sh
  exit 0
fi
if (($#)); then
  printf 'test.sh: unexpected argument: %s (for single tests use ctest --preset release -R NAME, or .venv/bin/python -m pytest -k NAME)\n' "$1" >&2
  exit 2
fi
# shellcheck source=tools/setup.sh
source tools/setup.sh

set_up everything

# One worker per processor, where the plug-in for that is installed.
workers=()
if .venv/bin/python -c 'import xdist' 2>/dev/null; then workers=(--numprocesses "$(compilers_at_a_time)"); fi
ctest_status=0
pytest_status=0
say "C++ tests (log: build/ctest.log)"
ctest --preset release --no-tests=error --parallel "$(compilers_at_a_time)" 2>&1 | tee build/ctest.log || ctest_status=$?
say "tests from outside (log: build/pytest.log)"
.venv/bin/python -m pytest -p no:cacheprovider "${workers[@]}" tests/python 2>&1 | tee build/pytest.log || pytest_status=$?

printf '\nctest:  %s\n' "$(grep 'tests passed' build/ctest.log || tail -n 1 build/ctest.log)"
printf 'pytest: %s\n' "$(tail -n 1 build/pytest.log)"
((ctest_status == 0)) || exit "$ctest_status"
exit "$pytest_status"
