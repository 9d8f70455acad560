/* SPDX-License-Identifier: MIT
 *
 * other_keys.c - keys of a turnserver.conf that this server does not serve.
 */
#include <string.h>

#include "settings.h"

#define NO_TLS "only what is good today is offered in TLS and DTLS"
#define NO_HTTP "HTTP is answered at status-listen alone"
#define NO_STATUS "see status-listen"
#define NO_CONSOLE "there is no console"
#define NO_DATABASE                                                            \
  "of databases SQLite and Redis are served: give userdb or redis-userdb"
#define ALWAYS "that is how this server is anyway"

#define IGNORED(name, value, note)                                             \
  {                                                                            \
    name, note, value, false                                                   \
  }
#define REFUSED(name, value, note)                                             \
  {                                                                            \
    name, note, value, true                                                    \
  }

/* clang-format off */
const struct other_key other_keys[] = {
  IGNORED("alt-listening-port", true, "RFC 5780 is not served"),
  IGNORED("alt-tls-listening-port", true, "RFC 5780 is not served"),
  REFUSED("pkey-pwd", true, "give a key without a password"),
  IGNORED("cipher-list", true, NO_TLS),
  IGNORED("ec-curve-name", true, NO_TLS),
  IGNORED("dh566", false, NO_TLS),
  IGNORED("dh1066", false, NO_TLS),
  IGNORED("dh2066", false, NO_TLS),
  IGNORED("dh-file", true, NO_TLS),
  REFUSED("CA-file", true, "certificates of clients are not asked for"),
  IGNORED("raw-public-keys", false, "certificates are served"),
  IGNORED("no-sslv2", false, NO_TLS),
  IGNORED("no-sslv3", false, NO_TLS),
  IGNORED("no-tlsv1", false, NO_TLS),
  IGNORED("no-tlsv1_1", false, NO_TLS),
  IGNORED("no-tlsv1_2", false, "RFC 8489 asks for TLS 1.2"),
  IGNORED("acme-redirect", true, NO_HTTP),
  IGNORED("respond-http-unsupported", false, NO_HTTP),
  IGNORED("no-http", false, ALWAYS),
  REFUSED("listening-device", true, "give the address as listening-ip"),
  REFUSED("relay-device", true, "give the address as relay-ip"),
  REFUSED("aux-server", true, "give the address as listening-ip"),
  REFUSED("tcp-proxy-port", true,
          "the PROXY protocol is not served: let clients come here"),
  IGNORED("udp-self-balance", false, "there is one server process"),
  IGNORED("ne", true, "there is one network engine"),
  IGNORED("cpus", true, "give relay-threads"),
  IGNORED("sock-buf-size", true, "the system says how large buffers are"),
  IGNORED("prometheus-username-labels", false,
          "labels hold nothing that clients choose"),
  IGNORED("prometheus-path", true, "it is /metrics"),
  IGNORED("redis-statsdb", true, NO_STATUS),
  REFUSED("psql-userdb", true, NO_DATABASE),
  REFUSED("sql-userdb", true, NO_DATABASE),
  REFUSED("mysql-userdb", true, NO_DATABASE),
  REFUSED("mongo-userdb", true, NO_DATABASE),
  IGNORED("secret-key-file", true, "it is for MySQL, which is not served"),
  REFUSED("oauth", false, "third-party authorization is not served"),
  IGNORED("server-name", true, "third-party authorization is not served"),
  IGNORED("check-origin-consistency", false, "ORIGIN is not looked at"),
  IGNORED("channel-lifetime", true, "RFC 8656 fixes it at 600 s"),
  IGNORED("permission-lifetime", true, "RFC 8656 fixes it at 300 s"),
  IGNORED("no-stdout-log", false, ALWAYS),
  IGNORED("simple-log", false, ALWAYS),
  IGNORED("new-log-timestamp", false, ALWAYS),
  IGNORED("new-log-timestamp-format", true, "times are in ISO 8601, UTC"),
  IGNORED("log-binding", false, "give verbose"),
  REFUSED("stun-only", false, "that is what stun-server is for"),
  IGNORED("no-software-attribute", false, ALWAYS),
  IGNORED("software-attribute", false, "give software=TEXT"),
  IGNORED("no-loopback-peers", false, ALWAYS),
  IGNORED("drain-min-allocations", true, "it drains until the last one ends"),
  REFUSED("multiplex-peer", false, "relays are not shared among clients"),
  IGNORED("keep-address-family", false, "without the attribute it is IPv4"),
  IGNORED("allocation-default-address-family", true,
          "without the attribute it is IPv4"),
  REFUSED("server-relay", false, "a relay without permissions is open to all"),
  IGNORED("prod", false, "SOFTWARE is only sent where software says so"),
  IGNORED("secret-ts-exp-time", true,
          "the expiry is in the user name, and counts"),
  IGNORED("daemon", false, "it stays in the foreground"),
  IGNORED("no-cli", false, ALWAYS),
  IGNORED("cli-ip", true, NO_CONSOLE),
  IGNORED("cli-port", true, NO_CONSOLE),
  IGNORED("cli-password", true, NO_CONSOLE),
  IGNORED("cli-max-output-sessions", true, NO_CONSOLE),
  IGNORED("web-admin", false, NO_CONSOLE),
  IGNORED("web-admin-ip", true, NO_CONSOLE),
  IGNORED("web-admin-port", true, NO_CONSOLE),
  IGNORED("web-admin-listen-on-workers", false, NO_CONSOLE),
  IGNORED("no-dynamic-ip-list", false, ALWAYS),
  IGNORED("no-dynamic-realms", false, ALWAYS),
  IGNORED("no-auth-pings", false, ALWAYS),
  IGNORED("no-rfc5780", false, ALWAYS),
  IGNORED("rfc5780", false, "RFC 5780 is not served"),
  IGNORED("no-stun-backward-compatibility", false, ALWAYS),
  IGNORED("response-origin-only-with-rfc5780", false, ALWAYS),
};
/* clang-format on */

const size_t n_other_keys = sizeof other_keys / sizeof *other_keys;

const struct other_key *
other_key_find(const char *name)
{
  for (size_t i = 0; i < n_other_keys; i++)
    if (strcmp(other_keys[i].name, name) == 0)
      return &other_keys[i];
  return NULL;
}
