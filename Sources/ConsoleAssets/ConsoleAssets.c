#include "ConsoleAssets.h"

#pragma clang diagnostic ignored "-Wc23-extensions"

// A line here and one in the table below for each file; the test of the files fails on one that is missing.
static const unsigned char css_application_css[] = {
#embed "files/css/application.css"
};
static const unsigned char css_base_css[] = {
#embed "files/css/base.css"
};
static const unsigned char css_closer_css[] = {
#embed "files/css/closer.css"
};
static const unsigned char css_fleet_css[] = {
#embed "files/css/fleet.css"
};
static const unsigned char css_parts_css[] = {
#embed "files/css/parts.css"
};
static const unsigned char css_sign_in_css[] = {
#embed "files/css/sign-in.css"
};
static const unsigned char css_tokens_css[] = {
#embed "files/css/tokens.css"
};
static const unsigned char icon_svg[] = {
#embed "files/icon.svg"
};
static const unsigned char index_html[] = {
#embed "files/index.html"
};
static const unsigned char js_api_js[] = {
#embed "files/js/api.js"
};
static const unsigned char js_application_actions_js[] = {
#embed "files/js/application/actions.js"
};
static const unsigned char js_application_details_js[] = {
#embed "files/js/application/details.js"
};
static const unsigned char js_application_drawer_js[] = {
#embed "files/js/application/drawer.js"
};
static const unsigned char js_application_logs_js[] = {
#embed "files/js/application/logs.js"
};
static const unsigned char js_application_objects_js[] = {
#embed "files/js/application/objects.js"
};
static const unsigned char js_application_sync_js[] = {
#embed "files/js/application/sync.js"
};
static const unsigned char js_application_timeline_js[] = {
#embed "files/js/application/timeline.js"
};
static const unsigned char js_application_tree_js[] = {
#embed "files/js/application/tree.js"
};
static const unsigned char js_confirm_js[] = {
#embed "files/js/confirm.js"
};
static const unsigned char js_dom_js[] = {
#embed "files/js/dom.js"
};
static const unsigned char js_format_js[] = {
#embed "files/js/format.js"
};
static const unsigned char js_icons_js[] = {
#embed "files/js/icons.js"
};
static const unsigned char js_keys_js[] = {
#embed "files/js/keys.js"
};
static const unsigned char js_live_js[] = {
#embed "files/js/live.js"
};
static const unsigned char js_main_js[] = {
#embed "files/js/main.js"
};
static const unsigned char js_messages_js[] = {
#embed "files/js/messages.js"
};
static const unsigned char js_palette_js[] = {
#embed "files/js/palette.js"
};
static const unsigned char js_parts_js[] = {
#embed "files/js/parts.js"
};
static const unsigned char js_remote_js[] = {
#embed "files/js/remote.js"
};
static const unsigned char js_router_js[] = {
#embed "files/js/router.js"
};
static const unsigned char js_sign_in_js[] = {
#embed "files/js/sign-in.js"
};
static const unsigned char js_states_js[] = {
#embed "files/js/states.js"
};
static const unsigned char js_store_js[] = {
#embed "files/js/store.js"
};
static const unsigned char js_strings_js[] = {
#embed "files/js/strings.js"
};
static const unsigned char js_theme_js[] = {
#embed "files/js/theme.js"
};
static const unsigned char js_views_application_js[] = {
#embed "files/js/views/application.js"
};
static const unsigned char js_views_applications_js[] = {
#embed "files/js/views/applications.js"
};
static const unsigned char js_views_clusters_js[] = {
#embed "files/js/views/clusters.js"
};
static const unsigned char js_views_commit_js[] = {
#embed "files/js/views/commit.js"
};
static const unsigned char js_views_fleet_js[] = {
#embed "files/js/views/fleet.js"
};
static const unsigned char js_views_plan_js[] = {
#embed "files/js/views/plan.js"
};
static const unsigned char js_views_tenants_js[] = {
#embed "files/js/views/tenants.js"
};
static const unsigned char js_windowed_js[] = {
#embed "files/js/windowed.js"
};
static const unsigned char js_words_counted_js[] = {
#embed "files/js/words/counted.js"
};
static const unsigned char js_words_en_js[] = {
#embed "files/js/words/en.js"
};
static const unsigned char js_words_nb_js[] = {
#embed "files/js/words/nb.js"
};
static const unsigned char js_yaml_js[] = {
#embed "files/js/yaml.js"
};
static const unsigned char sign_in_html[] = {
#embed "files/sign-in.html"
};

#define ASSET(path, bytes) {path, bytes, sizeof bytes}

const varde_console_asset varde_console_assets[] = {
    ASSET("css/application.css", css_application_css),
    ASSET("css/base.css", css_base_css),
    ASSET("css/closer.css", css_closer_css),
    ASSET("css/fleet.css", css_fleet_css),
    ASSET("css/parts.css", css_parts_css),
    ASSET("css/sign-in.css", css_sign_in_css),
    ASSET("css/tokens.css", css_tokens_css),
    ASSET("icon.svg", icon_svg),
    ASSET("index.html", index_html),
    ASSET("js/api.js", js_api_js),
    ASSET("js/application/actions.js", js_application_actions_js),
    ASSET("js/application/details.js", js_application_details_js),
    ASSET("js/application/drawer.js", js_application_drawer_js),
    ASSET("js/application/logs.js", js_application_logs_js),
    ASSET("js/application/objects.js", js_application_objects_js),
    ASSET("js/application/sync.js", js_application_sync_js),
    ASSET("js/application/timeline.js", js_application_timeline_js),
    ASSET("js/application/tree.js", js_application_tree_js),
    ASSET("js/confirm.js", js_confirm_js),
    ASSET("js/dom.js", js_dom_js),
    ASSET("js/format.js", js_format_js),
    ASSET("js/icons.js", js_icons_js),
    ASSET("js/keys.js", js_keys_js),
    ASSET("js/live.js", js_live_js),
    ASSET("js/main.js", js_main_js),
    ASSET("js/messages.js", js_messages_js),
    ASSET("js/palette.js", js_palette_js),
    ASSET("js/parts.js", js_parts_js),
    ASSET("js/remote.js", js_remote_js),
    ASSET("js/router.js", js_router_js),
    ASSET("js/sign-in.js", js_sign_in_js),
    ASSET("js/states.js", js_states_js),
    ASSET("js/store.js", js_store_js),
    ASSET("js/strings.js", js_strings_js),
    ASSET("js/theme.js", js_theme_js),
    ASSET("js/views/application.js", js_views_application_js),
    ASSET("js/views/applications.js", js_views_applications_js),
    ASSET("js/views/clusters.js", js_views_clusters_js),
    ASSET("js/views/commit.js", js_views_commit_js),
    ASSET("js/views/fleet.js", js_views_fleet_js),
    ASSET("js/views/plan.js", js_views_plan_js),
    ASSET("js/views/tenants.js", js_views_tenants_js),
    ASSET("js/windowed.js", js_windowed_js),
    ASSET("js/words/counted.js", js_words_counted_js),
    ASSET("js/words/en.js", js_words_en_js),
    ASSET("js/words/nb.js", js_words_nb_js),
    ASSET("js/yaml.js", js_yaml_js),
    ASSET("sign-in.html", sign_in_html),
};
const size_t varde_console_asset_count = sizeof varde_console_assets / sizeof varde_console_assets[0];
