/* SPDX-License-Identifier: MIT
 *
 * status.c - the server over HTTP. It has threads of its own, and whatever its
 * clients do costs the relays one snapshot a second at most.
 */
#include "status.h"

#include <errno.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "health.h"
#include "log.h"
#include "program.h"
#include "settings.h"
#include "status_pages.h"
#include "status_visits.h"
#include "terms.h"

/* What a client of ours may take: bytes of a request, seconds of silence. */
#define REQUEST_MAX 8192
#define SILENCE_S 5

/* How long what was rendered counts. */
#define FRESH_MS 1000

enum page { PAGE_HTML, PAGE_STILL, PAGE_JSON, PAGE_METRICS, PAGES };

/* A page as it was rendered last. */
struct rendered {
  struct MHD_Response *response;
  saturn_ms when;
};

static struct {
  struct MHD_Daemon *status, *metrics;
  bool on_loopback, control;
  pthread_mutex_t lock; /* of what follows */
  struct rendered pages[PAGES];
  struct snapshot *snapshot;
} status = { .lock = PTHREAD_MUTEX_INITIALIZER };

bool
status_is_there(void)
{
  return true;
}

static const char *const types[PAGES] = {
  "text/html; charset=utf-8", "text/html; charset=utf-8", "application/json",
  "text/plain; version=0.0.4; charset=utf-8"
};

static struct MHD_Response *
make_response(struct text *t, const char *type)
{
  static const char *const headers[][2] = {
    { "Cache-Control", "no-store" },
    { "X-Content-Type-Options", "nosniff" },
    { "Referrer-Policy", "no-referrer" },
    { "Content-Security-Policy",
      "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; "
      "form-action 'none'; frame-ancestors 'none'" },
  };
  struct MHD_Response *response =
      MHD_create_response_from_buffer(t->len, t->bytes, MHD_RESPMEM_MUST_FREE);

  if (response == NULL) {
    free(t->bytes);
    return NULL;
  }
  MHD_add_response_header(response, "Content-Type", type);
  for (size_t i = 0; i < sizeof headers / sizeof *headers; i++)
    MHD_add_response_header(response, headers[i][0], headers[i][1]);
  return response;
}

/* What the workers last said, which is not older than a second; null when the
   server ends. */
static const struct snapshot *
recent(void)
{
  if (status.snapshot != NULL && now_ms() < status.snapshot->taken + FRESH_MS)
    return status.snapshot;
  snapshot_free(status.snapshot);
  status.snapshot = snapshot_take(true);
  if (status.snapshot != NULL)
    refusals_sort(&status.snapshot->refusals);
  return status.snapshot;
}

static struct MHD_Response *
render(enum page page, const struct snapshot *s, uint64_t after)
{
  struct text t = { 0 };

  if (page == PAGE_JSON)
    page_json(&t, s, after);
  else if (page == PAGE_METRICS)
    page_metrics(&t, s);
  else
    page_html(&t, s, page == PAGE_STILL);
  return make_response(&t, types[page]);
}

/* Render what has been rendered for nobody within the second. */
static enum MHD_Result
send_page(struct MHD_Connection *connection, enum page page, uint64_t after)
{
  struct rendered *cache = &status.pages[page];
  enum MHD_Result result = MHD_NO;
  const struct snapshot *s;

  pthread_mutex_lock(&status.lock);
  s = recent();
  if (s != NULL && after == 0
      && (cache->response == NULL || cache->when != s->taken)) {
    if (cache->response != NULL)
      MHD_destroy_response(cache->response);
    cache->response = render(page, s, 0);
    cache->when = s->taken;
  }
  if (s != NULL && after == 0 && cache->response != NULL) {
    result = MHD_queue_response(connection, MHD_HTTP_OK, cache->response);
  } else if (s != NULL && after != 0) {
    struct MHD_Response *response = render(page, s, after);

    result = MHD_queue_response(connection, MHD_HTTP_OK, response);
    MHD_destroy_response(response);
  }
  pthread_mutex_unlock(&status.lock);
  return result;
}

static enum MHD_Result
send_line(struct MHD_Connection *connection, unsigned code, const char *line)
{
  struct text t = { 0 };
  struct MHD_Response *response;
  enum MHD_Result result;

  text_add(&t, "%s\n", line);
  response = make_response(&t, "text/plain; charset=utf-8");
  if (response == NULL)
    return MHD_NO;
  if (code == MHD_HTTP_METHOD_NOT_ALLOWED)
    MHD_add_response_header(response, "Allow", "GET, HEAD");
  result = MHD_queue_response(connection, code, response);
  MHD_destroy_response(response);
  return result;
}

