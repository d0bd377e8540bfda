/* Capture files: pcap (microseconds and nanoseconds, both byte orders) and pcapng (several interfaces of different link types,
 * decryption secrets), plain or packed (gzip, zstd, xz, bzip2, lz4), also from standard input. A file that is cut or damaged is
 * read as far as possible, and the fault is reported.  capture_input (bytes) --> pcap.c or pcapng.c (packets) --> here */
#pragma once
#include "probes/base/error.h"
#include "scanner/passive/capture/packet.h"

#include <stdbool.h>

struct capture_file;

/* Takes fd, also when it fails. ERROR_INPUT where this is no capture file. */
struct capture_file *capture_file_open(int fd, const char *name, struct error *err);
void capture_file_close(struct capture_file *file);

/* Called with the key log lines in the file (pcapng's Decryption Secrets Block), before the packets that follow them. */
void capture_file_on_secrets(struct capture_file *file,
                             void (*on_secrets)(void *context, const char *text, size_t len), void *context);

bool capture_file_next(struct capture_file *file, struct packet *packet);      /* false: no more */

/* After the last packet: why reading stopped before the end of the file, with the offset; NULL if it did not. */
const char *capture_file_note(const struct capture_file *file);
