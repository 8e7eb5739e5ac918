#include "KubernetesData.h"

#pragma clang diagnostic ignored "-Wc23-extensions"

static const unsigned char schemas[] = {
#embed "files/schemas.json"
};
const unsigned char *const varde_kubernetes_schemas = schemas;
const size_t varde_kubernetes_schemas_size = sizeof schemas;

static const unsigned char discovery_api[] = {
#embed "files/discovery-api.json"
};
const unsigned char *const varde_kubernetes_discovery_api = discovery_api;
const size_t varde_kubernetes_discovery_api_size = sizeof discovery_api;

static const unsigned char discovery_apis[] = {
#embed "files/discovery-apis.json"
};
const unsigned char *const varde_kubernetes_discovery_apis = discovery_apis;
const size_t varde_kubernetes_discovery_apis_size = sizeof discovery_apis;

static const unsigned char printer_columns[] = {
#embed "files/printer-columns.json"
};
const unsigned char *const varde_kubernetes_printer_columns = printer_columns;
const size_t varde_kubernetes_printer_columns_size = sizeof printer_columns;

static const unsigned char protobuf[] = {
#embed "files/protobuf.json"
};
const unsigned char *const varde_kubernetes_protobuf = protobuf;
const size_t varde_kubernetes_protobuf_size = sizeof protobuf;