/* DELETE /allocations/ID (B-24). Browsers ask before they send DELETE to
   another origin, and are told no; what they send has an Origin. */
static enum MHD_Result
end_allocation(struct MHD_Connection *connection, const char *number)
{
  uint64_t id;

  if (!status.control)
    return send_line(connection, MHD_HTTP_FORBIDDEN,
                     "status-control is not set");
  if (MHD_lookup_connection_value(connection, MHD_HEADER_KIND,
                                  MHD_HTTP_HEADER_ORIGIN)
      != NULL)
    return send_line(connection, MHD_HTTP_FORBIDDEN, "not for web pages");
  if (!number_read(number, &id))
    return send_line(connection, MHD_HTTP_NOT_FOUND,
                     "there are /allocations/ID, of status.json");
  return snapshot_kill(id)
             ? send_line(connection, MHD_HTTP_OK, "ended")
             : send_line(connection, MHD_HTTP_NOT_FOUND, "no such allocation");
}

static enum MHD_Result
send_health(struct MHD_Connection *connection, bool allocate_one)
{
  char text[HEALTH_TEXT], line[HEALTH_TEXT + 16];
  bool good = allocate_one ? health_check(text) : health_workers(text);

  snprintf(line, sizeof line, "%s: %s", good ? "ok" : "failed", text);
  return send_line(connection,
                   good ? MHD_HTTP_OK : MHD_HTTP_SERVICE_UNAVAILABLE, line);
}

/* A page of a stranger whose name leads to this machine must not read what is
   meant for it alone: a name other than localhost is not ours. */
static bool
is_our_host(struct MHD_Connection *connection)
{
  const char *host = MHD_lookup_connection_value(connection, MHD_HEADER_KIND,
                                                 MHD_HTTP_HEADER_HOST);
  struct saturn_address a;
  size_t len;

  if (host == NULL || !status.on_loopback)
    return true;
  len = strcspn(host, ":");
  return (len == 9 && strncasecmp(host, "localhost", 9) == 0)
         || saturn_address_parse(&a, text_of(host)) == SATURN_OK;
}

static enum MHD_Result
send_json(struct MHD_Connection *connection)
{
  const char *given =
      MHD_lookup_connection_value(connection, MHD_GET_ARGUMENT_KIND, "after");
  uint64_t after = 0;

  if (given != NULL && !number_read(given, &after))
    return send_line(connection, MHD_HTTP_BAD_REQUEST,
                     "after is the number of an allocation");
  return send_page(connection, PAGE_JSON, after);
}

static enum MHD_Result
route(struct MHD_Connection *connection, const char *path)
{
  if (strcmp(path, "/metrics") == 0)
    return send_page(connection, PAGE_METRICS, 0);
  if (strcmp(path, "/healthz") == 0)
    return send_health(connection, true);
  if (strcmp(path, "/livez") == 0)
    return send_health(connection, false);
  if (strcmp(path, "/status.json") == 0)
    return send_json(connection);
  if (strcmp(path, "/") == 0)
    return send_page(connection,
                     MHD_lookup_connection_value_n(connection,
                                                   MHD_GET_ARGUMENT_KIND,
                                                   "still", 5, NULL, NULL)
                             == MHD_YES
                         ? PAGE_STILL
                         : PAGE_HTML,
                     0);
  return send_line(connection, MHD_HTTP_NOT_FOUND,
                   "there are /, /status.json, /metrics, /healthz and /livez");
}

/* Called once a request's header is there; what has a body is not read. */
static enum MHD_Result
answer(void *context, struct MHD_Connection *connection, const char *path,
       const char *method, const char *version, const char *upload_data,
       size_t *upload_data_size, void **request_context)
{
  static const char allocations[] = "/allocations/";
  const bool *metrics_only = context;

  (void)version;
  (void)upload_data;
  (void)upload_data_size;
  (void)request_context;
  if (!*metrics_only && is_our_host(connection)
      && strcmp(method, MHD_HTTP_METHOD_DELETE) == 0
      && strncmp(path, allocations, sizeof allocations - 1) == 0)
    return end_allocation(connection, path + sizeof allocations - 1);
  if (strcmp(method, MHD_HTTP_METHOD_GET) != 0
      && strcmp(method, MHD_HTTP_METHOD_HEAD) != 0)
    return send_line(connection, MHD_HTTP_METHOD_NOT_ALLOWED,
                     "only GET and HEAD");
  if (*metrics_only && strcmp(path, "/metrics") != 0)
    return send_line(connection, MHD_HTTP_NOT_FOUND, "there is /metrics");
  if (!*metrics_only && !is_our_host(connection))
    return send_line(connection, MHD_HTTP_MISDIRECTED_REQUEST,
                     "ask for localhost, or an IP address");
  return route(connection, path);
}

