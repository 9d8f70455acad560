/* SPDX-License-Identifier: MIT
 *
 * status_pages.h - a snapshot as HTML, as JSON, as metrics.
 */
#ifndef TURN_SERVER_STATUS_PAGES_H
#define TURN_SERVER_STATUS_PAGES_H

#include "snapshot.h"
#include "status_text.h"

/** Allocations on the page, and in one document of JSON. */
#define PAGE_ALLOCATIONS 200
#define JSON_ALLOCATIONS 5000

/** For people; STILL: it does not load itself again. */
void page_html(struct text *t, const struct snapshot *s, bool still);

/** Everything; of the allocations those numbered above AFTER. */
void page_json(struct text *t, const struct snapshot *s, uint64_t after);

/** For Prometheus. */
void page_metrics(struct text *t, const struct snapshot *s);

#endif
