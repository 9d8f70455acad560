/* SPDX-License-Identifier: MIT
 *
 * settings.h - what the operator wants: the command line, and a configuration
 * file in coturn's grammar.
 */
#ifndef TURN_SERVER_SETTINGS_H
#define TURN_SERVER_SETTINGS_H

#include "program.h"
#include "saturn/turn_config.h"

/** IP addresses in the order in which they were given. */
struct addresses {
  struct saturn_address *items;
  size_t n;
};

/** Ranges of IP addresses in the order in which they were given. */
struct ip_ranges {
  struct saturn_ip_range *items;
  size_t n;
};

/** A relay address as the world sees it, behind a static NAT. */
struct external_ip {
  struct saturn_address public, private; /**< private may be "no address" */
};

/** Everything that can be configured. Texts stay where they were read. */
struct settings {
  const char *config, *realm, *software, *nonce_secret, *separator;
  const char *log_file, *pidfile, *cert, *pkey, *proc_user, *proc_group;
  const char *syslog_facility;
  bool check_config, verbose, syslog;
  struct addresses listening_ips, relay_ips;
  struct external_ip *external_ips;
  size_t n_external_ips;
  uint64_t port, tls_port, min_port, max_port, threads;
  struct texts users, secrets, htdigests;
  const char *userdb, *redis;
  bool lt_cred_mech, use_auth_secret, no_auth;
  bool fingerprint, no_udp, no_tcp, no_tls, no_dtls, no_udp_relay, no_tcp_relay;
  bool allow_loopback_peers, confirm_unsafe, legacy_channels, mobility;
  bool nobody; /**< the file names no users: those of coturn's database */
  bool without_effect; /**< flags that ask for what is so anyway */
  uint64_t idle_s, stale_nonce_s, max_lifetime_s, user_quota, total_quota;
  uint64_t max_bps, bps_capacity;              /**< bytes a second */
  uint64_t unauthorized_per_s;                 /**< answers to a source */
  struct addresses alternates, tls_alternates; /**< with ports */
  uint64_t integrity_failure_code;
  uint8_t binding; /**< enum saturn_turn_binding */
  struct saturn_address status_listen, prometheus_address;
  bool prometheus, status_control;
  uint64_t prometheus_port;
  struct ip_ranges allowed, denied;
  struct texts ignored; /**< keys that are not served, and why */
  char *text;           /**< of the file */
};

/** The settings, as read last. */
extern struct settings settings;

/** The table of all keys. */
struct option_table settings_table(void);

/** Keys of coturn that are not served: why that is refused or ignored. */
struct other_key {
  const char *name, *note;
  bool takes_value;
  bool refused; /**< otherwise ignored */
};

/** Find a key among those that are not served; null if it is not there. */
const struct other_key *other_key_find(const char *name);

/** The table of keys that are not served. */
extern const struct other_key other_keys[];
extern const size_t n_other_keys;

/** Set everything to its default. */
void settings_reset(void);

/**
 * Read the file that the command line names, and the command line once more:
 * what it says counts.
 *
 * @return how many faults there were; each was explained on stderr
 */
unsigned settings_read(int argc, char **argv);

/**
 * Look for what does not fit together.
 *
 * @param fault  what is wrong, and how to mend it
 * @return false on the first fault
 */
bool settings_check(char fault[OPTION_FAULT]);

/** Say on stderr what is allowed but doubtful, and which keys are ignored. */
void settings_warn(void);

/** Explain each line of the configuration file: --check-config. */
enum exit_code settings_explain(void);

#endif
