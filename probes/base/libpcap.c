/* libpcap, loaded on first use (loaded_library.h): it brings D-Bus and systemd's libraries. */
#include "probes/base/loaded_library.h"

#include <pcap/pcap.h>

static const struct loaded_library library = {LIBPCAP_FILE, "packets of interfaces", ERROR_SYSTEM};

/* clang-format off */
FORWARD(int, pcap_activate, (pcap_t *a), (a))
FORWARD_VOID(pcap_close, (pcap_t *a), (a))
FORWARD(int, pcap_compile, (pcap_t *a, struct bpf_program *b, const char *c, int d, bpf_u_int32 e), (a, b, c, d, e))
FORWARD(pcap_t *, pcap_create, (const char *a, char *b), (a, b))
FORWARD(int, pcap_datalink, (pcap_t *a), (a))
FORWARD(int, pcap_dispatch, (pcap_t *a, int b, pcap_handler c, u_char *d), (a, b, c, d))
FORWARD_VOID(pcap_freecode, (struct bpf_program *a), (a))
FORWARD(int, pcap_get_selectable_fd, (pcap_t *a), (a))
FORWARD(char *, pcap_geterr, (pcap_t *a), (a))
FORWARD(int, pcap_set_buffer_size, (pcap_t *a, int b), (a, b))
FORWARD(int, pcap_set_promisc, (pcap_t *a, int b), (a, b))
FORWARD(int, pcap_set_snaplen, (pcap_t *a, int b), (a, b))
FORWARD(int, pcap_set_timeout, (pcap_t *a, int b), (a, b))
FORWARD(int, pcap_setdirection, (pcap_t *a, pcap_direction_t b), (a, b))
FORWARD(int, pcap_setfilter, (pcap_t *a, struct bpf_program *b), (a, b))
FORWARD(int, pcap_setnonblock, (pcap_t *a, int b, char *c), (a, b, c))
FORWARD(int, pcap_stats, (pcap_t *a, struct pcap_stat *b), (a, b))
FORWARD(const char *, pcap_statustostr, (int a), (a))
/* clang-format on */
