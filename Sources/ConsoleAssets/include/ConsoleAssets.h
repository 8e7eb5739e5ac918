/// The files of the web console, compiled into the binary so that Varde stays one file.
#pragma once
#include <stddef.h>

typedef struct {
    const char *path;
    const unsigned char *bytes;
    size_t size;
} varde_console_asset;

extern const varde_console_asset varde_console_assets[];
extern const size_t varde_console_asset_count;

/// The first of `varde_console_asset_count` files; an array of unknown length has no name in Swift.
static inline const varde_console_asset *varde_console_assets_list(void) { return varde_console_assets; }
