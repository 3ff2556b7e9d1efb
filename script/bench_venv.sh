# bench_venv.sh - the Python environment that Genba is measured against: outside the clone, made once (3 GB, so it is no part of the
# tests). Sourced by script/bench-* behind common.sh; sets venv.
venv=$cache/bench/venv

# The line of a file of pins without its hash: pin_of mujoco-core script/wheels.txt
pin_of() { sed -nE "s/^($1==[^ ]+).*/\1/p" "$clone/$2"; }

make_venv() {
  local pins have
  pins=$(printf '%s\n' "$(pin_of torch script/wheels.txt)" "$(pin_of mujoco-core script/wheels.txt)" "$(pin_of numpy script/python.txt)" \
    gymnasium==1.4.0 cloudpickle==3.1.3 farama-notifications==0.0.6)
  have=$("$venv/bin/pip" --disable-pip-version-check freeze 2>/dev/null | tr '[:upper:]_' '[:lower:]-' || true)
  ! grep -vxF "$have" <<<"$pins" >/dev/null || {
    say "making $venv (3 GB): $(tr '\n' ' ' <<<"$pins")" >&2
    [ -x "$venv/bin/pip" ] || /usr/bin/python3 -m venv "$venv"
    # shellcheck disable=SC2086
    "$venv/bin/pip" --disable-pip-version-check -q install --no-cache-dir $pins >&2 || refuse "could not install $(tr '\n' ' ' <<<"$pins")."
  }
}
