/* Any bytes as results of another tool. */
#include "inventory/results/results_parts.h"

static void on_fault(void *context, const char *file, size_t line, const char *text)
{
    (void)file;
    (void)line;
    *(size_t *)context += text[0] != '\0';
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    size_t faults = 0, tool = size == 0 ? 0 : data[0] % 7;
    struct results_request request = {.tool = results_tools[tool], .site = "default", .fault = on_fault, .context = &faults};
    struct results_account account = {0};
    struct error err = {0};
    struct results results = {.request = &request, .account = &account, .file = "fuzz", .err = &err};
    if (size == 0)
        return 0;
    struct byte_reader text = byte_reader_of(data + 1, size - 1);
    if (tool == 2)
        results_read_nmap(&results, text);
    else if (tool == 3)
        results_read_zeek(&results, text);
    else
        results_read_json(&results, text);
    if (results.zeek != NULL)
        zeek_finish(&results);
    return 0;
}
