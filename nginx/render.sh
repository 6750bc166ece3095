#!/bin/sh
# Renders nginx's configuration from the environment:
#
#     render.sh <folder for the configuration>
#
#   PUBLIC_URL           the address in people's browsers (required)
#   GATEWAYS             host:port of the gateways, space-separated (gateway:4680)
#   TRUSTED_PROXIES      networks of proxies before nginx whose X-Forwarded-… are believed
#   ADMIN_PROXY_HEADER   in which one of them names an operator; from anybody else it is dropped
#   TLS_CERTIFICATE, TLS_KEY   files; once both are there nginx answers https, and http leads to it
#   SPOTIFY_API_URL      a stand-in of Spotify's, whose pictures pages may show
#   IMPORT_MAX_FILE_MB, IMPORT_MAX_FILES   as the gateway has them (512, 50)
#
# The rest is set by the image and by tests: WEB_ROOT, NGINX_LISTEN, NGINX_TLS_LISTEN,
# NGINX_STATUS_LISTEN, NGINX_TEMP, NGINX_USER, NGINX_WORKERS, NGINX_RESOLVER, NGINX_MODULES, ACCESS_LOG, ACME_ROOT.
set -eu

out=$1
from=$(dirname "$0")/conf

fail() {
  echo "nginx: $1" >&2
  exit 78
}

# A value goes into the configuration as it is, so it must not be able to end the directive it is in.
value() {
  case $2 in
  *[!A-Za-z0-9._:/@=\ \[\]-]*) fail "$1 has a character that no address, path or number has." ;;
  esac
  printf '%s' "$2"
}

[ -n "${PUBLIC_URL:-}" ] || fail 'PUBLIC_URL is not set. It is the address in the browser, such as https://spindle.example.org'
public_url=$(value PUBLIC_URL "${PUBLIC_URL%/}")
case $public_url in
https://*) secure=1 ;;
http://*) secure=0 ;;
*) fail 'PUBLIC_URL must begin with http:// or https://' ;;
esac
gateways=$(value GATEWAYS "${GATEWAYS:-gateway:4680}")
trusted=$(value TRUSTED_PROXIES "${TRUSTED_PROXIES:-}")
operator=$(value ADMIN_PROXY_HEADER "${ADMIN_PROXY_HEADER:-}")
certificate=$(value TLS_CERTIFICATE "${TLS_CERTIFICATE:-}")
key=$(value TLS_KEY "${TLS_KEY:-}")
api_url=$(value SPOTIFY_API_URL "${SPOTIFY_API_URL:-https://api.spotify.com}")
web_root=$(value WEB_ROOT "${WEB_ROOT:-/usr/share/spindle/web}")
listen=$(value NGINX_LISTEN "${NGINX_LISTEN:-8080}")
tls_listen=$(value NGINX_TLS_LISTEN "${NGINX_TLS_LISTEN:-8443}")
status_listen=$(value NGINX_STATUS_LISTEN "${NGINX_STATUS_LISTEN:-127.0.0.1:8081}")
temp=$(value NGINX_TEMP "${NGINX_TEMP:-/tmp/nginx}")
user=$(value NGINX_USER "${NGINX_USER:-}")
workers=$(value NGINX_WORKERS "${NGINX_WORKERS:-auto}")
modules=$(value NGINX_MODULES "${NGINX_MODULES:-/usr/lib/nginx/modules}")
access_log=$(value ACCESS_LOG "${ACCESS_LOG:-/dev/stdout}")
acme=$(value ACME_ROOT "${ACME_ROOT:-/var/www/acme}")
file_mb=$(value IMPORT_MAX_FILE_MB "${IMPORT_MAX_FILE_MB:-512}")
files=$(value IMPORT_MAX_FILES "${IMPORT_MAX_FILES:-50}")
# The name server that Docker or Kubernetes gave us; without one, names are looked up once, at the start.
resolver=$(value NGINX_RESOLVER "${NGINX_RESOLVER-$(sed -n 's/^nameserver[ \t]*//p' /etc/resolv.conf 2>/dev/null | head -n 1)}")

version=$("${NGINX:-nginx}" -v 2>&1 | sed -n 's|.*nginx/\([0-9]*\)\.\([0-9]*\)\.\([0-9]*\).*|\1 \2 \3|p')
# True from this version on.
since() {
  echo "$version $1" | awk '{ exit !($1 * 1e6 + $2 * 1e3 + $3 >= $4 * 1e6 + $5 * 1e3 + $6) }'
}

# Two for each connection that is passed on, as far as this user may.
open_files=$(ulimit -Hn)
case $open_files in
unlimited) open_files=65536 ;;
*) [ "$open_files" -le 65536 ] || open_files=65536 ;;
esac

mkdir -p "$out" "$temp"

