/* The answers of a survey so far: names and details are copied. A refusal counts only once the endpoint has
 * answered again: until then it is unproven. */
#pragma once
#include "probes/tls/strategy.h"

struct survey_items;

struct survey_items *survey_items_create(void);
void survey_items_destroy(struct survey_items *items);

/* Sets an item, or replaces its value. Texts are cut where they are too long: item 80 bytes, value 24, detail 128. */
void survey_items_set(struct survey_items *items, const char *item, const char *value, const char *detail);
void survey_items_refuse(struct survey_items *items, const char *item, const char *detail);     /* unproven yet */
const char *survey_items_value(const struct survey_items *items, const char *item);             /* NULL: not there */

void survey_items_alive(struct survey_items *items);            /* proves the refusals so far */
bool survey_items_unproven(const struct survey_items *items);
void survey_items_stopped(struct survey_items *items);          /* unproven refusals become untested */

size_t survey_items_list(struct survey_items *items, const struct tls_posture_item **list);     /* borrowed */
