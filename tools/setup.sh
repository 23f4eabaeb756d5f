# shellcheck shell=bash
# The set-up that run.sh, test.sh and .ci/run share: Debian packages, build folder, Python environment.
# Sourced from the root of the checkout; everything it makes lies in build/ and .venv/.
#   PARACRINE_NO_APT=1     never install; say what is missing and end with status 77
#   PARACRINE_PYTHON=PATH  another Python for .venv; its modules (numpy, h5py, matplotlib, pytest, ...) are then yours to install
#   JOBS=N                 compilers at a time (default: one per processor, as far as memory goes)

build_packages=(g++ cmake ninja-build libhdf5-dev libeigen3-dev libtomlplusplus-dev libcli11-dev nlohmann-json3-dev libfmt-dev libxxhash-dev catch2
  pybind11-dev python3-dev)
python_packages=(python3 python3-venv python3-numpy python3-h5py python3-h5netcdf python3-xarray python3-scipy python3-tqdm python3-matplotlib)
test_packages=(python3-pytest python3-pytest-xdist python3-jsonschema python3-netcdf4 hdf5-tools python3-distributed python3-mpi4py openmpi-bin)
# Only .ci/run asks for these.
# shellcheck disable=SC2034
ci_packages=(clang-16 clang-tidy-16 clang-format-16 libomp-16-dev libclang-rt-16-dev shellcheck)

export LC_ALL=C.UTF-8
export MPLCONFIGDIR="$PWD/build/matplotlib"   # matplotlib keeps its font list here, not in the home folder
export PYTHONDONTWRITEBYTECODE=1
python=${PARACRINE_PYTHON:-/usr/bin/python3}
me=$(basename -- "$0")
log=build/setup.log

say() { printf '%s: %s\n' "$me" "$*"; }
complain() { printf '%s: %s\n' "$me" "$*" >&2; }

# step TEXT COMMAND...: runs a command into the log; shows the end of the log when it fails.
step() {
  local text=$1 start=$SECONDS status=0
  shift
  say "$text ..."
  printf '\n==> %s: %s\n' "$(date '+%F %T')" "$*" >>"$log"
  "$@" >>"$log" 2>&1 </dev/null || status=$?
  if ((status)); then
    complain "failed with status $status after $((SECONDS - start)) s. The end of $log:"
    tail -n 40 "$log" | sed 's/^/  | /' >&2
    exit "$status"
  fi
  say "$text: $((SECONDS - start)) s"
}

# missing_packages NAME...: those that are not installed, one per line.
missing_packages() {
  local present
  # dpkg-query fails when it does not know one of them; what it printed for the others still counts.
  # shellcheck disable=SC2016
  present=" $({ dpkg-query -W -f '${binary:Package} ${db:Status-Status}\n' "$@" 2>/dev/null || true; } | sed -n 's/^\([^: ]*\)[^ ]* installed$/\1/p' | tr '\n' ' ')"
  local name
  for name; do [[ $present == *" $name "* ]] || printf '%s\n' "$name"; done
}

