# shellcheck shell=bash
# The S3 server of the tests; tests/run sources this and has `say`.
#   start_s3 DIR   starts one with its data in DIR, unless NETSEC_TEST_S3_ENDPOINT names one, and exports
#     NETSEC_TEST_S3_ENDPOINT, NETSEC_TEST_S3_BUCKET         where to keep objects; http:// alone
#     NETSEC_TEST_S3_ACCESS_KEY, NETSEC_TEST_S3_SECRET_KEY   as whom
#   One from outside is reached as the AWS_ variables say, and its bucket is there already.
#   stop_s3        stops it

s3_version=0.14.1
s3_here="${XDG_CACHE_HOME:-$HOME/.cache}/netsec/s3s-fs-$s3_version"
s3_process=

start_s3() {
  local dir=$1/s3 tries port
  if [ -n "${NETSEC_TEST_S3_ENDPOINT:-}" ]; then
    export NETSEC_TEST_S3_ACCESS_KEY="${NETSEC_TEST_S3_ACCESS_KEY:-${AWS_ACCESS_KEY_ID:-}}"
    export NETSEC_TEST_S3_SECRET_KEY="${NETSEC_TEST_S3_SECRET_KEY:-${AWS_SECRET_ACCESS_KEY:-}}"
    if [ -z "${NETSEC_TEST_S3_BUCKET:-}" ] || [ -z "$NETSEC_TEST_S3_ACCESS_KEY" ] || [ -z "$NETSEC_TEST_S3_SECRET_KEY" ]; then
      say "NETSEC_TEST_S3_ENDPOINT also takes NETSEC_TEST_S3_BUCKET, AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY" >&2
      return 1
    fi
    return
  fi
  [ -x "$s3_here/bin/s3s-fs" ] || s3_install || return
  export NETSEC_TEST_S3_BUCKET=netsec-test NETSEC_TEST_S3_ACCESS_KEY=netsec-test
  NETSEC_TEST_S3_SECRET_KEY=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
  export NETSEC_TEST_S3_SECRET_KEY
  # A bucket is a directory.
  mkdir -p "$dir/$NETSEC_TEST_S3_BUCKET" || return
  # It cannot choose a free port by itself.
  for ((tries = 0; tries < 10; tries++)); do
    port=$((30000 + RANDOM % 2000))
    RUST_LOG=s3s_fs=info NO_COLOR=1 "$s3_here/bin/s3s-fs" --host 127.0.0.1 --port "$port" \
      --access-key "$NETSEC_TEST_S3_ACCESS_KEY" --secret-key "$NETSEC_TEST_S3_SECRET_KEY" "$dir" >"$dir.log" 2>&1 &
    s3_process=$!
    if s3_await "$s3_process" "$dir.log"; then
      export NETSEC_TEST_S3_ENDPOINT="http://127.0.0.1:$port"
      return
    fi
    grep -qi 'in use' "$dir.log" || break
  done
  say "the S3 server (s3s-fs) did not start; it said:" >&2
  tail -n 40 "$dir.log" >&2
  return 1
}

stop_s3() {
  local tries
  [ -n "$s3_process" ] || return 0
  kill "$s3_process" 2>/dev/null || true
  for ((tries = 0; tries < 50; tries++)); do
    kill -0 "$s3_process" 2>/dev/null || return 0
    sleep 0.1
  done
  kill -KILL "$s3_process" 2>/dev/null || true
}

# s3_await PROCESS LOG: until its log says that it listens; fails when it ended before, or after a minute.
s3_await() {
  local deadline=$((SECONDS + 60))
  until grep -q 'server is running' "$2"; do
    if ! kill -0 "$1" 2>/dev/null || ((SECONDS >= deadline)); then
      return 1
    fi
    sleep 0.05
  done
}

# Built beside and renamed, so that what was killed half-way is not taken for whole; and not where our own build is kept.
s3_install() (
  say "installing s3s-fs $s3_version"
  mkdir -p "$(dirname "$s3_here")"
  part=$(mktemp -d "$s3_here.XXXXXX")
  trap 'rm -rf "$part"' EXIT
  env -u CARGO_BUILD_TARGET CARGO_TARGET_DIR="$part/target" \
    cargo install -q "s3s-fs@$s3_version" --features binary --locked --root "$part/root" >&2 || return
  # Another run may have been quicker.
  [ -d "$s3_here" ] || mv "$part/root" "$s3_here"
)
