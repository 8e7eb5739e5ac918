import KubeModel

/// What is accepted but odd, in pods: texts for `Warning` headers.
enum PodWarnings {
    private static let labelReplacements = [
        "beta.kubernetes.io/arch": ("v1.14", "kubernetes.io/arch"),
        "beta.kubernetes.io/os": ("v1.14", "kubernetes.io/os"),
        "failure-domain.beta.kubernetes.io/region": ("v1.17", "topology.kubernetes.io/region"),
        "failure-domain.beta.kubernetes.io/zone": ("v1.17", "topology.kubernetes.io/zone"),
        "beta.kubernetes.io/instance-type": ("v1.17", "node.kubernetes.io/instance-type"),
    ]

    static func pod(_ object: KubeObject) -> [String] {
        warnings(metadata: object.metadata, spec: object["spec"] ?? [:], prefix: "")
    }

    static func template(_ object: KubeObject) -> [String] {
        let template = object.at("spec", "template") ?? [:]
        return warnings(
            metadata: template["metadata"] ?? [:],
            spec: template["spec"] ?? [:],
            prefix: "spec.template."
        )
    }

    static func cronJob(_ object: KubeObject) -> [String] {
        let template = object.at("spec", "jobTemplate", "spec", "template") ?? [:]
        return warnings(
            metadata: template["metadata"] ?? [:],
            spec: template["spec"] ?? [:],
            prefix: "spec.jobTemplate.spec.template."
        )
    }

    private static func warnings(metadata: JSON, spec: JSON, prefix: String) -> [String] {
        var warnings: [String] = []
        for (key, _) in metadata["annotations"]?.object ?? [:] {
            let place = "\(prefix)metadata.annotations[\(key)]"
            if key.hasPrefix("container.apparmor.security.beta.kubernetes.io/") {
                warnings.append("\(place): deprecated since v1.30; use the \"appArmorProfile\" field instead")
            }
            if key.hasPrefix("container.seccomp.security.alpha.kubernetes.io/")
                || key == "seccomp.security.alpha.kubernetes.io/pod"
            {
                warnings.append(
                    "\(place): non-functional in v1.27+; use the \"seccompProfile\" field instead"
                )
            }
        }
        for (key, _) in spec["nodeSelector"]?.object ?? [:] {
            guard let (version, replacement) = labelReplacements[key] else { continue }
            warnings.append(
                "\(prefix)spec.nodeSelector[\(key)]: deprecated since \(version); use \"\(replacement)\" instead"
            )
        }
        for list in ["initContainers", "containers"] {
            for (index, container) in spec.elements(of: list).enumerated() {
                var names: Set<String> = []
                for (number, variable) in container.elements(of: "env").enumerated() {
                    let name = variable["name"]?.string ?? ""
                    guard !names.insert(name).inserted else { continue }
                    warnings.append(
                        "\(prefix)spec.\(list)[\(index)].env[\(number)]: hides previous definition of \"\(name)\", "
                            + "which may be dropped when using apply"
                    )
                }
            }
        }
        return warnings
    }
}