# install_packages NAME...: installs those that are missing, or says how and ends with status 77.
install_packages() {
  if ! command -v dpkg-query >/dev/null; then
    say "this is no Debian system: the counterparts of these packages are yours to install: $*"
    return
  fi
  local missing=() as_root=()
  mapfile -t missing < <(missing_packages "$@")
  ((${#missing[@]})) || return 0
  local line="apt-get update && apt-get install -y --no-install-recommends ${missing[*]}"
  if ((EUID != 0)); then
    line="sudo apt-get update && sudo apt-get install -y --no-install-recommends ${missing[*]}"
    as_root=(sudo)
  fi
  if [[ ${PARACRINE_NO_APT:-0} == 1 ]] || ! may_install; then
    complain "${#missing[@]} Debian packages are missing and may not be installed from here. Install them with"
    printf '  %s\n' "$line" >&2
    complain "and start it again."
    exit 77
  fi
  # An index that cannot be refreshed may still serve; if not, the install says so.
  { printf '\n==> apt-get update\n' && "${as_root[@]}" apt-get -q -o DPkg::Lock::Timeout=300 update; } >>"$log" 2>&1 </dev/null || true
  step "installing ${#missing[@]} Debian packages and what they need (log: $log)" \
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -q -o DPkg::Lock::Timeout=300 install -y --no-install-recommends "${missing[@]}"
}

# True as root, or where sudo works (it may ask for the password when there is somebody to ask).
may_install() {
  ((EUID == 0)) && return 0
  command -v sudo >/dev/null || return 1
  sudo -n true 2>/dev/null || { [[ -t 0 ]] && sudo -v; }
}

compilers_at_a_time() {
  local processors memory
  processors=$(nproc)
  memory=$(awk '/^MemAvailable:/ {print int($2 / 1500000)}' /proc/meminfo)
  ((memory >= 1)) || memory=1
  printf '%s\n' "${JOBS:-$((processors < memory ? processors : memory))}"
}

# .venv sees the system's Python packages. Made again when the checkout was moved or another Python is asked for.
make_environment() {
  local mark="$python $PWD"
  [[ -x .venv/bin/python && $(cat .venv/made-for 2>/dev/null) == "$mark" ]] && return
  rm -rf .venv
  step "making .venv" "$python" -m venv --system-site-packages .venv
  step "looking for Python packages" .venv/bin/python -c 'import h5py, h5netcdf, matplotlib, numpy, scipy, tqdm, xarray'
  printf '%s\n' "$mark" >.venv/made-for
}

configure() {
  # A build folder remembers where it was; in a moved checkout it starts anew.
  if [[ -f build/release/CMakeCache.txt ]] && ! grep -qxF "CMAKE_HOME_DIRECTORY:INTERNAL=$PWD" build/release/CMakeCache.txt; then
    rm -rf build/release
  fi
  local site
  site=$(.venv/bin/python -c 'import sys; print("lib/python%d.%d/site-packages" % sys.version_info[:2])')
  local options=("-DCMAKE_INSTALL_PREFIX=$PWD/.venv" "-DPARACRINE_PYTHON_SITE=$site" -DPARACRINE_BUILD_PYTHON=ON "-DPython_EXECUTABLE=$PWD/.venv/bin/python")
  # Another Python may bring a pybind11 of its own, which knows it better than Debian's.
  local pybind
  if pybind=$(.venv/bin/python -m pybind11 --cmakedir 2>/dev/null); then options+=("-Dpybind11_DIR=$pybind"); fi
  step "configuring" cmake --preset release "${options[@]}"
}

# What the build depends on beside its files: the revision is compiled in.
build_mark() {
  printf '%s %s\n' "$PWD" "$(git rev-parse HEAD 2>/dev/null || echo unknown)"
  git status --porcelain --untracked-files=no 2>/dev/null | head -n 1 | grep -c . || true
}

# set_up program|everything: leaves a working .venv; with "everything" the tests and benchmarks are built as well.
set_up() {
  mkdir -p build
  exec 9>build/.lock
  flock -n 9 || { say "waiting for another set-up of this checkout to end" && flock 9; }
  [[ -f $log && $(stat -c %s "$log") -lt 5000000 ]] || : >"$log"
  if [[ -n ${PARACRINE_PYTHON:-} ]]; then
    install_packages "${build_packages[@]}" hdf5-tools
  else
    install_packages "${build_packages[@]}" "${python_packages[@]}" "${test_packages[@]}"
  fi
  make_environment
  local what=$1 targets=(paracrine _core) stamp=build/.stamp-$1 mark
  local sources=(CMakeLists.txt CMakePresets.json cmake sim models bindings analysis tools)
  if [[ $what == everything ]]; then
    targets=(all)
    sources+=(tests bench)
  fi
  mark=$(build_mark)
  if [[ ! -x .venv/bin/paracrine || $(cat "$stamp" 2>/dev/null) != "$mark" || -n $(find "${sources[@]}" -newer "$stamp" -print -quit) ]]; then
    printf '%s\n' "$mark" >"$stamp.new"   # its time is that of the start: what is edited during the build counts as newer
    configure
    step "building with $(compilers_at_a_time) compilers at a time (log: $log)" cmake --build --preset release --target "${targets[@]}" --parallel "$(compilers_at_a_time)"
    step "installing into .venv" cmake --install build/release
    mv "$stamp.new" "$stamp"
  fi
  exec 9>&-
}
