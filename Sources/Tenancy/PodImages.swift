package import KubeModel

/// Finds the container images in a workload's manifest.
package enum PodImages {
    package struct Image: Sendable, Hashable {
        package var name: String
        /// For example `spec.template.spec.containers[0].image`.
        package var field: String
    }

    /// Where the built-in workloads keep their pod's specification.
    private static let places = [
        ["spec"], ["spec", "template", "spec"], ["spec", "jobTemplate", "spec", "template", "spec"],
    ]

    package static func images(of object: KubeObject) -> [Image] {
        places.flatMap { place -> [Image] in
            guard let spec = object.json.at(place) else { return [] }
            return ["initContainers", "containers"].flatMap { list in
                (spec[list]?.array ?? []).enumerated().compactMap { index, container in
                    container["image"]?.string.map {
                        Image(name: $0, field: place.joined(separator: ".") + ".\(list)[\(index)].image")
                    }
                }
            }
        }
    }
}
