/* A sensor asks no CA: it has no database that could know of any. */
#include "scanner/fetch/fetch_worker.h"

int fetch_worker_main(int argc, char *const *argv)
{
    (void)argc;
    (void)argv;
    return 2;
}
