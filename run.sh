#!/usr/bin/env bash
# ./run.sh [OPTIONS]: installs what is missing, builds, runs the main scenario, a fibrotic liver with one dose of MSC, and the same liver untreated
# into a new folder runs/<date-time>/, and draws both. Options go to both runs, for example: ./run.sh --seed 2 --set liver.lobules=16
# See tools/setup.sh for PARACRINE_NO_APT, PARACRINE_PYTHON and JOBS. Status: that of the step that failed; 77 where packages may not be installed.
set -euo pipefail
cd -- "$(dirname -- "$(readlink -f -- "${BASH_SOURCE[0]}")")"
if [[ ${1:-} == -h || ${1:-} == --help ]]; then
  sed -n 's/^# //p' run.sh
  exit 0
fi
# shellcheck source=tools/setup.sh
source tools/setup.sh
scenario=scenarios/cirrhosis/mouse_ccl4_iv_msc.toml
untreated=scenarios/cirrhosis/mouse_ccl4_untreated.toml

set_up program

mkdir -p runs
folder=runs/$(date '+%Y-%m-%d_%H-%M-%S')
until mkdir "$folder" 2>/dev/null; do
  sleep 1
  folder=runs/$(date '+%Y-%m-%d_%H-%M-%S')
done

status=0
for job in "$scenario RUN" "$untreated UNTREATED"; do
  say "running ${job% *}"
  .venv/bin/paracrine run "${job% *}" -o "$folder/${job##* }.h5" "$@" || status=$?
  if ((status)); then
    rmdir "$folder" 2>/dev/null || true
    exit "$status"
  fi
done
# With --until a run stops early and keeps the name of an unfinished file.
file=$folder/RUN.h5 control=$folder/UNTREATED.h5
[[ -f $file ]] || file=$folder/RUN.h5.part
[[ -f $control ]] || control=$folder/UNTREATED.h5.part
.venv/bin/paracrine plot "$file" "$control" -o "$folder/RUN.png"

cat <<TEXT

Done. Open
  $folder/RUN.png   from dose to scar, with and without MSC; what they differ by, with its interval; one lobule over time
  $file    all numbers: HDF5 and netCDF-4, read by xarray, h5py, HDFView, MATLAB ...
  $control    the same of the untreated liver
Try next
  .venv/bin/paracrine info $file
  .venv/bin/python -c 'import xarray; print(xarray.open_dataset("$folder/RUN.h5"))'
  .venv/bin/paracrine run $scenario --set 'mechanism.ev=false' -o $folder/NO_EV.h5
  .venv/bin/paracrine plot $folder/RUN.h5 $folder/NO_EV.h5 -o $folder/COMPARED.png
  .venv/bin/paracrine run scenarios/delivery/mouse_iv_msc_delivery.toml -o $folder/DELIVERY.h5
  .venv/bin/paracrine --help
  .venv/bin/python -c 'import paracrine as pc; print(pc.open("$file").series)'
The other scenarios are in scenarios/, what they may say is in docs/scenario_format.md.
TEXT
