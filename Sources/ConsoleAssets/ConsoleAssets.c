#include "ConsoleAssets.h"

#pragma clang diagnostic ignored "-Wc23-extensions"

static const unsigned char index_html[] = {
#embed "files/index.html"
};

const varde_console_asset varde_console_assets[] = {
    {"index.html", index_html, sizeof index_html},
};
const size_t varde_console_asset_count = sizeof varde_console_assets / sizeof varde_console_assets[0];