/* A socket that listens; its port is written if it was 0. Negative: errno. */
static int
open_socket(struct saturn_address *address, bool dual)
{
  struct sockaddr_storage name;
  socklen_t size = address_to(address, &name);
  int on = 1, off = 0, error;
  int fd =
      socket(name.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

  if (fd < 0)
    return -errno;
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (name.ss_family == AF_INET6)
    setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, dual ? &off : &on, sizeof on);
  if (bind(fd, (struct sockaddr *)&name, size) != 0 || listen(fd, 64) != 0) {
    error = errno;
    close(fd);
    return -error;
  }
  size = sizeof name;
  getsockname(fd, (struct sockaddr *)&name, &size);
  *address = address_of((struct sockaddr *)&name);
  return fd;
}

static void
say_nothing(void *context, const char *format, va_list arguments)
{
  (void)context;
  (void)format;
  (void)arguments;
}

static struct MHD_Daemon *
start_daemon(int fd, const bool *metrics_only)
{
  return MHD_start_daemon(
      MHD_USE_AUTO_INTERNAL_THREAD | MHD_USE_ITC, 0, NULL, NULL, answer,
      (void *)(uintptr_t)metrics_only, MHD_OPTION_EXTERNAL_LOGGER, say_nothing,
      NULL, MHD_OPTION_LISTEN_SOCKET, fd, MHD_OPTION_CONNECTION_LIMIT,
      (unsigned)STATUS_CONNECTIONS, MHD_OPTION_THREAD_POOL_SIZE, 2u,
      MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)SILENCE_S,
      MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)REQUEST_MAX,
      MHD_OPTION_NOTIFY_CONNECTION, visits_note, NULL, MHD_OPTION_END);
}

static struct MHD_Daemon *
serve_http(struct saturn_address address, bool dual, const bool *metrics_only)
{
  const struct saturn_address any = { .family = SATURN_IPV4,
                                      .port = address.port };
  int fd = open_socket(&address, dual);
  char text[SATURN_ADDRESS_TEXT];
  const char *what = *metrics_only ? "metrics" : "status";
  struct MHD_Daemon *daemon;

  if (fd == -EAFNOSUPPORT && dual) {
    address = any;
    fd = open_socket(&address, false);
  }
  daemon = fd < 0 ? NULL : start_daemon(fd, metrics_only);
  address_text(&address, text);
  if (daemon == NULL)
    die(EXIT_CANNOT, "cannot serve %s on %s: %s", what, text,
        fd < 0 ? strerror(-fd) : "no more threads");
  log_event(LOG_INFO, "TURN-STATUS", "%s at http://%s%s", what, text,
            *metrics_only ? "/metrics" : "/");
  printf("%s http://%s%s\n", what, text, *metrics_only ? "/metrics" : "/");
  return daemon;
}

void
status_start(void)
{
  static const bool all = false, metrics_only = true;
  struct saturn_address address = settings.status_listen;

  if (address.family != SATURN_NO_FAMILY) {
    status.on_loopback = address_is_loopback(&address);
    status.control = settings.status_control;
    status.status = serve_http(address, false, &all);
  }
  if (!settings.prometheus)
    return;
  address = settings.prometheus_address;
  if (address.family == SATURN_NO_FAMILY)
    address.family = SATURN_IPV6; /* all, of both families */
  address.port = (uint16_t)settings.prometheus_port;
  status.metrics = serve_http(
      address, settings.prometheus_address.family == SATURN_NO_FAMILY,
      &metrics_only);
}

void
status_stop(void)
{
  if (status.status != NULL)
    MHD_stop_daemon(status.status);
  if (status.metrics != NULL)
    MHD_stop_daemon(status.metrics);
  for (int i = 0; i < PAGES; i++)
    if (status.pages[i].response != NULL)
      MHD_destroy_response(status.pages[i].response);
  snapshot_free(status.snapshot);
}
