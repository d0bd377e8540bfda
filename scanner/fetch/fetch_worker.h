/* The worker that asks CAs over HTTP: no database, no file, only sockets to addresses that the scope allows. */
#pragma once

#define FETCH_WORKER_NAME "certsweep-fetch"

int fetch_worker_main(int argc, char *const *argv);
