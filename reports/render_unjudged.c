#include "reports/render.h"

#include "probes/base/counted.h"
#include "probes/base/memory.h"

#include <stdlib.h>

char *render_unjudged_reason(const struct render_end *end)
{
    if (end->before == NULL)
        return end->reason == NULL ? NULL : xstrdup(end->reason);
    return xasprintf("judged before %s. Next: certsweep reconcile%s%s", end->before, end->reason == NULL ? "" : "; ",
                     end->reason == NULL ? "" : end->reason);
}

char *render_unjudged_mark(const struct render_end *end)
{
    char *reason = render_unjudged_reason(end);
    if (end->unjudged == 0) {
        char *mark = reason == NULL ? NULL : xasprintf("# %s", reason);
        free(reason);
        return mark;
    }
    char *mark = xasprintf("# not judged: %s, since %s", COUNTED(end->unjudged, "certificate"), reason == NULL ? "" : reason);
    free(reason);
    return mark;
}
