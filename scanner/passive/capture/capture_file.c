#include "scanner/passive/capture/capture_file.h"

#include "probes/base/memory.h"
#include "scanner/passive/capture/capture_format.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct capture_file *capture_file_open(int fd, const char *name, struct error *err)
{
    struct capture_input *input = capture_input_open(fd, name, err);
    if (input == NULL)
        return NULL;
    struct capture_file *file = xcalloc(1, sizeof *file);
    file->input = input;
    file->name = xstrdup(name);
    static const uint8_t section_header[4] = {0x0a, 0x0d, 0x0d, 0x0a};      /* the same in both byte orders */
    const uint8_t *magic = capture_input_peek(input, 4);
    bool ok = magic == NULL ? error_set(err, ERROR_INPUT, "%s: %s", name,
                                        capture_input_left(input) == 0 ? "the file is empty"
                                                                       : "too short for a capture file")
              : memcmp(magic, section_header, 4) == 0 ? pcapng_begin(file, err)
                                                      : pcap_begin(file, err);
    if (ok)
        return file;
    capture_file_close(file);
    return NULL;
}

void capture_file_close(struct capture_file *file)
{
    if (file == NULL)
        return;
    capture_input_close(file->input);
    free((char *)file->name);
    free(file->interfaces);
    free(file);
}

void capture_file_on_secrets(struct capture_file *file,
                             void (*on_secrets)(void *context, const char *text, size_t len), void *context)
{
    file->on_secrets = on_secrets;
    file->secrets_context = context;
}

bool capture_file_next(struct capture_file *file, struct packet *packet)
{
    if (file->consume_first != 0) {
        capture_input_consume(file->input, file->consume_first);
        file->consume_first = 0;
    }
    return file->note[0] == '\0' && file->next(file, packet);
}

const char *capture_file_note(const struct capture_file *file)
{
    return file->note[0] == '\0' ? NULL : file->note;
}
