/* A page of ours as PDF: by Chromium where it is installed, else by WeasyPrint. Neither is needed for anything
 * else, and neither may use the network: our pages load nothing, and Chromium runs without a network. */
#pragma once
#include "probes/base/error.h"

#include <stdbool.h>
#include <stdio.h>

struct pdf;

/* Where the HTML is to be written; NULL with an error if no program makes PDF here. */
struct pdf *pdf_begin(struct error *err);
FILE *pdf_html(struct pdf *pdf);

/* Makes the PDF and writes it to `out`, unless `whole` is false; destroys pdf. */
bool pdf_end(struct pdf *pdf, bool whole, FILE *out, struct error *err);
