/* libhivex, loaded on first use (loaded_library.h): its functions are declared in its own header. */
#pragma once

void libhivex_load(void);       /* for a worker, before it confines itself */
