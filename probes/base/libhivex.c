#include "probes/base/libhivex.h"

#include "probes/base/loaded_library.h"

#include <hivex.h>

static const struct loaded_library library = {LIBHIVEX_FILE, "hives of the Windows registry", ERROR_SYSTEM};

void libhivex_load(void)
{
    loaded_library_load(&library);
}

/* clang-format off */
FORWARD(int, hivex_close, (hive_h *h), (h))
FORWARD(hive_node_h *, hivex_node_children, (hive_h *h, hive_node_h node), (h, node))
FORWARD(char *, hivex_node_name, (hive_h *h, hive_node_h node), (h, node))
FORWARD(hive_value_h *, hivex_node_values, (hive_h *h, hive_node_h node), (h, node))
FORWARD(hive_h *, hivex_open, (const char *filename, int flags), (filename, flags))
FORWARD(hive_node_h, hivex_root, (hive_h *h), (h))
FORWARD(int, hivex_value_type, (hive_h *h, hive_value_h val, hive_type *t, size_t *len), (h, val, t, len))
FORWARD(char *, hivex_value_value, (hive_h *h, hive_value_h val, hive_type *t, size_t *len), (h, val, t, len))
/* clang-format on */
