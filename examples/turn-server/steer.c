/* SPDX-License-Identifier: MIT
 *
 * steer.c - which worker serves a client.
 */
#include "steer.h"

#include <linux/filter.h>
#include <stdint.h>
#include <sys/socket.h>

/* Where the source address stands in the header of IP. */
#define NET(offset) ((uint32_t)(SKF_NET_OFF + (offset)))

/* Knuth's multiplier: neighbours are spread over all workers. */
#define SPREAD 2654435761u

bool
steer(int fd, bool ipv6, unsigned n)
{
  struct sock_filter v4[] = {
    BPF_STMT(BPF_LD | BPF_W | BPF_ABS, NET(12)),
    BPF_STMT(BPF_ALU | BPF_MUL | BPF_K, SPREAD),
    BPF_STMT(BPF_ALU | BPF_RSH | BPF_K, 16),
    BPF_STMT(BPF_ALU | BPF_MOD | BPF_K, n),
    BPF_STMT(BPF_RET | BPF_A, 0),
  };
  struct sock_filter v6[] = {
    BPF_STMT(BPF_LD | BPF_W | BPF_ABS, NET(8)),
    BPF_STMT(BPF_MISC | BPF_TAX, 0),
    BPF_STMT(BPF_LD | BPF_W | BPF_ABS, NET(12)),
    BPF_STMT(BPF_ALU | BPF_XOR | BPF_X, 0),
    BPF_STMT(BPF_ALU | BPF_MUL | BPF_K, SPREAD),
    BPF_STMT(BPF_ALU | BPF_RSH | BPF_K, 16),
    BPF_STMT(BPF_ALU | BPF_MOD | BPF_K, n),
    BPF_STMT(BPF_RET | BPF_A, 0),
  };
  struct sock_fprog program = { sizeof v4 / sizeof *v4, v4 };

  if (ipv6) {
    program.len = sizeof v6 / sizeof *v6;
    program.filter = v6;
  }
  return setsockopt(fd, SOL_SOCKET, SO_ATTACH_REUSEPORT_CBPF, &program,
                    sizeof program)
         == 0;
}
