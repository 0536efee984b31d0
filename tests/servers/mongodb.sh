# shellcheck shell=bash
# The MongoDB servers of the tests; tests/run sources this and certificates.sh, and has `say`, `install` and
# `left_out`, the arguments that leave tests out.
#   start_mongodb DIR   starts what was not given from outside, with its data in DIR, and exports
#     NETSEC_TEST_MONGODB_URI                             a server
#     NETSEC_TEST_MONGODB_TLS_URI                         a server that speaks TLS alone
#     NETSEC_TEST_MONGODB_CA, NETSEC_TEST_MONGODB_OTHER_CA  the authority that signed its certificate, and one that did not
#   stop_mongodb        stops them
# A server is a mongod where there is one, else mongo-java-server, which Maven fetches.

mongodb_here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
mongodb_version=$(sed -n 's/.*<mongo-java-server.version>\(.*\)<.*/\1/p' "$mongodb_here/pom.xml")
mongodb_jars="${XDG_CACHE_HOME:-$HOME/.cache}/netsec/mongo-java-server-$mongodb_version"
mongodb_processes=()
mongodb_port=

start_mongodb() {
  local dir=$1
  if [ -z "${NETSEC_TEST_MONGODB_URI:-}" ]; then
    mongodb_has_tools || mongodb_install_tools || return
    mongodb_server "$dir/plain" || return
    export NETSEC_TEST_MONGODB_URI="mongodb://127.0.0.1:$mongodb_port"
  elif [ -z "${NETSEC_TEST_MONGODB_TLS_URI:-}" ] && ! mongodb_has_tools; then
    # Whoever brings a server need not have what starts another.
    say "left out: TLS to MongoDB; it needs NETSEC_TEST_MONGODB_TLS_URI, or java, mvn and openssl"
    left_out+=(--skip mongo::tls::)
    return
  fi
  if [ -z "${NETSEC_TEST_MONGODB_TLS_URI:-}" ]; then
    make_certificates "$dir" || return
    mongodb_server "$dir/tls" --tls || return
    export NETSEC_TEST_MONGODB_TLS_URI="mongodb://localhost:$mongodb_port/?tls=true"
    export NETSEC_TEST_MONGODB_CA="$dir/ca.pem" NETSEC_TEST_MONGODB_OTHER_CA="$dir/other-ca.pem"
  fi
}

stop_mongodb() {
  local process tries
  for process in ${mongodb_processes[@]+"${mongodb_processes[@]}"}; do
    kill "$process" 2>/dev/null || true
  done
  for process in ${mongodb_processes[@]+"${mongodb_processes[@]}"}; do
    for ((tries = 0; tries < 100; tries++)); do
      kill -0 "$process" 2>/dev/null || continue 2
      sleep 0.1
    done
    kill -KILL "$process" 2>/dev/null || true
  done
}

# Whether there is what starts a server. Asked for their versions, because macOS has a javac that only says where to get one.
mongodb_has_tools() {
  openssl version >/dev/null 2>&1 || return
  command -v mongod >/dev/null && return
  javac -version >/dev/null 2>&1 || return
  [ -d "$mongodb_jars" ] || mvn -version >/dev/null 2>&1
}

mongodb_install_tools() {
  install "the tests need MongoDB: mongod, a server in NETSEC_TEST_MONGODB_URI, or what runs one in Java (or --no-servers)" \
    "default-jdk-headless maven openssl" "java-latest-openjdk-devel maven openssl" "openjdk maven openssl"
}

# mongodb_server DIR [--tls]: starts one, and sets mongodb_port once it accepts connections.
mongodb_server() {
  # The log is read from the start on, before the server is there to write it.
  mkdir "$1" && : >"$1/log" || return
  if command -v mongod >/dev/null; then
    mongodb_mongod "$@"
  else
    mongodb_java "$@"
  fi
}

mongodb_java() {
  local dir=$1 options=()
  [ -d "$mongodb_jars" ] || mongodb_install || return
  [ "${2:-}" != --tls ] || options=(--tls "$dir/../server.key" "$dir/../server.pem")
  # `--while`: it ends even when this script is killed in a way that it cannot catch.
  java "-Xmx${mongodb_heap:-2g}" -Dorg.slf4j.simpleLogger.defaultLogLevel=off -cp "$mongodb_jars/*" "$mongodb_here/Launcher.java" \
    --while $$ ${options[@]+"${options[@]}"} >"$dir/log" 2>&1 &
  mongodb_processes+=($!)
  mongodb_await $! "$dir/log" '^listening on' || { mongodb_failed java "$dir/log"; return 1; }
  mongodb_port=$(sed -n 's/^listening on //p' "$dir/log")
}

mongodb_mongod() {
  local dir=$1 options=() tries
  # Without an authority of its own, a mongod of today does not start with TLS.
  [ "${2:-}" != --tls ] || options=(
    --tlsMode requireTLS --tlsCertificateKeyFile "$dir/../server-and-key.pem"
    --tlsCAFile "$dir/../ca.pem" --tlsAllowConnectionsWithoutCertificates
  )
  # It cannot choose a free port by itself.
  for ((tries = 0; tries < 10; tries++)); do
    mongodb_port=$((20000 + RANDOM % 10000))
    mongod --dbpath "$dir" --port "$mongodb_port" --bind_ip 127.0.0.1 ${options[@]+"${options[@]}"} >"$dir/log" 2>&1 &
    mongodb_processes+=($!)
    ! mongodb_await $! "$dir/log" 'Waiting for connections' || return 0
    grep -q 'Address already in use' "$dir/log" || break
  done
  mongodb_failed mongod "$dir/log"
  return 1
}

# mongodb_await PROCESS LOG PATTERN: until its log says so; fails when it ended before, or after a minute.
mongodb_await() {
  local deadline=$((SECONDS + 60))
  until grep -q "$3" "$2"; do
    if ! kill -0 "$1" 2>/dev/null || ((SECONDS >= deadline)); then
      return 1
    fi
    sleep 0.05
  done
}

mongodb_failed() {
  say "the MongoDB server ($1) did not start; it said:" >&2
  tail -n 40 "$2" >&2
}

# Fetched beside and renamed, so that what was killed half-way is not taken for whole.
mongodb_install() (
  say "installing mongo-java-server $mongodb_version"
  mkdir -p "$(dirname "$mongodb_jars")"
  part=$(mktemp -d "$mongodb_jars.XXXXXX")
  trap 'rm -rf "$part"' EXIT
  # Its errors go to standard output.
  mvn -q -B -f "$mongodb_here/pom.xml" dependency:copy-dependencies -DoutputDirectory="$part" >&2 || return
  # Another run may have been quicker.
  [ -d "$mongodb_jars" ] || mv "$part" "$mongodb_jars"
)
