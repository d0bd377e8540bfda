/* libarchive, loaded on first use (loaded_library.h): its functions are declared in its own headers. */
#pragma once

void libarchive_load(void);     /* for a worker, before it confines itself */
