import KubeModel

enum ServiceDefaults {
    static func service(_ object: inout JSON) {
        object.edit("spec", default: [:]) { spec in
            if spec.lacks("sessionAffinity") { spec["sessionAffinity"] = "None" }
            if spec["sessionAffinity"] == "None" { spec["sessionAffinityConfig"] = nil }
            if spec["sessionAffinity"] == "ClientIP" {
                spec.edit("sessionAffinityConfig", default: [:]) { config in
                    config.edit("clientIP", default: [:]) { $0.setDefault("timeoutSeconds", 10_800) }
                }
            }
            if spec.lacks("type") { spec["type"] = "ClusterIP" }
            spec.editElements(of: "ports") { port in
                port.setDefault("protocol", "TCP")
                if port["targetPort"] == nil || port["targetPort"] == 0 || port["targetPort"] == "" {
                    port["targetPort"] = port["port"] ?? 0
                }
            }
            let type = spec["type"]?.string ?? ""
            if type == "NodePort" || type == "LoadBalancer" || !spec.elements(of: "externalIPs").isEmpty,
                spec.lacks("externalTrafficPolicy")
            {
                spec["externalTrafficPolicy"] = "Cluster"
            }
            if ["ClusterIP", "NodePort", "LoadBalancer"].contains(type) {
                spec.setDefault("internalTrafficPolicy", "Cluster")
            }
            if type == "LoadBalancer" { spec.setDefault("allocateLoadBalancerNodePorts", true) }
        }
    }

    static func endpoints(_ object: inout JSON) {
        object.editElements(of: "subsets") { subset in
            subset.editElements(of: "ports") { $0.setDefault("protocol", "TCP") }
        }
    }

    static func endpointSlice(_ object: inout JSON) {
        object.editElements(of: "ports") { port in
            port.setDefault("name", "")
            port.setDefault("protocol", "TCP")
        }
    }

    static func networkPolicy(_ object: inout JSON) {
        object.edit("spec", default: [:]) { spec in
            if spec.elements(of: "policyTypes").isEmpty {
                spec["policyTypes"] =
                    spec.elements(of: "egress").isEmpty ? ["Ingress"] : ["Ingress", "Egress"]
            }
            for direction in ["ingress", "egress"] {
                spec.editElements(of: direction) { rule in
                    rule.editElements(of: "ports") { $0.setDefault("protocol", "TCP") }
                }
            }
        }
    }
}
