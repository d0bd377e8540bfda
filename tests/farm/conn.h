/* One accepted connection of the farm, from its first byte to its end. It owns itself. */
#pragma once
#include "tests/farm/face.h"

#include <event2/event.h>

void conn_accept(struct event_base *base, const struct face *face, evutil_socket_t fd);
