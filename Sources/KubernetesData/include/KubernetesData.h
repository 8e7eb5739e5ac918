/// Machine-readable facts of the Kubernetes 1.36 API, compiled into the binary so that Varde stays one file.
#pragma once
#include <stddef.h>

// Pointers, for an array of unknown length has no name in Swift.
extern const unsigned char *_Nonnull const varde_kubernetes_schemas;
extern const size_t varde_kubernetes_schemas_size;
extern const unsigned char *_Nonnull const varde_kubernetes_discovery_api;
extern const size_t varde_kubernetes_discovery_api_size;
extern const unsigned char *_Nonnull const varde_kubernetes_discovery_apis;
extern const size_t varde_kubernetes_discovery_apis_size;
extern const unsigned char *_Nonnull const varde_kubernetes_printer_columns;
extern const size_t varde_kubernetes_printer_columns_size;
/// Field numbers of the API's messages: type name → `number name type flags` for each field.
extern const unsigned char *_Nonnull const varde_kubernetes_protobuf;
extern const size_t varde_kubernetes_protobuf_size;
