#include "KubernetesData.h"

#pragma clang diagnostic ignored "-Wc23-extensions"

const unsigned char varde_kubernetes_schemas[] = {
#embed "files/schemas.json"
};
const size_t varde_kubernetes_schemas_size = sizeof varde_kubernetes_schemas;

const unsigned char varde_kubernetes_discovery_api[] = {
#embed "files/discovery-api.json"
};
const size_t varde_kubernetes_discovery_api_size = sizeof varde_kubernetes_discovery_api;

const unsigned char varde_kubernetes_discovery_apis[] = {
#embed "files/discovery-apis.json"
};
const size_t varde_kubernetes_discovery_apis_size = sizeof varde_kubernetes_discovery_apis;

const unsigned char varde_kubernetes_printer_columns[] = {
#embed "files/printer-columns.json"
};
const size_t varde_kubernetes_printer_columns_size = sizeof varde_kubernetes_printer_columns;
