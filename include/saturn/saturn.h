/* SPDX-License-Identifier: MIT
 *
 * saturn.h - STUN and TURN: messages, credentials, state machines.
 *
 * Conventions, stated once for every function of the library.
 *
 *   Memory    Nothing is allocated. Every object lives where the caller put
 *             it, holds no pointer into itself, and needs no release. Structs
 *             are complete so that they can stand on the stack; what follows
 *             "private" in one may change in any release.
 *   Views     A struct saturn_bytes borrows. What a getter returns points into
 *             the datagram that was parsed, and is valid as long as that is.
 *   Results   An enum saturn_error says whether the call did its work. Outputs
 *             come last and are written only on SATURN_OK, unless the text
 *             says otherwise. A length is never also an error, nor an error a
 *             length.
 *   Pointers  Not null, except the data of an empty view, and where the text
 *             allows it.
 *   Overlap   Inputs and outputs do not overlap unless the text allows it.
 *             Input is never written to.
 *   Time      saturn_ms, of any clock that never goes back; SATURN_NEVER is
 *             "no deadline". What is in seconds has a name that ends in _s;
 *             wall-clock seconds since 1970 are called now_s.
 *   Order     Ports and integers in host order, IP addresses as on the wire.
 *   Threads   There is no global state. Any object may be read by many threads
 *             or changed by one.
 *   Secrets   Keys and passwords are compared in constant time. Who made a
 *             key wipes it.
 *   Mistakes  A call that breaks one of these rules is undefined. Nothing a
 *             peer can send is a mistake in this sense.
 *
 * S-nnn and T-nnn are the numbered requirements of docs/rfc.md.
 */
#ifndef SATURN_SATURN_H
#define SATURN_SATURN_H

#include "saturn/address.h"
#include "saturn/auth.h"
#include "saturn/base.h"
#include "saturn/behavior.h"
#include "saturn/builder.h"
#include "saturn/classic.h"
#include "saturn/dump.h"
#include "saturn/ephemeral.h"
#include "saturn/integrity.h"
#include "saturn/login.h"
#include "saturn/message.h"
#include "saturn/peer_policy.h"
#include "saturn/registry.h"
#include "saturn/resolve.h"
#include "saturn/stream.h"
#include "saturn/text.h"
#include "saturn/transaction.h"
#include "saturn/turn_client.h"
#include "saturn/turn_client_config.h"
#include "saturn/turn_client_event.h"
#include "saturn/turn_config.h"
#include "saturn/turn_path.h"
#include "saturn/turn_server.h"
#include "saturn/turn_status.h"
#include "saturn/uri.h"
#include "saturn/version.h"

#endif
