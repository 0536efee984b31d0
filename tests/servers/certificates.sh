# shellcheck shell=bash
# make_certificates DIR: what a server with TLS needs, and what its clients need to trust it, or not to.
#   ca.pem                  the authority that signed the server's certificate
#   server.key server.pem   the server's key (PKCS#8, RSA) and certificate, for localhost and 127.0.0.1
#   server-and-key.pem      both in one file, as mongod wants them
#   other-ca.pem            an authority that signed nothing
make_certificates() (
  # A subshell: neither the directory nor the file mode is the caller's.
  umask 077
  cd "$1"
  certify() { # NAME SUBJECT EXTENSIONS SIGNER...
    openssl req -new -newkey rsa:2048 -nodes -subj "/CN=$2" -keyout "$1.key" -out "$1.csr" &&
      printf '%b\n' "$3" >"$1.ext" &&
      openssl x509 -req -in "$1.csr" -days 2 -extfile "$1.ext" "${@:4}" -out "$1.pem"
  }
  authority='basicConstraints = critical, CA:TRUE\nkeyUsage = critical, keyCertSign, cRLSign'
  server='basicConstraints = CA:FALSE\nextendedKeyUsage = serverAuth\nsubjectAltName = DNS:localhost, IP:127.0.0.1'
  {
    certify ca "netsec tests" "$authority" -signkey ca.key &&
      certify other-ca "netsec tests, another" "$authority" -signkey other-ca.key &&
      certify server localhost "$server" -CA ca.pem -CAkey ca.key -set_serial 1
  } >openssl.log 2>&1 || { cat openssl.log >&2; return 1; }
  cat server.pem server.key >server-and-key.pem
)
