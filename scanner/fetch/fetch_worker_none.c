/* A sensor sends no requests to CAs: it has no database of certificates. */
#include "scanner/fetch/fetch_worker.h"

int fetch_worker_main(int argc, char *const *argv)
{
    (void)argc;
    (void)argv;
    return 2;
}
