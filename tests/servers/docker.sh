#!/usr/bin/env bash
# Starts MongoDB as production has it, with users and TLS, in a container, and prints the variables by which tests/run
# takes it. CI does; where there is Docker, anyone can:
#   env $(tests/servers/docker.sh) tests/run; docker rm --force --volumes netsec-test-mongodb
set -euo pipefail
cd "$(dirname "$0")"
. ./certificates.sh

name=netsec-test-mongodb
user=root
password=$(openssl rand -hex 16)
dir=$(mktemp -d)
make_certificates "$dir"
# In the container the server is another user than the one who made them.
chmod -R a+rX "$dir"

# Preferring TLS, not requiring it: the fault proxy of the tests has to read what passes.
docker run --detach --name "$name" --publish 127.0.0.1::27017 --volume "$dir:/certificates:ro" \
  --env MONGO_INITDB_ROOT_USERNAME="$user" --env MONGO_INITDB_ROOT_PASSWORD="$password" mongo:8 \
  --tlsMode preferTLS --tlsCertificateKeyFile /certificates/server-and-key.pem \
  --tlsCAFile /certificates/ca.pem --tlsAllowConnectionsWithoutCertificates >/dev/null
port=$(docker port "$name" 27017/tcp | sed -n 's/.*://p' | head -n 1)

# The image first creates the user with a server that cannot be reached from outside: a TLS handshake is answered
# by the real one alone.
deadline=$((SECONDS + 120))
until timeout 5 openssl s_client -connect "127.0.0.1:$port" -CAfile "$dir/ca.pem" -verify_return_error </dev/null >/dev/null 2>&1; do
  if [ "$(docker inspect --format '{{.State.Running}}' "$name")" != true ] || ((SECONDS >= deadline)); then
    echo "the MongoDB container did not start; it said:" >&2
    docker logs --tail 40 "$name" >&2
    exit 1
  fi
  sleep 0.5
done

server="mongodb://$user:$password@localhost:$port/?tls=true"
cat <<END
NETSEC_TEST_MONGODB_URI=$server&tlsCAFile=$dir/ca.pem
NETSEC_TEST_MONGODB_TLS_URI=$server
NETSEC_TEST_MONGODB_CA=$dir/ca.pem
NETSEC_TEST_MONGODB_OTHER_CA=$dir/other-ca.pem
END
