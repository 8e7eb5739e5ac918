import KubeModel

/// Defaults of pods and of the pod templates of all workloads.
enum PodDefaults {
    /// For a `spec` of a pod or of a template.
    static func apply(toSpec spec: inout JSON) {
        spec.setDefault("dnsPolicy", "ClusterFirst")
        spec.setDefault("restartPolicy", "Always")
        spec.setDefault("schedulerName", "default-scheduler")
        spec.setDefault("securityContext", [:])
        spec.setDefault("terminationGracePeriodSeconds", 30)
        if let name = spec["serviceAccountName"] ?? spec["serviceAccount"] {
            spec["serviceAccountName"] = name
            spec["serviceAccount"] = name
        }
        let isOnHostNetwork = spec["hostNetwork"]?.bool ?? false
        for list in ["containers", "initContainers", "ephemeralContainers"] where spec[list] != nil {
            spec.editElements(of: list) { container in
                ContainerDefaults.apply(to: &container)
                guard isOnHostNetwork, list != "ephemeralContainers" else { return }
                container.editElements(of: "ports") { port in
                    if let number = port["containerPort"] { port.setDefault("hostPort", number) }
                }
            }
        }
        if spec["volumes"] != nil { spec.editElements(of: "volumes", VolumeDefaults.apply) }
    }

    /// For a template: its `spec`.
    static func apply(toTemplate template: inout JSON) {
        template.edit("spec", apply(toSpec:))
    }

    /// For a Pod itself, which has some defaults that templates do not have.
    static func apply(toPod pod: inout JSON) {
        pod.edit("spec", default: [:]) { spec in
            apply(toSpec: &spec)
            spec.setDefault("enableServiceLinks", true)
            for list in ["containers", "initContainers"] where spec[list] != nil {
                spec.editElements(of: list, ContainerDefaults.requestsFromLimits)
            }
        }
    }
}

enum ContainerDefaults {
    static func apply(to container: inout JSON) {
        let image = container["image"]?.string ?? ""
        container.setDefault("imagePullPolicy", .string(pullPolicy(of: image)))
        container.setDefault("terminationMessagePath", "/dev/termination-log")
        container.setDefault("terminationMessagePolicy", "File")
        if container["ports"] != nil {
            container.editElements(of: "ports") { $0.setDefault("protocol", "TCP") }
        }
        if container["env"] != nil {
            container.editElements(of: "env") { variable in
                variable.edit("valueFrom") { source in
                    source.edit("fieldRef") { $0.setDefault("apiVersion", "v1") }
                    source.edit("fileKeyRef") { $0.setDefault("optional", false) }
                }
            }
        }
        for probe in ["livenessProbe", "readinessProbe", "startupProbe"] {
            container.edit(probe, apply(toProbe:))
        }
        container.edit("lifecycle") { lifecycle in
            for hook in ["postStart", "preStop"] { lifecycle.edit(hook, apply(toHandler:)) }
        }
        container.edit("securityContext") { context in
            if context["procMount"] == "" { context["procMount"] = "Default" }
        }
    }

    /// `Always` for a moving tag or none, `IfNotPresent` for anything that is pinned.
    static func pullPolicy(of image: String) -> String {
        if image.utf8.contains(UInt8(ascii: "@")) { return "IfNotPresent" }
        let name =
            image.utf8.lastIndex(of: UInt8(ascii: "/")).map { image[image.utf8.index(after: $0)...] }
            ?? image[...]
        guard let colon = name.utf8.lastIndex(of: UInt8(ascii: ":")) else { return "Always" }
        let tag = name[name.utf8.index(after: colon)...]
        return tag == "latest" || tag.isEmpty ? "Always" : "IfNotPresent"
    }

    static func requestsFromLimits(_ container: inout JSON) {
        guard let limits = container.at("resources", "limits")?.object else { return }
        container.edit("resources") { resources in
            resources.edit("requests", default: [:]) { requests in
                for (name, limit) in limits { requests.setDefault(name, limit) }
            }
        }
    }

    private static func apply(toProbe probe: inout JSON) {
        probe.setDefault("timeoutSeconds", 1)
        probe.setDefault("periodSeconds", 10)
        probe.setDefault("successThreshold", 1)
        probe.setDefault("failureThreshold", 3)
        apply(toHandler: &probe)
        probe.edit("grpc") { $0.setDefault("service", "") }
    }

    private static func apply(toHandler handler: inout JSON) {
        handler.edit("httpGet") { get in
            get.setDefault("path", "/")
            get.setDefault("scheme", "HTTP")
        }
    }
}
