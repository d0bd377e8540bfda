/* The numbers of link types, as capture files have them. */
#include "scanner/passive/layers/layer_functions.h"

static const struct {                           /* https://www.tcpdump.org/linktypes.html */
    uint32_t link_type;
    enum layer layer;
} links[] = {
    {1, LAYER_ETHERNET},   {101, LAYER_RAW_IP},  {12, LAYER_RAW_IP},  {14, LAYER_RAW_IP},    {228, LAYER_RAW_IP},
    {229, LAYER_RAW_IP},   {113, LAYER_SLL},     {276, LAYER_SLL2},   {0, LAYER_NULL},       {108, LAYER_NULL},
    {9, LAYER_PPP},        {50, LAYER_PPP_HDLC}, {51, LAYER_PPPOE},   {204, LAYER_PPP},      {219, LAYER_MPLS},
    {166, LAYER_PPP},      {104, LAYER_C_HDLC},  {105, LAYER_WIFI},   {127, LAYER_RADIOTAP}, {192, LAYER_PPI},
    {239, LAYER_NFLOG},    {258, LAYER_PKTAP},   {119, LAYER_PRISM},  {163, LAYER_AVS},      {107, LAYER_FRAME_RELAY},
    {100, LAYER_RFC_1483}, {242, LAYER_IPOIB},   {117, LAYER_PFLOG},  {109, LAYER_ENC},      {281, LAYER_DSA},
    {282, LAYER_DSA_BRCM_PREPEND}, {283, LAYER_DSA}, {284, LAYER_EDSA},
};

enum layer layer_link(struct layer_cursor *cursor)
{
    /* PPP with a direction byte: before the frame, or in place of its address byte (the control byte follows). */
    size_t direction = cursor->link_type == 204 ? 1 : cursor->link_type == 166 ? 2 : 0;
    if (!byte_reader_skip(&cursor->bytes, direction))
        return LAYER_CUT;
    for (size_t i = 0; i < sizeof links / sizeof links[0]; i++)
        if (links[i].link_type == cursor->link_type)
            return links[i].layer;
    return layer_not_known(cursor, LAYER_UNKNOWN_LINK_TYPE, cursor->link_type);
}