{
  [ -z "$trusted" ] || printf 'set_real_ip_from %s;\n' $trusted
  echo 'geo $realip_remote_addr $from_trusted_proxy {'
  echo '  default 0;'
  [ -z "$trusted" ] || printf '  %s 1;\n' $trusted
  echo '}'
  if [ -n "$operator" ]; then
    echo 'map $from_trusted_proxy $operator_name {'
    echo "  1 \$http_$(echo "$operator" | tr 'A-Z-' 'a-z_');"
    echo '  default "";'
    echo '}'
  fi
} >"$out/trusted-proxies.conf"

# Instances come and go: where nginx can (1.27.3), it asks the name server again every few seconds.
resolve=''
if [ -n "$resolver" ] && since '1 27 3'; then resolve=' resolve'; fi
servers() {
  for one in $gateways; do
    case $one in
    *[!0-9.]*:*) again=$resolve ;;
    *) again='' ;;
    esac
    echo "  server $one$again max_fails=2 fail_timeout=3s;"
  done
}
{
  case $resolver in
  '') ;;
  *:*:*) echo "resolver [$resolver] valid=5s;" ;;
  *) echo "resolver $resolver valid=5s ipv6=off;" ;;
  esac
  echo 'upstream gateways {'
  echo '  zone gateways 256k;'
  echo '  least_conn;'
  servers
  echo '  keepalive 64;'
  echo '}'
  echo '# All requests of one long-polling connection must reach the same gateway.'
  echo 'upstream gateways_by_address {'
  echo '  zone gateways_by_address 256k;'
  echo '  hash $remote_addr consistent;'
  servers
  echo '  keepalive 16;'
  echo '}'
  echo '# A socket that begins as one may go anywhere, so that a party behind one address spreads out.'
  echo 'map "$http_upgrade:$arg_sid" $socket_gateways {'
  echo '  "~*^websocket:$" gateways;'
  echo '  default gateways_by_address;'
  echo '}'
} >"$out/upstreams.conf"

tls=0
if [ -n "$certificate" ] && [ -n "$key" ]; then
  if [ -r "$certificate" ] && [ -r "$key" ]; then
    tls=1
  else
    echo "nginx: there is no $certificate yet: only http is answered until there is." >&2
  fi
fi
{
  acme_location="  location ^~ /.well-known/acme-challenge/ {
    root $acme;
    default_type text/plain;
  }"
  echo 'server {'
  echo "  listen $listen default_server;"
  echo "$acme_location"
  if [ $tls = 1 ]; then
    echo '  location / {'
    echo "    return 308 $public_url\$request_uri;"
    echo '  }'
    echo '}'
    echo 'server {'
    if since '1 25 1'; then
      echo "  listen $tls_listen ssl default_server;"
      echo '  http2 on;'
    else
      echo "  listen $tls_listen ssl http2 default_server;"
    fi
    echo '  include tls.conf;'
  fi
  echo '  include routes.conf;'
  echo '}'
  echo 'include status.conf;'
} >"$out/servers.conf"

load='' brotli=''
if [ -r "$modules/ngx_http_brotli_filter_module.so" ]; then
  load="load_module $modules/ngx_http_brotli_filter_module.so;"
  brotli='brotli on; brotli_comp_level 5; brotli_min_length 1024; brotli_types text/css text/plain text/javascript text/csv application/json application/problem+json application/manifest+json application/wasm application/x-ndjson image/svg+xml;'
fi
images='' upgrade='' hsts=''
[ "$api_url" = 'https://api.spotify.com' ] || images=" $(echo "$api_url" | sed 's|^\([a-z]*://[^/]*\).*|\1|')"
if [ $secure = 1 ]; then
  upgrade=';upgrade-insecure-requests'
  hsts='add_header Strict-Transport-Security "max-age=31536000" always;'
fi

for file in "$from"/*.conf; do
  sed -e "s|@MODULES@|$load|" \
    -e "s|@USER@|${user:+user $user;}|" \
    -e "s|@FILES@|$open_files|" \
    -e "s|@WORKERS@|$workers|" \
    -e "s|@TEMP@|$temp|" \
    -e "s|@ACCESS_LOG@|$access_log|" \
    -e "s|@BROTLI@|$brotli|" \
    -e "s|@UPLOAD_MB@|$((file_mb * files + 1))|" \
    -e "s|@WEB_ROOT@|$web_root|" \
    -e "s|@STATUS_LISTEN@|$status_listen|" \
    -e "s|@TLS_CERTIFICATE@|$certificate|" \
    -e "s|@TLS_KEY@|$key|" \
    -e "s|@OPERATOR@|${operator:+proxy_set_header $operator \$operator_name;}|" \
    -e "s|@IMAGES@|$images|" \
    -e "s|@SOCKET_ORIGIN@|$(echo "$public_url" | sed 's|^http|ws|')|" \
    -e "s|@UPGRADE@|$upgrade|" \
    -e "s|@HSTS@|$hsts|" \
    "$file" >"$out/$(basename "$file")"
done
