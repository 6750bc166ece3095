#!/bin/sh
# The image's start: renders the configuration, runs nginx, and takes up a certificate that came or changed.
set -eu

here=$(dirname "$0")
conf=${NGINX_CONF:-/tmp/nginx/conf}
"$here/render.sh" "$conf"

stamp() {
  cksum "${TLS_CERTIFICATE:-/nowhere}" 2>/dev/null || true
}

if [ -n "${TLS_CERTIFICATE:-}" ]; then
  (
    seen=$(stamp)
    # $$ is nginx, which takes this shell's place below.
    while sleep "${TLS_LOOK_SECONDS:-60}" && kill -0 $$ 2>/dev/null; do
      now=$(stamp)
      if [ "$now" != "$seen" ]; then
        seen=$now
        "$here/render.sh" "$conf" && nginx -t -q -c "$conf/nginx.conf" && nginx -s reload -c "$conf/nginx.conf" || true
      fi
    done
  ) &
fi
exec nginx -c "$conf/nginx.conf"
