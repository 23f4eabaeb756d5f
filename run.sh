#!/usr/bin/env bash
# ./run.sh [OPTIONS]: installs what is missing, builds, runs the main scenario into a new folder runs/<date-time>/ and draws it.
# Options go to `paracrine run`, for example: ./run.sh --seed 2 --set 'therapy.0.cells=3e6'
# See tools/setup.sh for PARACRINE_NO_APT, PARACRINE_PYTHON and JOBS. Status: that of the step that failed; 77 where packages may not be installed.
set -euo pipefail
cd -- "$(dirname -- "$(readlink -f -- "${BASH_SOURCE[0]}")")"
if [[ ${1:-} == -h || ${1:-} == --help ]]; then
  sed -n 's/^# //p' run.sh
  exit 0
fi
# shellcheck source=tools/setup.sh
source tools/setup.sh
scenario=scenarios/delivery/mouse_iv_msc_delivery.toml

set_up program

mkdir -p runs
folder=runs/$(date '+%Y-%m-%d_%H-%M-%S')
until mkdir "$folder" 2>/dev/null; do
  sleep 1
  folder=runs/$(date '+%Y-%m-%d_%H-%M-%S')
done

say "running $scenario"
status=0
.venv/bin/paracrine run "$scenario" -o "$folder/RUN.h5" "$@" || status=$?
if ((status)); then
  rmdir "$folder" 2>/dev/null || true
  exit "$status"
fi
# With --until the run stops early and keeps the name of an unfinished file.
file=$folder/RUN.h5
[[ -f $file ]] || file=$folder/RUN.h5.part
.venv/bin/paracrine plot "$file" -o "$folder/RUN.png"

cat <<TEXT

Done. Open
  $folder/RUN.png   the picture
  $file    all numbers: HDF5 and netCDF-4, read by xarray, h5py, HDFView, MATLAB ...
Try next
  .venv/bin/paracrine info $file
  .venv/bin/python -c 'import xarray; print(xarray.open_dataset("$folder/RUN.h5"))'
  .venv/bin/paracrine run $scenario --set therapy.0.cells=3e5 -o $folder/FEWER.h5
  .venv/bin/paracrine plot $folder/RUN.h5 $folder/FEWER.h5 -o $folder/COMPARED.png
  .venv/bin/paracrine --help
The other scenarios are in scenarios/, what they may say is in docs/scenario_format.md.
TEXT
