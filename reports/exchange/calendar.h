/* An owner's days as an iCalendar file (RFC 5545): one event for each certificate or server, on its earliest day. */
#pragma once
#include "probes/base/error.h"

#include <stdio.h>

struct db;
struct db_result;

/* The events of calendar_event for this owner and site ("" all), including cancelled ones for as long as a calendar may still hold them. */
struct db_result *calendar_events(struct db *db, const char *owner, const char *site, struct error *err);
void calendar_write(const struct db_result *events, FILE *out);
