#!/bin/sh
# Run inside Railway's Postgres (railway ssh): gives it a certificate for its name in the private network, next to
# localhost, which is all that its template's has. Prints the authority to trust; its key stays on the volume.
set -eu
name=${1:-postgres.railway.internal}
days=3650
cd "${CERTS:-/var/lib/postgresql/data/certs}"
umask 077
openssl req -new -x509 -days "$days" -nodes -newkey rsa:3072 -keyout root.key.new -out root.crt.new \
  -subj "/CN=federation postgres" -addext "keyUsage=critical,keyCertSign,cRLSign" 2>/dev/null
openssl req -new -nodes -newkey rsa:3072 -keyout server.key.new -out server.csr.new -subj "/CN=$name" 2>/dev/null
printf 'subjectAltName=DNS:localhost,DNS:%s\nbasicConstraints=critical,CA:FALSE\nextendedKeyUsage=serverAuth\n' "$name" >v3.ext.new
openssl x509 -req -in server.csr.new -extfile v3.ext.new -days "$days" \
  -CA root.crt.new -CAkey root.key.new -CAcreateserial -out server.crt.new 2>/dev/null
rm -f v3.ext.new server.csr.new root.crt.srl
chmod 644 root.crt.new server.crt.new
if [ "$(id -u)" = 0 ] && id postgres >/dev/null 2>&1; then chown postgres:postgres ./*.new; fi
for file in root.key root.crt server.key server.crt; do mv "$file.new" "$file"; done
cat root.crt
